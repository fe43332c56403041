"""Reads and writes kitty's themes and settings (https://sw.kovidgoyal.net/kitty/conf/#color-scheme). Pure."""

from themes.formats.parsed import ParsedMapping
from themes.formats.slots import has_palette, numbered, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    numbered("color{}"),
    foreground="foreground",
    background="background",
    cursor="cursor",
    cursorAccent="cursor_text_color",
    selectionBackground="selection_background",
    selectionForeground="selection_foreground",
)


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has lines with kitty's colors."""
    return file.syntax == "words" and has_palette(file, _TABLE)


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    return read_theme(file, _TABLE, given)


def write(theme: ThemeData) -> str:
    """Return the text of a theme, with its name as kitty's theme chooser reads it."""
    colors = theme.colors
    lines = [f"{key} {colors[token]}" for token, key in _TABLE.keys.items()]
    return "\n".join([f"## name: {theme.name}", "", *lines]) + "\n"
