"""Reads the schemes of Gogh and of iTerm2-Color-Schemes, which have the same keys: YAML, JSON, shell scripts. Pure.

Formats: https://github.com/Gogh-Co/Gogh and https://github.com/mbadolato/iTerm2-Color-Schemes.
"""

from themes.formats.parsed import ParsedMapping, variant
from themes.formats.slots import numbered, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    (f"{key} {key.replace('_0', '_')}" for key in numbered("color_{:02}", start=1)),
    foreground="foreground FOREGROUND_COLOR",
    background="background BACKGROUND_COLOR",
    cursor="cursor CURSOR_COLOR",
    cursorAccent="cursor_text",
    selectionBackground="selection selection_background",
    selectionForeground="selection_text selection_foreground",
)
_ABOUT = ("name", "author", "variant", "Name", "PROFILE_NAME")
_GOGH_ONLY = ("hash", "credits", "category")


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has a key of one of the 16 colors."""
    return any(key.lower().startswith("color_") and key[6:].isdecimal() for key in file.values)


def is_gogh(file: ParsedMapping) -> bool:
    """Return whether the file is one of Gogh: JSON, a shell script, or with keys that only Gogh writes."""
    return file.syntax in ("json", "assignments") or any(key in file.values for key in _GOGH_ONLY)


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    return read_theme(file, _TABLE, given, about=_ABOUT, scheme=variant(file), bright_is_optional=False)
