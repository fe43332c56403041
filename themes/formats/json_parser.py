"""Parses JSON with the line of every key, and rejects NaN, Infinity and duplicate keys. Pure."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from themes.formats.decoding import unknown_format, unreadable_file
from themes.formats.parsed import ParsedMapping
from themes.schema import MAX_ECHO, abbreviate

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]')


@dataclass(slots=True)
class _Level:
    path: str
    keyed: bool
    key: str | None = None
    index: int = 0
    seen: set[str] = field(default_factory=set)

    @property
    def here(self) -> str:
        step = (self.key or "") if self.keyed else str(self.index)
        return f"{self.path}{step[:MAX_ECHO]}"


def parse(text: str) -> ParsedMapping:
    """Parse a JSON object. Raises ``ThemeError`` with the line and column of the error."""
    try:
        value: Any = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        message = f"This is not JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        raise unreadable_file(message, line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise unreadable_file("The JSON is nested too deeply.") from None
    except ValueError:
        raise unreadable_file("The JSON contains a number that is invalid or too long.") from None
    if not isinstance(value, dict):
        raise unknown_format()
    return ParsedMapping(value, _lines(text))


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


def _lines(text: str) -> dict[str, int]:
    """Return the line of every key in well-formed JSON. Raises ``ThemeError`` for duplicate keys."""
    lines: dict[str, int] = {}
    levels: list[_Level] = []
    line, counted = 1, 0
    for match in _TOKENS.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        piece = match[0]
        if piece in ("{", "["):
            levels.append(_Level(f"{levels[-1].here}." if levels else "", piece == "{"))
        elif piece in ("}", "]"):
            levels.pop()
        elif piece == ",":
            levels[-1].key = None
            levels[-1].index += 1
        elif levels[-1].keyed and levels[-1].key is None:
            _enter(levels[-1], json.loads(piece), line)
            lines.setdefault(levels[-1].here, line)
    return lines


def _enter(level: _Level, key: str, line: int) -> None:
    level.key = key
    if key in level.seen:
        raise unreadable_file(f"The key {abbreviate(key)} occurs twice. Remove one.", param=level.here, line=line)
    level.seen.add(key)
