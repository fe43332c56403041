"""Parses the subset of XML property lists that color presets use: dictionaries of numbers and strings. Pure.

Uses expat's events, as ``plistlib`` does, but records the line of every key, and rejects other elements and every
document type declaration except Apple's (entity expansion, external entities).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from themes.errors import ThemeError
from themes.formats.decoding import unknown_format, unreadable_file
from themes.formats.parsed import ParsedMapping
from themes.schema import MAX_ECHO, abbreviate

_DECLARATIONS = re.compile(r"<!(?!DOCTYPE|--)", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DEEPEST = 2
_LONGEST = 200


def parse(text: str) -> ParsedMapping:
    """Parse the dictionary of a property list. Raises ``ThemeError`` with the line of the error."""
    if found := _DECLARATIONS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise unreadable_file("Declarations and entities are not supported. Remove them.", line=line)
    reader = _Reader()
    try:
        reader.parser.Parse(text, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        message = f"This is not XML: {expat.ErrorString(error.code)}."
        raise unreadable_file(message, line=error.lineno, column=error.offset + 1) from None
    except ThemeError as error:
        error.details.setdefault("line", reader.parser.CurrentLineNumber)
        raise
    if reader.top is None:
        raise unknown_format()
    return ParsedMapping(reader.top, reader.lines)


@dataclass(slots=True)
class _Reader:
    """The parser's state: the open dictionaries, their keys without a value, and the text so far."""

    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)
    lines: dict[str, int] = field(default_factory=dict)
    top: dict[str, Any] | None = None
    open: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    element: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity

    def _doctype(self, name: str, _system: str | None, public: str | None, subset: bool) -> None:  # noqa: FBT001
        if name != "plist" or subset or not (public or "").startswith("-//Apple"):
            raise unreadable_file("The document type must be Apple's property list, without declarations.")

    def _entity(self, *_arguments: object) -> None:
        raise unreadable_file("Entities are not supported. Remove them.")

    def _start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if self.element:
            raise unreadable_file(f"<{self.element}> must not contain other elements.")
        if name == "plist" and not self.open and self.top is None:
            return
        if name == "dict":
            self._open()
        elif name in ("key", "real", "integer", "string", "true", "false") and self.open:
            self.element, self.text = name, ""
        elif not self.open and self.top is None:
            raise unknown_format()
        else:
            raise unreadable_file(f"A color preset must not contain <{name[:MAX_ECHO]}>.")

    def _open(self) -> None:
        if len(self.open) >= _DEEPEST:
            raise unreadable_file("The property list is nested too deeply.")
        fresh: dict[str, Any] = {}
        if self.open:
            self._put(fresh)
        elif self.top is not None:
            raise unreadable_file("The file contains two dictionaries. Remove one.")
        else:
            self.top = fresh
        self.open.append(fresh)
        self.keys.append(None)

    def _characters(self, characters: str) -> None:
        if self.element:
            self.text += characters
            if len(self.text) > _LONGEST:
                raise unreadable_file(f"The <{self.element}> is too long.")
        elif characters.strip():
            raise unreadable_file("Text between elements is not allowed.")

    def _end(self, name: str) -> None:
        if name == "dict":
            if self.keys.pop() is not None:
                raise unreadable_file("A key has no value.")
            self.open.pop()
            if self.keys:
                self.keys[-1] = None
        elif name == "key":
            self._key(self.text)
        elif name != "plist":
            self._put(self._value(name))
        self.element = ""

    def _key(self, key: str) -> None:
        if self.keys[-1] is not None:
            raise unreadable_file("A key has no value.")
        place = ".".join([*(outer or "" for outer in self.keys[:-1]), key[:MAX_ECHO]])
        if key in self.open[-1]:
            raise unreadable_file(f"The key {abbreviate(key)} occurs twice. Remove one.", param=place)
        self.keys[-1] = key
        self.lines.setdefault(place, self.parser.CurrentLineNumber)

    def _put(self, value: Any) -> None:
        key = self.keys[-1]
        if key is None:
            raise unreadable_file("A value has no key.")
        self.open[-1][key] = value
        if not isinstance(value, dict):
            self.keys[-1] = None

    def _value(self, name: str) -> Any:
        if name in ("true", "false"):
            return name == "true"
        # Text that is no number stays text. The reader of the value rejects it, because it knows the path.
        number = name in ("real", "integer") and _NUMBER.fullmatch(self.text.strip())
        return float(self.text) if number else self.text
