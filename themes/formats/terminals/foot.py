"""Reads and writes foot's colors (https://codeberg.org/dnkl/foot, foot.ini(5)). Pure."""

from dataclasses import replace

from themes.color.palette_import import ANSI
from themes.formats.parsed import ParsedMapping
from themes.formats.slots import has_palette, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    [f"{shade}{number}" for shade in ("regular", "bright") for number in range(8)],
    foreground="foreground",
    background="background",
    cursor="cursor-color",
    cursorAccent="cursor-text",
    selectionBackground="selection-background",
    selectionForeground="selection-foreground",
)
_SECTIONS = {"colors": "", "colors-dark": "Dark", "colors-light": "Light", "colors2": "Alternative"}


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has a section of colors."""
    return file.syntax == "assignments" and bool(_sections(file))


def schemes(file: ParsedMapping) -> list[ParsedMapping]:
    """Return the sections of colors; a file can have some for dark and for light mode."""
    found = _sections(file)
    cursor = (file.at("cursor") or file.inner({}, "")).values.get("color")
    return [
        replace(
            section.inner(_with_cursor(section, cursor), section.prefix).apart(), mode=mode if len(found) > 1 else ""
        )
        for section, mode in found
    ]


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme of a section. Raises ``ThemeError`` with the invalid key in ``param``."""
    return read_theme(file, _TABLE, given, about=())


def write(theme: ThemeData) -> str:
    """Return the section of colors. The format has no field for the name."""
    colors = {token: color.removeprefix("#") for token, color in theme.colors.items()}
    lines = ["[colors]", *(f"{_TABLE.keys[role]}={colors[role]}" for role in ("foreground", "background"))]
    lines += [f"cursor={colors['cursorAccent']} {colors['cursor']}"]
    lines += [f"{_TABLE.keys[token]}={colors[token]}" for token in ANSI]
    lines += [f"{_TABLE.keys[role]}={colors[role]}" for role in ("selectionForeground", "selectionBackground")]
    return "\n".join(lines) + "\n"


def _sections(file: ParsedMapping) -> list[tuple[ParsedMapping, str]]:
    found = [(file.child(name), mode) for name, mode in _SECTIONS.items() if isinstance(file.values.get(name), dict)]
    return [(section, mode) for section, mode in found if has_palette(section, _TABLE)]


def _with_cursor(section: ParsedMapping, cursor: object) -> dict[str, object]:
    """Return the section with the two colors of ``cursor=TEXT CURSOR`` apart; old files have them in ``[cursor]``."""
    values = dict(section.values)
    said = values.pop("cursor", cursor)
    if isinstance(said, str) and len(words := said.split()) == 2:
        values |= {"cursor-text": words[0], "cursor-color": words[1]}
    return values
