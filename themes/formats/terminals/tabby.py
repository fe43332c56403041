"""Reads Tabby's color schemes, alone or in its settings (https://tabby.sh). Pure."""

from themes.formats.parsed import ParsedMapping
from themes.formats.slots import flatten, numbered, read_theme, table
from themes.schema import ThemeData

_TABLE = table(
    numbered("colors.{}"),
    foreground="foreground",
    background="background",
    cursor="cursor",
    cursorAccent="cursorAccent",
    selectionBackground="selection",
    selectionForeground="selectionForeground",
)
_CURRENT = ("colorScheme", "lightColorScheme")


def matches(file: ParsedMapping) -> bool:
    """Return whether the file is a scheme, or settings that contain some."""
    return file.syntax in ("yaml", "json") and bool(schemes(file))


def schemes(file: ParsedMapping) -> list[ParsedMapping]:
    """Return the file's schemes: itself, or those of its settings, each name once."""
    if _is_scheme(file):
        return [file]
    terminal = file.at("terminal") or file
    current = [scheme for key in _CURRENT if (scheme := terminal.at(key)) and _is_scheme(scheme)]
    custom = [scheme for scheme in terminal.children("customColorSchemes") if _is_scheme(scheme)]
    found = {str(scheme.values.get("name")): scheme.apart() for scheme in (*custom, *current)}
    return list(found.values())


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme of a scheme. Raises ``ThemeError`` with the invalid key in ``param``."""
    return read_theme(flatten(file), _TABLE, given)


def _is_scheme(file: ParsedMapping) -> bool:
    return isinstance(file.values.get("colors"), list) and "background" in file.values
