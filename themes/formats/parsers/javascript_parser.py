"""Extracts object literals from JavaScript as data. It runs nothing. Pure.

Reads strings, numbers, lists and objects. An identifier stands for the string or the object that a declaration of the
file gives it; every other expression is ignored.
"""

import re
from typing import Any

from themes.formats.parsed import ITEMS, ParsedMapping
from themes.schema import MAX_ECHO

_TOKENS = re.compile(
    r"""(?P<space>\s++|//[^\n]*+|/\*.*?(?:\*/|\Z))"""
    r"""|(?P<string>"(?>(?:[^"\\\n]++|\\.)*)(?:"|\n|\\?\Z)|'(?>(?:[^'\\\n]++|\\.)*)(?:'|\n|\\?\Z)|`(?>(?:[^`\\]++|\\.)*)(?:`|\\?\Z))"""
    r"""|(?P<word>[\w$]++(?>(?:\.[\w$]++)*))|(?P<mark>[{}\[\]:,=;()]|.)""",
    re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(?:u\{?([0-9a-fA-F]{4,6})\}?|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_MAX_OBJECTS = 500


class _Unknown:
    """A value that only running the program would give."""


_UNKNOWN = _Unknown()


def parse(text: str) -> ParsedMapping:
    """Return the file's objects as a list at ``ITEMS``, the inner ones first."""
    reader = _Reader(text)
    reader.read()
    return ParsedMapping({ITEMS: reader.objects}, reader.lines, syntax="javascript")


class _Reader:
    """Keeps the open objects and lists on a stack, and every object that was closed, the inner ones first."""

    def __init__(self, text: str) -> None:
        self.objects: list[dict[str, Any]] = []
        self.lines: dict[str, int] = {}
        self._text = text
        self._declared: dict[str, Any] = {}
        self._open: list[dict[str, Any] | list[Any]] = []
        self._keys: list[str] = []
        self._word = ""
        """The last word or string, which can be a key, or the name that a declaration gives to a value."""
        self._expects = False
        """Whether a value follows: after a colon, in a list, or after ``=``."""
        self._target = ""

    def read(self) -> None:
        line, counted = 1, 0
        for match in _TOKENS.finditer(self._text):
            kind = match.lastgroup
            if kind == "space":
                continue
            line += self._text.count("\n", counted, match.start())
            counted = match.start()
            token = match[0]
            if kind == "mark":
                self._mark(token, line)
            else:
                self._value(_unquoted(token) if kind == "string" else token, is_string=kind == "string")

    def _mark(self, mark: str, line: int) -> None:
        held = self._open[-1] if self._open else None
        if mark in "{[":
            self._begin({} if mark == "{" else [])
        elif mark in "}]":
            self._shorthand()
            self._end()
        elif mark == ":" and isinstance(held, dict) and self._word:
            self._keys[-1] = self._word
            self.lines.setdefault(self._word[:MAX_ECHO], line)
            self._word, self._expects = "", True
        elif mark == "=" and self._word and not (self._keys and self._keys[-1]):
            # A declaration, also in a function's body, which looks like an object.
            self._target, self._expects, self._word = self._word, True, ""
        elif mark == ",":
            self._shorthand()
            self._expects = isinstance(held, list)
        elif mark == ";":
            self._target, self._expects = "", False
        else:
            # A call or an operator: the last word or value is part of an expression.
            self._forget()

    def _value(self, token: str, *, is_string: bool) -> None:
        if self._expects:
            self._put(token if is_string else self._resolved(token))
            self._expects = False
        self._word = token

    def _begin(self, fresh: dict[str, Any] | list[Any]) -> None:
        if self._expects:
            self._put(fresh)
        self._open.append(fresh)
        self._keys.append("")
        self._word, self._expects = "", isinstance(fresh, list)

    def _end(self) -> None:
        if not self._open:
            return
        held = self._open.pop()
        self._keys.pop()
        self._expects, self._word = False, ""
        if isinstance(held, dict) and held and len(self.objects) < _MAX_OBJECTS:
            self.objects.append(held)

    def _put(self, value: Any) -> None:
        held = self._open[-1] if self._open else None
        if isinstance(held, list):
            held.append(None if value is _UNKNOWN else value)
        elif isinstance(held, dict) and self._keys[-1]:
            held[self._keys[-1]] = None if value is _UNKNOWN else value
        elif self._target and value is not _UNKNOWN:
            self._declared[self._target] = value

    def _resolved(self, name: str) -> Any:
        """Return the declared value of a name such as ``red`` or ``colors.red``."""
        first, _, rest = name.partition(".")
        value = self._declared.get(first, _UNKNOWN)
        return value.get(rest, _UNKNOWN) if rest and isinstance(value, dict) else _UNKNOWN if rest else value

    def _shorthand(self) -> None:
        """Take ``{red}`` as ``{red: red}``."""
        held = self._open[-1] if self._open else None
        if isinstance(held, dict) and self._word in self._declared and not self._keys[-1]:
            held[self._word] = self._declared[self._word]
        if self._keys:
            self._keys[-1] = ""
        self._word = ""

    def _forget(self) -> None:
        if self._keys and self._keys[-1] and isinstance(self._open[-1], dict):
            self._open[-1].pop(self._keys[-1], None)
        self._word, self._expects = "", False


def _unquoted(token: str) -> str:
    inner = token[1:-1] if len(token) > 1 and token[-1] == token[0] else token[1:]
    return _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code is None:
        return match[3]
    number = int(code, 16)
    return chr(number) if number < 0xD800 or 0xE000 <= number <= 0x10FFFF else ""
