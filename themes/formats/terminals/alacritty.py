"""Reads Alacritty's colors in TOML and YAML, and writes TOML (https://alacritty.org/config-alacritty.html). Pure."""

from themes.formats.parsed import ParsedMapping
from themes.formats.slots import HUES, flatten, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    [f"{shade}.{hue}" for shade in ("normal", "bright") for hue in HUES],
    foreground="primary.foreground",
    background="primary.background",
    cursor="cursor.cursor",
    cursorAccent="cursor.text",
    selectionBackground="selection.background",
    selectionForeground="selection.text",
)
_SECTIONS = ("primary", "cursor", "selection", "normal", "bright")


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has colors in Alacritty's sections."""
    colors = file.at("colors")
    return colors is not None and any(isinstance(colors.values.get(section), dict) for section in ("primary", "normal"))


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    return read_theme(flatten(file.child("colors")), _TABLE, given, about=())


def write(theme: ThemeData) -> str:
    """Return TOML. The format has no field for the name: Alacritty imports the file by its path."""
    sections: dict[str, list[str]] = {section: [] for section in _SECTIONS}
    for token, key in _TABLE.keys.items():
        section, _, name = key.partition(".")
        sections[section].append(f'{name} = "{theme.colors[token]}"')
    return "\n\n".join(f"[colors.{section}]\n" + "\n".join(lines) for section, lines in sections.items()) + "\n"
