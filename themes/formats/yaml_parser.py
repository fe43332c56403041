"""Parses the subset of YAML that color schemes use: keys with text values, nested at most one level deep. Pure.

Reads the parser's events and rejects tags (object construction) and anchors and aliases (exponential expansion). Every
value stays text (``1e1000`` is a color, not a number).
"""

from collections.abc import Iterator
from typing import Any

import yaml

from themes.formats.decoding import unknown_format, unreadable_file
from themes.formats.parsed import ParsedMapping
from themes.schema import MAX_ECHO, abbreviate

_EVENTS = 400
_DEEPEST = 2


def parse(text: str) -> ParsedMapping:
    """Parse a YAML mapping. Raises ``ThemeError`` with the line of an error or of an unsupported construct."""
    lines: dict[str, int] = {}
    try:
        events = _plain(text)
        first = next(events, None)
        if not isinstance(first, yaml.MappingStartEvent):
            raise unknown_format()
        values = _mapping(events, lines, "")
        if (more := next(events, None)) is not None:
            raise unreadable_file("The file contains more than one document. Remove the others.", line=_line(more))
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        at: dict[str, Any] = {"line": where.line + 1, "column": where.column + 1} if where else {}
        raise unreadable_file(f"This is not YAML: {error.problem or error.context}.", **at) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML converts escapes and the version to numbers without checking their size.
        raise unreadable_file("This is not YAML: it contains characters that are not allowed.") from None
    return ParsedMapping(values, lines)


def _plain(text: str) -> Iterator[yaml.Event]:
    """The events that carry something. Refuses what could stand for something else than itself."""
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


def _mapping(events: Iterator[yaml.Event], lines: dict[str, int], prefix: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        if not isinstance(event, yaml.ScalarEvent):
            raise unreadable_file("A key must be text.", line=_line(event))
        key, place = event.value, f"{prefix}{event.value[:MAX_ECHO]}"
        if key in values:
            raise unreadable_file(
                f"The key {abbreviate(key)} occurs twice. Remove one.", param=place, line=_line(event)
            )
        lines.setdefault(place, _line(event))
        value = next(events)
        if isinstance(value, yaml.SequenceStartEvent):
            raise unreadable_file("A theme must not contain lists.", param=place, line=_line(value))
        values[key] = value.value if isinstance(value, yaml.ScalarEvent) else _mapping(events, lines, f"{place}.")
    return values


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
