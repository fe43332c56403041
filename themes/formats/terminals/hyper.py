"""Reads Hyper's colors from ``.hyper.js`` and from the code of themes; it runs none (https://hyper.is/#cfg). Pure."""

from themes.color.palette_import import ANSI
from themes.formats.parsed import ITEMS, ParsedMapping
from themes.formats.slots import flatten, read_theme, table
from themes.schema import ThemeData

_ROLES = {
    "foreground": "foregroundColor",
    "background": "backgroundColor",
    "cursor": "cursorColor",
    "cursorAccent": "cursorAccentColor",
    "selectionBackground": "selectionColor",
}


def _hyper(token: str) -> str:
    return token.replace("bright", "light")


_TABLE = table(
    (f"colors.{_hyper(token)} colors.{token} colors.{number}" for number, token in enumerate(ANSI)),
    **_ROLES,
)


def matches(file: ParsedMapping) -> bool:
    """Return whether an object of the file has Hyper's keys."""
    return file.syntax in ("json", "javascript") and _config(file) is not None


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    config = _config(file) or file
    wanted = {key: value for key, value in config.values.items() if key in (*_ROLES.values(), "colors", "name")}
    return read_theme(flatten(config.inner(wanted, config.prefix)), _TABLE, given)


def _config(file: ParsedMapping) -> ParsedMapping | None:
    places = [file, *(inner for inner in (file.at("config"),) if inner)]
    places += file.children(ITEMS) if file.syntax == "javascript" else []
    found = [place for place in places if any(key in place.values for key in ("backgroundColor", "foregroundColor"))]
    return max(found, key=lambda place: len(place.values), default=None)
