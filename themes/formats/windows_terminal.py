"""Reads and writes Windows Terminal schemes. Pure.

Format: https://learn.microsoft.com/windows/terminal/customize-settings/color-schemes.
"""

import json

from themes.color.palette_import import ANSI, Palette, theme_from_palette
from themes.errors import ThemeError
from themes.formats.parsed import ParsedMapping
from themes.schema import ThemeData

PALETTE = tuple(name.replace("magenta", "purple").replace("Magenta", "Purple") for name in ANSI)
_KEYS = ("name", "cursorColor", "selectionBackground", "background", "foreground", *PALETTE)


def matches(file: ParsedMapping) -> bool:
    """Return whether the file is a scheme, or settings that contain schemes."""
    return "schemes" in file.values or any(key in file.values for key in _KEYS if key != "name")


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme of the file's only scheme. Raises ``ThemeError`` with the invalid key in ``param``."""
    scheme = _only_scheme(file) if "schemes" in file.values else file
    scheme.require_keys(_KEYS)
    palette = Palette(
        foreground=scheme.color("foreground"),
        background=scheme.color("background"),
        ansi=tuple(scheme.color(key) for key in PALETTE),
        cursor=scheme.optional("cursorColor"),
        selection=scheme.optional("selectionBackground"),
    )
    return theme_from_palette(scheme.name("name", given), palette)


def write(theme: ThemeData) -> str:
    """Return the text of a scheme."""
    colors = theme.colors
    scheme = {
        "name": theme.name,
        "cursorColor": colors["cursor"],
        "selectionBackground": colors["selectionBackground"],
        "background": colors["background"],
        "foreground": colors["foreground"],
        **{key: colors[token] for key, token in zip(PALETTE, ANSI, strict=True)},
    }
    return json.dumps(scheme, indent=4, ensure_ascii=False) + "\n"


def _only_scheme(file: ParsedMapping) -> ParsedMapping:
    schemes = file.values["schemes"]
    if not isinstance(schemes, list) or len(schemes) != 1 or not isinstance(schemes[0], dict):
        raise ThemeError(
            "file_unreadable",
            "The settings must contain exactly one scheme. Remove the others.",
            param="schemes",
        )
    return ParsedMapping(schemes[0], file.lines, "schemes.0.")
