"""Reads and writes Windows Terminal schemes, alone, in a list, in a fragment or in ``settings.json``. Pure.

Format: https://learn.microsoft.com/windows/terminal/customize-settings/color-schemes.
"""

import json

from themes.color.palette_import import ANSI
from themes.errors import ThemeError
from themes.formats.parsed import ParsedMapping
from themes.formats.slots import fold, has_palette, read_theme, table
from themes.schema import ThemeData

PALETTE = tuple(name.replace("magenta", "purple").replace("Magenta", "Purple") for name in ANSI)
_TABLE = table(
    (f"{key} {token}" for key, token in zip(PALETTE, ANSI, strict=True)),
    foreground="foreground",
    background="background",
    cursor="cursorColor cursor",
    selectionBackground="selectionBackground selection",
)
_NAME = ("name", "Name", "NAME")
_SETTINGS = ("profiles", "defaultProfile", "schemes")
_OWN_KEYS = frozenset(("name", "purple", "cursorcolor"))


def matches(file: ParsedMapping) -> bool:
    """Return whether the file is a scheme, or settings that contain schemes."""
    if file.syntax != "json" or ("colors" in file.values and "schemes" not in file.values):
        return False
    keys = {fold(key) for key in file.values}
    is_xterm_js = "cursoraccent" in keys or ("magenta" in keys and not keys & _OWN_KEYS)
    return any(key in file.values for key in _SETTINGS) or (has_palette(file, _TABLE, 1) and not is_xterm_js)


def schemes(file: ParsedMapping) -> list[ParsedMapping]:
    """Return the file's schemes. Raises ``ThemeError`` ``file_unreadable`` if settings contain none."""
    if not any(key in file.values for key in _SETTINGS):
        return [file]
    held = file.values.get("schemes")
    found = file.children("schemes")
    if isinstance(held, dict):
        all_of_them = file.child("schemes")
        found = [all_of_them] if has_palette(all_of_them, _TABLE) else all_of_them.children_by_key()
    if not found:
        raise ThemeError(
            "file_unreadable",
            'These settings contain no color scheme in "schemes". The schemes that come with the program are not in '
            "its settings.",
            param="schemes",
        )
    return found


def read(scheme: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme of a scheme. Raises ``ThemeError`` with the invalid key in ``param``."""
    return read_theme(scheme, _TABLE, given, about=_NAME, bright_is_optional=False)


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
