"""Parses TOML with the line of every key. Pure."""

import re
import tomllib
from typing import Any

from themes.formats.decoding import unreadable_file
from themes.formats.parsed import ParsedMapping
from themes.schema import MAX_ECHO

_MAX_DOTS = 64
"""Dots in a line: ``tomllib`` takes quadratic time for a key of many parts."""
_PLACE = re.compile(r"at line (\d+), column (\d+)")
_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]#]{1,100}?)\s*\]\]?\s*(?:#.*)?", re.ASCII)
_KEY = re.compile(r"\s*([\w\-.\" ']{1,100}?)\s*=", re.ASCII)
_UNQUOTED = str.maketrans("", "", "\"' ")


def parse(text: str) -> ParsedMapping:
    """Parse a TOML document. Raises ``ThemeError`` with the line of the error."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > _MAX_DOTS:
            raise unreadable_file("The TOML has a key of too many parts.", line=number)
    try:
        values: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        at: dict[str, Any] = {"line": int(found[1]), "column": int(found[2])} if found else {}
        raise unreadable_file(
            "This is not TOML: a key, a value or a quotation mark is wrong or occurs twice.", **at
        ) from None
    except RecursionError:
        raise unreadable_file("The TOML is nested too deeply.") from None
    except ValueError:
        raise unreadable_file("The TOML contains a number that is invalid or too long.") from None
    return ParsedMapping(values, _lines(text), syntax="toml")


def _lines(text: str) -> dict[str, int]:
    """Return the line of every key that has one of its own."""
    lines: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.fullmatch(line):
            prefix = header[1].translate(_UNQUOTED)
            lines.setdefault(prefix[:MAX_ECHO], number)
            prefix += "."
        elif key := _KEY.match(line):
            lines.setdefault(f"{prefix}{key[1].translate(_UNQUOTED)[:MAX_ECHO]}", number)
    return lines
