"""Reads and writes xterm.js's themes (``ITheme``) in JSON or JavaScript. Pure.

Format: https://xtermjs.org/docs/api/terminal/interfaces/itheme/.
"""

import json

from themes.color.palette_import import ANSI
from themes.formats.parsed import ITEMS, ParsedMapping
from themes.formats.slots import has_palette, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    (f"{token} {token.replace('magenta', 'purple').replace('Magenta', 'Purple')}" for token in ANSI),
    foreground="foreground",
    background="background",
    cursor="cursor cursorColor",
    cursorAccent="cursorAccent",
    selectionBackground="selectionBackground selection",
    selectionForeground="selectionForeground",
)
_LEAST = 4
_EXTRA = ("theme", "terminal")


def matches(file: ParsedMapping) -> bool:
    """Return whether the file is a theme, options with one, or a script with one."""
    return file.syntax in ("json", "javascript", "yaml") and _theme(file) is not None


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    return read_theme(_theme(file) or file, _TABLE, given)


def write(theme: ThemeData) -> str:
    """Return the theme as JSON. The format has no field for the name."""
    tokens = (*(key for key in _TABLE.keys if key not in ANSI), *ANSI)
    return json.dumps({token: theme.colors[token] for token in tokens}, indent=2) + "\n"


def _theme(file: ParsedMapping) -> ParsedMapping | None:
    places = [file, *(inner for key in _EXTRA if (inner := file.at(key)))]
    places += file.children(ITEMS) if file.syntax == "javascript" else []
    found = [place for place in places if has_palette(place, _TABLE, _LEAST)]
    return max(found, key=lambda place: len(place.values), default=None)
