"""Parses XML property lists: dictionaries, lists, numbers, strings and short binary data. Pure.

Uses expat's events, as ``plistlib`` does, but records the line of every key, bounds depth and sizes, and rejects every
document type declaration except Apple's (entity expansion, external entities).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from themes.errors import ThemeError
from themes.formats.decoding import unknown_format, unreadable_file
from themes.formats.parsed import ITEMS, ParsedMapping
from themes.schema import MAX_ECHO, abbreviate

_DECLARATIONS = re.compile(r"<!(?!DOCTYPE|--)", re.IGNORECASE)
_BEFORE_PROLOG = re.compile(r"(?>(?:\s++|<!--.*?-->)+)(<\?xml\b[^>]*\?>)", re.DOTALL)
_APPLES = (
    "file://localhost/System/Library/DTDs/PropertyList.dtd",
    "http://www.apple.com/DTDs/",
    "https://www.apple.com/DTDs/",
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SIMPLE = ("key", "real", "integer", "string", "true", "false", "data", "date")
_DEEPEST = 16
_LONGEST = {"key": 200, "data": 8192}
_LONGEST_TEXT = 200
"""Characters of a value that are read; the rest is not part of any theme, such as a profile's scripts."""


def parse(text: str) -> ParsedMapping:
    """Parse the dictionary or the list of a property list. Raises ``ThemeError`` with the line of the error."""
    if found := _DECLARATIONS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise unreadable_file("Declarations and entities are not supported. Remove them.", line=line)
    if early := _BEFORE_PROLOG.match(text):
        # XML allows nothing before its prolog, but users write comments there.
        text = text[: early.start(1)] + " " * len(early[1]) + text[early.end(1) :]
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
    top = reader.top if isinstance(reader.top, dict) else {ITEMS: reader.top}
    return ParsedMapping(top, reader.lines, syntax="plist")


@dataclass(slots=True)
class _Reader:
    """The parser's state: the open containers, their keys without a value, and the text so far."""

    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)
    lines: dict[str, int] = field(default_factory=dict)
    top: dict[str, Any] | list[Any] | None = None
    open: list[dict[str, Any] | list[Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    element: str = ""
    text: list[str] = field(default_factory=list)
    length: int = 0

    def __post_init__(self) -> None:
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity

    def _doctype(self, name: str, system: str | None, public: str | None, subset: bool) -> None:  # noqa: FBT001
        of_apple = public.startswith("-//Apple") if public else (system or _APPLES[0]).startswith(_APPLES)
        if name != "plist" or subset or not of_apple:
            raise unreadable_file("The document type must be Apple's property list, without declarations.")

    def _entity(self, *_arguments: object) -> None:
        raise unreadable_file("Entities are not supported. Remove them.")

    def _start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if self.element:
            raise unreadable_file(f"<{self.element}> must not contain other elements.")
        if name == "plist" and not self.open and self.top is None:
            return
        if name in ("dict", "array"):
            self._open({} if name == "dict" else [])
        elif name in _SIMPLE and self.open:
            self.element, self.text, self.length = name, [], 0
        elif not self.open and self.top is None:
            raise unknown_format()
        else:
            raise unreadable_file(f"A property list must not contain <{name[:MAX_ECHO]}>.")

    def _open(self, fresh: dict[str, Any] | list[Any]) -> None:
        if len(self.open) >= _DEEPEST:
            raise unreadable_file("The property list is nested too deeply.")
        if self.open:
            self._put(fresh)
        elif self.top is not None:
            raise unreadable_file("The file contains two property lists. Remove one.")
        else:
            self.top = fresh
        self.open.append(fresh)
        self.keys.append(None)

    def _characters(self, characters: str) -> None:
        if not self.element:
            if characters.strip():
                raise unreadable_file("Text between elements is not allowed.")
            return
        room = _LONGEST.get(self.element, _LONGEST_TEXT) - self.length
        if self.element == "key" and len(characters) > room:
            raise unreadable_file("The <key> is too long.")
        self.text.append(characters[:room])
        self.length += len(self.text[-1])

    def _end(self, name: str) -> None:
        if name in ("dict", "array"):
            if self.keys.pop() is not None:
                raise unreadable_file("A key has no value.")
            self.open.pop()
            if self.keys:
                self.keys[-1] = None
        elif name == "key":
            self._key("".join(self.text))
        elif name != "plist":
            self._put(self._value(name, "".join(self.text)))
        self.element = ""

    def _key(self, key: str) -> None:
        held = self.open[-1]
        if not isinstance(held, dict):
            raise unreadable_file("A list must not contain keys.")
        if self.keys[-1] is not None:
            raise unreadable_file("A key has no value.")
        place = ".".join([*self._steps(), key[:MAX_ECHO]])
        if key in held:
            raise unreadable_file(f"The key {abbreviate(key)} occurs twice. Remove one.", param=place)
        self.keys[-1] = key
        self.lines.setdefault(place, self.parser.CurrentLineNumber)

    def _steps(self) -> list[str]:
        """Return the path of the innermost container: keys, and positions in lists."""
        return [
            str(len(held) - 1) if isinstance(held, list) else (key or "")[:MAX_ECHO]
            for held, key in zip(self.open[:-1], self.keys[:-1], strict=True)
        ]

    def _put(self, value: Any) -> None:
        held = self.open[-1]
        if isinstance(held, list):
            held.append(value)
            return
        key = self.keys[-1]
        if key is None:
            raise unreadable_file("A value has no key.")
        held[key] = value
        if not isinstance(value, dict | list):
            self.keys[-1] = None

    def _value(self, name: str, text: str) -> Any:
        if name in ("true", "false"):
            return name == "true"
        if name == "data":
            return _data(text)
        # Text that is no number stays text. The reader of the value rejects it, because it knows the path.
        number = name in ("real", "integer") and _NUMBER.fullmatch(text.strip())
        return float(text) if number else text


def _data(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()))
    except (binascii.Error, ValueError):
        return b""
