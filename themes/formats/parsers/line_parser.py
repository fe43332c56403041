"""Parses settings of one key and one value in each line, as several terminals write them. Pure.

As in those programs, the last of several lines with the same key is used.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from themes.formats.parsed import ParsedMapping
from themes.schema import MAX_ECHO

_SECTION = re.compile(r"\s*\[([^\]]{1,200})\]\s*", re.ASCII)
_DEFINE = re.compile(r"#\s*define\s+(\S{1,100})\s+(\S.{0,100})")
_REGISTRY = re.compile(r'\s*"([^"=]{1,100})"\s*=\s*"([^"]{0,200})"\s*')
_NAME = re.compile(r"#+\s*name\s*:\s*(\S.*)", re.IGNORECASE)
_OPACITY = re.compile(r"\[\d{1,3}\]\s*")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


def parse_words(text: str) -> ParsedMapping:
    """Parse ``key value`` lines with ``#`` comments, as of kitty; a comment can have the theme's name."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for line in _lines(text):
        if line.text.startswith("#"):
            if name := _NAME.fullmatch(line.text):
                values.setdefault("name", name[1])
            continue
        key, _, value = line.text.partition(" ") if " " in line.text else line.text.partition("\t")
        _put(values, lines, key, value.strip(), line)
    return ParsedMapping(values, lines, syntax="words")


def parse_assignments(text: str) -> ParsedMapping:
    """Parse ``key = value`` lines in optional ``[sections]``, with ``#`` and ``;`` comments, as of Ghostty and foot.

    A section is an object. ``palette = 4=#0000ff`` has the key ``palette.4``. The ``export`` of shells is ignored.
    """
    top: dict[str, Any] = {}
    lines: dict[str, int] = {}
    values, prefix = top, ""
    for line in _lines(text):
        if line.text.startswith(("#", ";")):
            continue
        if section := _SECTION.fullmatch(line.text):
            prefix = section[1].strip()
            held = top.setdefault(prefix, {})
            values = held if isinstance(held, dict) else {}
            lines.setdefault(prefix[:MAX_ECHO], line.number)
            prefix += "."
            continue
        key, equals, value = line.text.removeprefix("export ").partition("=")
        key, value = key.strip(), _unquoted(value.strip())
        number, inner, color = value.partition("=")
        if inner and number.strip().isalnum():
            key, value = f"{key}.{number.strip()}", color.strip()
        if equals:
            _put(values, lines, key, value, line, prefix)
    return ParsedMapping(top, lines, syntax="assignments")


def parse_resources(text: str) -> ParsedMapping:
    """Parse X resources; the key is the last component, ``color0`` of ``XTerm*vt100.color0``."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    macros: dict[str, str] = {}
    for line in _lines(text):
        if line.text.startswith(("!", "#")):
            if define := _DEFINE.fullmatch(line.text):
                macros[define[1]] = define[2].strip()
            continue
        name, colon, value = line.text.partition(":")
        key = re.split(r"[.*]", name.strip())[-1]
        value = _OPACITY.sub("", value.strip(), count=1)
        if colon:
            _put(values, lines, key, macros.get(value, value), line)
    return ParsedMapping(values, lines, syntax="resources")


def parse_registry(text: str) -> ParsedMapping:
    """Parse a file of the Windows registry; every ``[key]`` is an object at its last component."""
    top: dict[str, Any] = {}
    lines: dict[str, int] = {}
    values, prefix = top, ""
    for line in _lines(text):
        if section := _SECTION.fullmatch(line.text):
            prefix = unquote(section[1].rpartition("\\")[2], errors="replace")
            values = top.setdefault(prefix, {})
            lines.setdefault(prefix[:MAX_ECHO], line.number)
            prefix += "."
        elif pair := _REGISTRY.fullmatch(line.text):
            _put(values, lines, pair[1], pair[2], line, prefix)
    return ParsedMapping(top, lines, syntax="registry")


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.split("\n"), start=1):
        if stripped := line.strip():
            yield _Line(number, stripped)


def _unquoted(value: str) -> str:
    """Return the text in quotes, without a comment after it."""
    quote = value[:1]
    end = value.find(quote, 1) if quote in ("'", '"') else -1
    return value[1:end] if end > 0 else value


def _put(values: dict[str, Any], lines: dict[str, int], key: str, value: str, line: _Line, prefix: str = "") -> None:
    # A line would replace a section of the same name.
    if not isinstance(values.get(key), dict):
        values[key] = value
        lines[f"{prefix}{key[:MAX_ECHO]}"] = line.number
