"""Reads the YAML of iTerm2-Color-Schemes (https://github.com/mbadolato/iTerm2-Color-Schemes). Pure."""

from themes.color.palette_import import Palette, theme_from_palette
from themes.formats.parsed import ParsedMapping, variant
from themes.schema import ThemeData

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


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has a key of one of the 16 colors."""
    return any(key in file.values for key in _PALETTE)


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    file.require_keys(_KEYS)
    palette = Palette(
        foreground=file.color("foreground"),
        background=file.color("background"),
        ansi=tuple(file.color(key) for key in _PALETTE),
        cursor=file.optional("cursor"),
        cursor_text=file.optional("cursor_text"),
        selection=file.optional("selection"),
        selection_text=file.optional("selection_text"),
    )
    return theme_from_palette(file.name("name", given), palette, scheme=variant(file))
