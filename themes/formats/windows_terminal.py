"""Windows Terminal: https://learn.microsoft.com/windows/terminal/customize-settings/color-schemes. Pure."""

import json

from themes.derive import ANSI, Palette, derive
from themes.errors import ThemeError
from themes.formats.mapping import Mapped
from themes.validation import Document

PALETTE = tuple(name.replace("magenta", "purple").replace("Magenta", "Purple") for name in ANSI)
_KEYS = ("name", "cursorColor", "selectionBackground", "background", "foreground", *PALETTE)


def recognises(file: Mapped) -> bool:
    """Whether this is a scheme, or settings with schemes in them."""
    return "schemes" in file.values or any(key in file.values for key in _KEYS if key != "name")


def read(file: Mapped, given: str | None) -> Document:
    """The theme of the one scheme. Raises ``ThemeError`` naming the place."""
    scheme = _only_scheme(file) if "schemes" in file.values else file
    scheme.only(_KEYS)
    palette = Palette(
        foreground=scheme.colour("foreground"),
        background=scheme.colour("background"),
        ansi=tuple(scheme.colour(key) for key in PALETTE),
        cursor=scheme.optional("cursorColor"),
        selection=scheme.optional("selectionBackground"),
    )
    return derive(scheme.name("name", given), palette)


def write(theme: Document) -> str:
    """The theme as a scheme of its own."""
    colours = theme.colours
    scheme = {
        "name": theme.name,
        "cursorColor": colours["cursor"],
        "selectionBackground": colours["selectionBackground"],
        "background": colours["background"],
        "foreground": colours["foreground"],
        **{key: colours[token] for key, token in zip(PALETTE, ANSI, strict=True)},
    }
    return json.dumps(scheme, indent=4, ensure_ascii=False) + "\n"


def _only_scheme(file: Mapped) -> Mapped:
    schemes = file.values["schemes"]
    if not isinstance(schemes, list) or len(schemes) != 1 or not isinstance(schemes[0], dict):
        raise ThemeError(
            "file_unreadable",
            "These settings must have exactly one scheme in them. Keep the one that you want.",
            param="schemes",
        )
    return Mapped(schemes[0], file.lines, "schemes.0.")
