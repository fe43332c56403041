"""Reads and writes WezTerm's color schemes in TOML (https://wezterm.org/config/appearance.html). Pure."""

import json

from themes.color.palette_import import ANSI
from themes.formats.parsed import ParsedMapping
from themes.formats.slots import flatten, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    [f"{shade}.{number}" for shade in ("ansi", "brights") for number in range(8)],
    foreground="foreground",
    background="background",
    cursor="cursor_bg",
    cursorAccent="cursor_fg",
    selectionBackground="selection_bg",
    selectionForeground="selection_fg",
)


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has lists of ANSI colors."""
    colors = file.at("colors") or file
    return any(isinstance(colors.values.get(key), list) for key in ("ansi", "brights"))


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    about = file.at("metadata") or file
    colors = flatten(file.at("colors") or file)
    return read_theme(colors.inner({"name": about.values.get("name"), **colors.values}, colors.prefix), _TABLE, given)


def write(theme: ThemeData) -> str:
    """Return the text of a scheme."""
    colors = theme.colors
    lines = ["[colors]", *(f'{key} = "{colors[token]}"' for token, key in _TABLE.keys.items() if token not in ANSI)]
    lines += [f'cursor_border = "{colors["cursor"]}"']
    for key, tokens in (("ansi", ANSI[:8]), ("brights", ANSI[8:])):
        lines.append(f"{key} = [{', '.join(json.dumps(colors[token]) for token in tokens)}]")
    lines += ["", "[metadata]", f"name = {json.dumps(theme.name, ensure_ascii=False)}"]
    return "\n".join(lines) + "\n"
