"""Reads PuTTY's sessions from a file of the Windows registry. Pure.

Numbers of the colors: https://the.earth.li/~sgtatham/putty/latest/htmldoc/Chapter4.html#config-colours.
"""

from themes.formats.parsed import ParsedMapping
from themes.formats.slots import fold, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    # PuTTY's bold colors are the bright ones, and follow the normal ones.
    (f"Colour{number}" for number in (*range(6, 22, 2), *range(7, 22, 2))),
    foreground="Colour0",
    background="Colour2",
    cursor="Colour5",
    cursorAccent="Colour4",
)
_UNUSED = ("Colour1", "Colour3")


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has colors of a session."""
    return file.syntax == "registry" and bool(schemes(file))


def schemes(file: ParsedMapping) -> list[ParsedMapping]:
    """Return the file's sessions that have colors, named by their keys."""
    return [
        session.apart()
        for session in file.children_by_key()
        if any(fold(key).startswith("colour") for key in session.values)
    ]


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme of a session. Raises ``ThemeError`` with the invalid key in ``param``."""
    colors = {key: value for key, value in file.values.items() if key == "name" or fold(key).startswith("colour")}
    return read_theme(file.inner(colors, file.prefix), _TABLE, given, about=("name", *_UNUSED))
