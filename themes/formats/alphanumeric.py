"""Alphanumeric's lossless JSON format: the format's name and version, and the canonical theme. Pure."""

import json
import re

from themes.errors import ThemeError
from themes.formats.parsed import ParsedMapping
from themes.schema import ThemeData, parse_theme

NAME = "alphanumeric-theme"
VERSION = 1
FORMER_KEY = "colours"
"""The name of ``colors`` in files until version 0.2.0."""


def matches(file: ParsedMapping) -> bool:
    """Return whether the file is in this format. The registry must try other formats with ``colors`` first."""
    return file.syntax == "json" and any(key in file.values for key in ("format", "colors", FORMER_KEY))


def read(file: ParsedMapping, _given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    file.require_keys(file.values)
    fields = dict(file.values)
    if fields.pop("format", NAME) != NAME:
        raise ThemeError("format_unknown", f'The format must be "{NAME}".', param="format", choices=[NAME])
    version = fields.pop("version", VERSION)
    if isinstance(version, bool) or version != VERSION:
        raise ThemeError(
            "format_unknown", f"Only version {VERSION} of the format is supported.", param="version", choices=[VERSION]
        )
    if FORMER_KEY not in fields or "colors" in fields:
        return parse_theme(fields)
    fields["colors"] = fields.pop(FORMER_KEY)
    try:
        return parse_theme(fields)
    except ThemeError as error:
        # The key as the file spells it, so that its line is found.
        error.param = re.sub(r"^colors\b", FORMER_KEY, error.param or "") or None
        raise


def write(theme: ThemeData) -> str:
    """Return the file's text."""
    fields = {"format": NAME, "version": VERSION, **theme.to_dict()}
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
