"""Reads and writes Ghostty's themes and settings (https://ghostty.org/docs/features/theme). Pure."""

from themes.color.palette_import import ANSI
from themes.formats.parsed import ParsedMapping
from themes.formats.slots import fold, has_palette, numbered, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    numbered("palette.{}"),
    foreground="foreground",
    background="background",
    cursor="cursor-color",
    cursorAccent="cursor-text",
    selectionBackground="selection-background",
    selectionForeground="selection-foreground",
)


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has settings of the palette, or two other colors of Ghostty."""
    if file.syntax not in ("assignments", "toml"):
        return False
    is_numbered = any(fold(key).startswith("palette") and "." in key for key in file.values)
    return is_numbered or (file.syntax == "assignments" and has_palette(file, _TABLE))


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    return read_theme(file, _TABLE, given, about=())


def write(theme: ThemeData) -> str:
    """Return the text of a theme. The format has no field for the name: Ghostty uses the file's name."""
    colors = theme.colors
    lines = [f"palette = {number}={colors[token]}" for number, token in enumerate(ANSI)]
    lines += [f"{key} = {colors[token]}" for token, key in _TABLE.keys.items() if token not in ANSI]
    return "\n".join(lines) + "\n"
