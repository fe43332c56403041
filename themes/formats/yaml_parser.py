"""Parses the subset of YAML that terminals' settings use: mappings, lists and text. Pure.

Reads the parser's events and rejects tags (object construction) and anchors and aliases (exponential expansion). Every
value stays text (``1e1000`` is a color, not a number).
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from themes.formats.decoding import unknown_format, unreadable_file
from themes.formats.parsed import ITEMS, ParsedMapping
from themes.schema import MAX_ECHO, abbreviate

_EVENTS = 4000
_DEEPEST = 8
_UNQUOTED = re.compile(r"\s*(#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8}))(?:\s.*)?", re.ASCII)


def parse(text: str) -> ParsedMapping:
    """Parse a YAML mapping, or a list, whose elements are at ``ITEMS``.

    Raises ``ThemeError`` with the line of an error or of an unsupported construct.
    """
    reader = _Reader(text)
    try:
        value = reader.document()
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        at: dict[str, Any] = {"line": where.line + 1, "column": where.column + 1} if where else {}
        raise unreadable_file(f"This is not YAML: {error.problem or error.context}.", **at) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML converts escapes and the version to numbers without checking their size.
        raise unreadable_file("This is not YAML: it contains characters that are not allowed.") from None
    mapping = ParsedMapping(value if isinstance(value, dict) else {ITEMS: value}, reader.lines, syntax="yaml")
    if reader.unquoted:
        mapping.notes.remark("Colors without quotes were read, although # starts a comment in YAML.")
    return mapping


def _plain(text: str) -> Iterator[yaml.Event]:
    """Yield the events of nodes. Rejects tags, anchors and aliases."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        if number > _EVENTS:
            raise unreadable_file("The YAML has too many elements for a theme.", line=_line(event))
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            raise unreadable_file("Anchors and aliases are not supported. Write the value instead.", line=_line(event))
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            raise unreadable_file("Tags are not supported. Remove them.", line=_line(event))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise unreadable_file("The YAML is nested too deeply.", line=_line(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            yield event


class _Reader:
    """Builds the document of its events, with the line of every key."""

    def __init__(self, text: str) -> None:
        self.lines: dict[str, int] = {}
        self.unquoted = False
        self._source = text.split("\n")
        self._events = _plain(text)

    def document(self) -> dict[str, Any] | list[Any]:
        first = next(self._events, None)
        if not isinstance(first, yaml.CollectionStartEvent):
            raise unknown_format()
        value: dict[str, Any] | list[Any] = self._value(first, "")
        if (more := next(self._events, None)) is not None:
            raise unreadable_file("The file contains more than one document. Remove the others.", line=_line(more))
        return value

    def _value(self, event: yaml.Event, place: str) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(f"{place}." if place else "")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(f"{place}." if place else "")
        if not isinstance(event, yaml.ScalarEvent):
            raise unreadable_file("The YAML is malformed.", line=_line(event))
        return event.value or self._color_in_comment(event)

    def _mapping(self, prefix: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise unreadable_file("A key must be text.", line=_line(event))
            key, place = event.value, f"{prefix}{event.value[:MAX_ECHO]}"
            if key in values:
                raise unreadable_file(
                    f"The key {abbreviate(key)} occurs twice. Remove one.", param=place, line=_line(event)
                )
            self.lines.setdefault(place, _line(event))
            values[key] = self._value(next(self._events), place)
        return values

    def _sequence(self, prefix: str) -> list[Any]:
        values: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            place = f"{prefix}{len(values)}"
            self.lines.setdefault(place, _line(event))
            values.append(self._value(event, place))
        return values

    def _color_in_comment(self, event: yaml.ScalarEvent) -> str:
        """Return the color after a key without a value: in ``red: #ff0000`` YAML sees a comment, users a color."""
        mark = event.start_mark
        if event.style or mark is None or mark.line >= len(self._source):
            return ""
        match = _UNQUOTED.fullmatch(self._source[mark.line], mark.column)
        self.unquoted = self.unquoted or match is not None
        return match[1] if match else ""


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
