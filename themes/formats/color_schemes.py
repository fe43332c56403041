"""The YAML of iTerm2-Color-Schemes: https://github.com/mbadolato/iTerm2-Color-Schemes. Read only. Pure."""

from themes.derive import Palette, derive
from themes.formats.mapping import Mapped, variant
from themes.validation import Document

_PALETTE = tuple(f"color_{number:02}" for number in range(1, 17))
_KEYS = (
    "name",
    "author",
    "variant",
    *_PALETTE,
    "background",
    "foreground",
    "cursor",
    "cursor_text",
    "selection",
    "selection_text",
)


def recognises(file: Mapped) -> bool:
    """Whether it has any of the sixteen colours under its name."""
    return any(key in file.values for key in _PALETTE)


def read(file: Mapped, given: str | None) -> Document:
    """The theme. Raises ``ThemeError`` naming the place."""
    file.only(_KEYS)
    palette = Palette(
        foreground=file.colour("foreground"),
        background=file.colour("background"),
        ansi=tuple(file.colour(key) for key in _PALETTE),
        cursor=file.optional("cursor"),
        cursor_text=file.optional("cursor_text"),
        selection=file.optional("selection"),
        selection_text=file.optional("selection_text"),
    )
    return derive(file.name("name", given), palette, scheme=variant(file))
