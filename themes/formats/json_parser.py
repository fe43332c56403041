"""Parses JSON with the line of every key, and rejects NaN and Infinity. Pure.

Comments and trailing commas are accepted, as in the settings of Windows Terminal and VS Code. Repeated keys are
reported with the result, because parsers disagree on which value they use.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from themes.formats.decoding import unknown_format, unreadable_file
from themes.formats.parsed import ITEMS, ParsedMapping
from themes.schema import MAX_ECHO

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]')
# Every alternative ends at the end of the text too, so that no position is read twice.
_PIECES = re.compile(r'"(?>(?:[^"\\]++|\\.)*)(?:"|\\?\Z)|//[^\n]*+|/\*.*?(?:\*/|\Z)|[,}\]]|[^"/,}\]]++|/', re.DOTALL)
_HEAD = re.compile(r"(?>(?:\s*+#[^\n]*+\n)+)")
"""Lines with ``#`` before the first object: some authors explain there where the file belongs."""
_DEEPEST = 64
_VISIBLE = re.compile(r"[^\n]")


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
    """Parse a JSON object, or a list, whose elements are at ``ITEMS``.

    Raises ``ThemeError`` with the line and column of the error.
    """
    plain = _without_comments(text)
    try:
        value: Any = json.loads(plain, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        message = f"This is not JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        raise unreadable_file(message, line=error.lineno, column=error.colno) from None
    except ValueError:
        raise unreadable_file("The JSON contains a number that is invalid or too long.") from None
    lines, repeated = _lines(plain)
    if isinstance(value, list):
        value = {ITEMS: value}
    if not isinstance(value, dict):
        raise unknown_format()
    return ParsedMapping(value, lines, repeated=repeated, syntax="json")


def parse_object(text: str) -> ParsedMapping:
    """Parse a JSON object. Raises ``ThemeError``, ``format_unknown`` for a list."""
    parsed = parse(text)
    if ITEMS in parsed.values:
        raise unknown_format()
    return parsed


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


def _without_comments(text: str) -> str:
    """Replace comments and trailing commas by spaces, which keeps all lines. Raises ``ThemeError`` if nested deeply.

    Objects with commas between become a list, and members without an object become one: users copy parts of settings.
    """
    if head := _HEAD.match(text):
        text = _VISIBLE.sub(" ", head[0]) + text[head.end() :]
    pieces: list[str] = []
    comma, depth, separated = -1, 0, False
    for match in _PIECES.finditer(text):
        piece = match[0]
        if piece.startswith(("//", "/*")):
            pieces.append(_VISIBLE.sub(" ", piece))
            continue
        if comma >= 0 and piece in ("}", "]"):
            pieces[comma] = " "
        elif comma >= 0 and depth == 0 and piece.strip():
            separated = True
        pieces.append(piece)
        if piece == ",":
            comma = len(pieces) - 1
        elif piece.strip():
            comma = -1
        depth += _depth_change(piece)
        if depth > _DEEPEST:
            raise unreadable_file("The JSON is nested too deeply.", line=text.count("\n", 0, match.end()) + 1)
    if comma >= 0:
        pieces[comma] = " "
    return _enclosed("".join(pieces), separated=separated)


def _depth_change(piece: str) -> int:
    return 0 if piece.startswith('"') else piece.count("{") + piece.count("[") - (piece in ("}", "]"))


def _enclosed(plain: str, *, separated: bool) -> str:
    if plain.lstrip().startswith('"'):
        return f"{{{plain}}}"
    return f"[{plain}]" if separated else plain


def _lines(text: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return the line of every key in well-formed JSON, and of every repeated key."""
    lines: dict[str, int] = {}
    repeated: dict[str, int] = {}
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
            level = levels[-1]
            level.key = json.loads(piece)
            place = level.here
            if level.key in level.seen:
                repeated.setdefault(place, line)
            level.seen.add(level.key)
            lines.setdefault(place, line)
    return lines, repeated
