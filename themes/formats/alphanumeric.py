"""Our own JSON, which loses nothing: the canonical theme with the format's name and version before it. Pure."""

import json

from themes.errors import ThemeError
from themes.formats.parsed import ParsedMapping
from themes.schema import ThemeData, parse_theme

NAME = "alphanumeric-theme"
VERSION = 1


def matches(file: ParsedMapping) -> bool:
    """Whether this is meant to be one of ours."""
    return "format" in file.values or "colours" in file.values


def read(file: ParsedMapping, _given: str | None) -> ThemeData:
    """The theme. Raises ``ThemeError`` naming the place."""
    fields = dict(file.values)
    if fields.pop("format", NAME) != NAME:
        raise ThemeError("format_unknown", f'The format of a theme is "{NAME}".', param="format", choices=[NAME])
    version = fields.pop("version", VERSION)
    if isinstance(version, bool) or version != VERSION:
        raise ThemeError(
            "format_unknown", f"Themes of version {VERSION} are read here.", param="version", choices=[VERSION]
        )
    return parse_theme(fields)


def write(theme: ThemeData) -> str:
    """The theme as a file's text."""
    fields = {"format": NAME, "version": VERSION, **theme.to_dict()}
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
