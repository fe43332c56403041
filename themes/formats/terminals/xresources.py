"""Reads and writes X resources, as of xterm and urxvt (https://man.archlinux.org/man/xterm.1#RESOURCES). Pure."""

from themes.formats.parsed import ParsedMapping
from themes.formats.slots import has_palette, numbered, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    numbered("color{}"),
    foreground="foreground",
    background="background",
    cursor="cursorColor",
    cursorAccent="cursorColor2",
    selectionBackground="highlightColor",
    selectionForeground="highlightTextColor",
)


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has resources with a terminal's colors."""
    return file.syntax == "resources" and has_palette(file, _TABLE)


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    return read_theme(file, _TABLE, given, about=())


def write(theme: ThemeData) -> str:
    """Return the resources of every program; the name is a comment."""
    colors = theme.colors
    lines = [f"*.{key}: {colors[token]}" for token, key in _TABLE.keys.items()]
    return "\n".join([f"! {theme.name}", *lines]) + "\n"
