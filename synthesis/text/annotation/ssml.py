"""Parses SSML (W3C Speech Synthesis Markup Language 1.1): the elements that affect speech; others are ignored.

The parser is expat without entities and document types, so the expansion of entities (billion laughs) is impossible;
its time is linear, and the depth of elements is limited.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NoReturn
from xml.parsers import expat

from core.limits import registry
from synthesis.errors import TextError
from synthesis.text.annotation.annotated_text import NO_SOURCE, AnnotatedText, Builder
from synthesis.text.annotation.ipa import MAX_LENGTH as MAX_IPA
from synthesis.text.annotation.ipa import decomposed
from synthesis.text.annotation.say_as import say_as
from synthesis.text.normalization.tables import canonical_language
from synthesis.text.normalization.tokenizer import Boundary
from synthesis.text.word import PLAIN, Style

FindVoice = Callable[[str, int], str]
MAX_DEPTH = registry.MAX_SSML_DEPTH.default
MAX_PAUSE_S = registry.MAX_PAUSE_S.default
MIN_RATE, MAX_RATE = 0.25, 4.0
"""Bounds of the product of all rates around a word; others are clamped."""
_MAX_QUOTED = 40
_MAX_NAME = 100
_DOCUMENT = re.compile(r"\s*(?:<\?xml[^<>]*\?>\s*)?(?:<!--(?:(?!-->).)*-->\s*)?<speak[\s>]", re.DOTALL)
_BREAKS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
"""Seconds of a break by its strength."""
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
_TIME = re.compile(r"\+?(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})\s*(ms|s)")
_PERCENT = re.compile(r"([+-]?)(\d{1,4}(?:\.\d{0,4})?)%")
_FACTOR = re.compile(r"\d{1,3}(?:\.\d{0,4})?|\.\d{1,4}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,3}")
_SILENT = frozenset(("desc", "metadata", "meta", "lexicon", "lookup", "script", "style"))
"""Elements whose text is not spoken."""
_ENDS = {
    "p": Boundary.PARAGRAPH,
    "paragraph": Boundary.PARAGRAPH,
    "s": Boundary.SENTENCE,
    "sentence": Boundary.SENTENCE,
}


def is_ssml(text: str) -> bool:
    """Return whether ``text`` is an SSML document by its first and last element."""
    return "<speak" in text[:_MAX_NAME] and bool(_DOCUMENT.match(text)) and text.rstrip().endswith("</speak>")


def parse_pause(text: str) -> float | None:
    """Return the seconds of a duration such as ``500ms`` or ``1.5s``, at most ``MAX_PAUSE_S``; ``None`` if invalid."""
    match = _TIME.fullmatch(text.strip())
    return min(float(match[1]) / (1000 if match[2] == "ms" else 1), MAX_PAUSE_S) if match else None


def _as_named(name: str, _position: int) -> str:
    return name


def parse_ssml(source: str, language: str, find_voice: FindVoice = _as_named) -> AnnotatedText:
    """Return the text of an SSML document for a voice of ``language``.

    ``find_voice`` returns the id of a voice that the document names at a position, or raises an error.
    Raises ``TextError`` with the position in code points: ``ssml_malformed``, ``ssml_forbidden`` (a document type or
    an entity), ``ssml_too_deep``, or ``ssml_invalid`` for the value of an attribute. ``source`` must be valid Unicode.
    """
    return _Parser(source, language, find_voice).parse()


@dataclass(slots=True)
class _Element:
    name: str
    style: Style
    silent: bool


@dataclass(slots=True)
class _Capture:
    """An element that is read as a whole: its content is collected until its end."""

    depth: int
    attributes: Mapping[str, str]
    start: int
    """Where its content begins in the source, -1 until the next token."""
    text: list[str]


class _Parser:
    """One document. Handlers receive the source from one token to the next, so each token's end is the next's start."""

    def __init__(self, source: str, language: str, find_voice: FindVoice) -> None:
        self._source = source
        self._find_voice = find_voice
        self._language = language
        self._data = source.encode()
        self._builder = Builder(source)
        self._elements: list[_Element] = []
        self._capture: _Capture | None = None
        self._pending: Callable[[int], None] | None = None
        self._token = self._byte = self._place = 0
        self._root_seen = False
        self._expat = self._create()

    def _create(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = False
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._finish
        parser.CharacterDataHandler = self._characters
        parser.CommentHandler = parser.DefaultHandlerExpand = lambda _data: self._next(self._hidden)
        parser.ProcessingInstructionHandler = lambda _target, _data: self._next(self._hidden)
        parser.StartCdataSectionHandler = parser.EndCdataSectionHandler = lambda: self._next(self._hidden)
        parser.XmlDeclHandler = lambda _version, _encoding, _standalone: self._next(self._hidden)
        parser.StartDoctypeDeclHandler = lambda *_: self._forbid("A document type")
        parser.EntityDeclHandler = lambda *_: self._forbid("An entity")
        parser.SkippedEntityHandler = lambda *_: self._forbid("An entity")
        parser.ExternalEntityRefHandler = lambda *_: self._forbid("An entity")
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        return parser

    def parse(self) -> AnnotatedText:
        try:
            self._expat.Parse(self._source, True)  # noqa: FBT003 - the C function takes no keyword
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            place = self._position(max(self._byte, min(self._expat.ErrorByteIndex, len(self._data))))
            line = f"line {error.lineno}, column {error.offset + 1}"
            raise _error("ssml_malformed", f"The SSML is not well-formed: {reason} ({line}).", place) from None
        self._token_ends(len(self._source))
        return self._builder.build()

    # Positions

    def _position(self, byte: int) -> int:
        """Return the code point at a byte of the document; bytes must ascend."""
        if byte > self._byte:
            self._place += len(self._data[self._byte : byte].decode(errors="ignore"))
            self._byte = byte
        return self._place

    def _next(self, then: Callable[[int], None]) -> int:
        """End the token before this one, and call ``then`` with the end of this one; return its start."""
        start = self._position(self._expat.CurrentByteIndex)
        self._token_ends(start)
        self._pending = then
        return start

    def _token_ends(self, end: int) -> None:
        if self._pending is not None:
            self._pending(end)
            self._pending = None
        self._token = end

    # Tokens

    def _hidden(self, end: int) -> None:
        """Read a tag or a comment as a space."""
        if self._capture is None and end > self._token:
            self._builder.replace(self._token, end, " ", self._style)

    @property
    def _style(self) -> Style:
        return self._elements[-1].style if self._elements else PLAIN

    @property
    def _is_silent(self) -> bool:
        return bool(self._elements) and self._elements[-1].silent

    def _characters(self, data: str) -> None:
        self._next(lambda end: self._text(data, end))

    def _text(self, data: str, end: int) -> None:
        if self._is_silent:
            self._hidden(end)
            return
        if self._capture is not None:
            self._capture.text.append(data)
            return
        # White space of a document is no layout.
        data = data.replace("\n", " ").replace("\r", " ")
        if len(data) == end - self._token:
            self._builder.keep_as(self._token, end, data, self._style)
        else:
            self._builder.replace(self._token, end, data, self._style)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        start = self._next(self._hidden)
        if len(self._elements) >= MAX_DEPTH:
            message = f"The SSML is nested too deeply: at most {MAX_DEPTH} elements within each other."
            raise _error("ssml_too_deep", message, start, limit=MAX_DEPTH)
        if not self._root_seen and name != "speak":
            raise _error("ssml_malformed", "An SSML document begins with <speak> and ends with </speak>.", start)
        self._root_seen = True
        silent = self._is_silent or name in _SILENT
        style = self._style if silent or self._capture is not None else self._styled(name, attributes)
        self._elements.append(_Element(name, style, silent))
        if silent or self._capture is not None:
            return
        if name == "break":
            self._builder.pause(self._pause(attributes))
        elif name == "mark":
            self._builder.mark(attributes.get("name", "")[:_MAX_NAME])
        elif name in _ENDS:
            self._builder.end(_ENDS[name])
        elif name in _READ_AS_A_WHOLE:
            self._begin_capture(attributes)

    def _begin_capture(self, attributes: dict[str, str]) -> None:
        capture = _Capture(len(self._elements), attributes, -1, [])

        def content_begins(end: int) -> None:
            self._hidden(end)
            capture.start = end
            self._capture = capture

        self._pending = content_begins

    def _finish(self, name: str) -> None:
        start = self._next(self._hidden)
        capture, depth = self._capture, len(self._elements)
        if capture is not None and capture.depth == depth:
            self._capture = None
            self._whole(name, capture, start)
        if not self._is_silent and self._capture is None and name in _ENDS:
            self._builder.end(_ENDS[name])
        self._elements.pop()

    def _whole(self, name: str, capture: _Capture, end: int) -> None:
        """Add an element that is read as a whole."""
        content, style = "".join(capture.text), self._style
        language = style.language or self._language
        text, phonemes = content, ""
        if name == "sub":
            text = capture.attributes.get("alias", content)
        elif name == "say-as":
            interpret_as = capture.attributes.get("interpret-as", "").lower()
            text = say_as(content.strip(), interpret_as, capture.attributes.get("format", "").lower(), language)
        else:
            phonemes = self._phonemes(capture.attributes)
        # The text ends with the element, unless it continues the word before or after it.
        if phonemes and not text.strip():
            text = NO_SOURCE
        self._builder.replace(capture.start, end, " ".join(text.split()), style, phonemes)

    # Attributes

    def _styled(self, name: str, attributes: Mapping[str, str]) -> Style:
        style = self._style
        language = attributes.get("xml:lang", attributes.get("language", "") if name == "voice" else "")
        if language:
            if not _LANGUAGE.fullmatch(language):
                self._invalid(name, "xml:lang", language, "a language tag such as en-US")
            known = canonical_language(language)
            if not known:
                message = f"The language {language} is unknown. Use a tag such as en-US or de."
                raise _error("language_unsupported", message, self._place)
            style = replace(style, language="" if known == canonical_language(self._language) else known)
        if name == "voice" and "name" in attributes:
            style = replace(style, voice=self._find_voice(attributes["name"].strip()[:_MAX_NAME], self._place))
        if name == "prosody" and "rate" in attributes:
            rate = min(max(style.rate * self._rate(attributes["rate"].strip()), MIN_RATE), MAX_RATE)
            style = replace(style, rate=round(rate, 3))
        return style

    def _rate(self, rate: str) -> float:
        if rate in _RATES:
            return _RATES[rate]
        if match := _PERCENT.fullmatch(rate):
            percent = float(match[2])
            return (100 + float(f"{match[1]}{percent}") if match[1] else percent) / 100
        if _FACTOR.fullmatch(rate):
            return float(rate)
        return self._invalid("prosody", "rate", rate, f"a percentage, a factor, or one of {', '.join(_RATES)}")

    def _pause(self, attributes: Mapping[str, str]) -> float:
        if "time" in attributes:
            seconds = parse_pause(attributes["time"])
            if seconds is None:
                self._invalid("break", "time", attributes["time"], "a time such as 500ms or 1.5s")
            return seconds
        strength = attributes.get("strength", "medium")
        if strength not in _BREAKS:
            self._invalid("break", "strength", strength, f"one of {', '.join(_BREAKS)}")
        return _BREAKS[strength]

    def _phonemes(self, attributes: Mapping[str, str]) -> str:
        alphabet = attributes.get("alphabet", "ipa").lower()
        if alphabet != "ipa":
            self._invalid("phoneme", "alphabet", alphabet, "ipa")
        phonemes = decomposed(attributes.get("ph", ""))
        if not 0 < len(phonemes) <= MAX_IPA:
            self._invalid("phoneme", "ph", phonemes, f"from 1 to {MAX_IPA} IPA symbols")
        return phonemes

    def _invalid(self, element: str, attribute: str, value: str, expected: str) -> NoReturn:
        message = f'The attribute {attribute} of <{element}> cannot be "{value[:_MAX_QUOTED]}". Use {expected}.'
        raise _error("ssml_invalid", message, self._place, element=element, attribute=attribute)

    def _forbid(self, what: str) -> NoReturn:
        message = f"{what} is not allowed in SSML. Remove the declaration."
        raise _error("ssml_forbidden", message, max(self._source.find("<!"), 0))


_READ_AS_A_WHOLE = frozenset(("sub", "say-as", "phoneme"))


def _error(code: str, message: str, position: int, **details: object) -> TextError:
    return TextError(code, message, param="text", position=position, **details)
