"""The socket's messages as frozen types, their parser and their encoder. docs/protocol.md describes them.

Pure: no Django, no Channels. A frame is checked in full here, so that nothing behind it meets a wrong type.
"""

import json
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from core.errors import StorageUnavailableError
from synthesis.errors import SpeechError
from themes.errors import ThemeError

VERSION = 1
MAX_ID = 0xFFFF_FFFF
AUDIO_HEADER = struct.Struct("<BBHIII")
AUDIO_KIND = 1
AUDIO_SAMPLES = 16_384
"""Samples in one binary frame at most: 32 KiB, half of what either side takes in a message."""
MAX_DEPTH = 4
"""How deep a message may be nested: a theme's colors are at the third level."""
MAX_ECHO = 40
"""Characters of a stranger's value that an error repeats."""


@dataclass(frozen=True, slots=True)
class SessionUpdate:
    """Sets what holds for the utterances to come."""

    voice: str | None = None
    speaker: str | None = None
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class SpeechCreate:
    """Asks for an utterance, to be spoken after those asked for before."""

    id: int
    text: str
    voice: str | None = None
    speaker: str | None = None
    speed: float | None = None
    start: int = 0


@dataclass(frozen=True, slots=True)
class SpeechCancel:
    """Ends one utterance."""

    id: int


@dataclass(frozen=True, slots=True)
class SpeechCancelAll:
    """Ends them all."""


@dataclass(frozen=True, slots=True)
class SpeechPause:
    """Nothing more is made until ``SpeechResume``."""


@dataclass(frozen=True, slots=True)
class SpeechResume:
    """Goes on after ``SpeechPause``."""


@dataclass(frozen=True, slots=True)
class SpeechPlayed:
    """The tab has played up to ``sample``."""

    id: int
    sample: int


@dataclass(frozen=True, slots=True)
class SessionPing:
    """Asks whether anybody is there."""


@dataclass(frozen=True, slots=True)
class ThemeSet:
    """Says which themes to show."""

    request_id: int
    mode: str | None = None
    dark: str | None = None
    light: str | None = None
    minimum_contrast: float | None = None
    device_only: bool | None = None


@dataclass(frozen=True, slots=True)
class ThemeCreate:
    """Makes a theme of one's own."""

    request_id: int
    id: str
    theme: dict[str, Any] | None = None
    source: str | None = None
    name: str | None = None
    activate: bool = False


@dataclass(frozen=True, slots=True)
class ThemeEdit:
    """Changes parts of a theme of one's own; a field that is absent is left alone."""

    request_id: int
    id: str
    revision: int | None = None
    name: str | None = None
    scheme: str | None = None
    colors: dict[str, Any] | None = None
    typography: dict[str, Any] | None = None

    @property
    def patch(self) -> dict[str, Any]:
        """What is to be changed."""
        parts = {name: getattr(self, name) for name in ("name", "scheme", "colors", "typography")}
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ThemeDelete:
    """Puts a theme aside."""

    request_id: int
    id: str


@dataclass(frozen=True, slots=True)
class ThemeRestore:
    """Takes it back."""

    request_id: int
    id: str


@dataclass(frozen=True, slots=True)
class ThemeList:
    """Asks for all that can be chosen."""


@dataclass(frozen=True, slots=True)
class ThemeResume:
    """Makes a tab without cookies the visitor that it was."""

    device: str


ThemeChange = ThemeSet | ThemeCreate | ThemeEdit | ThemeDelete | ThemeRestore
ThemeMessage = ThemeChange | ThemeList | ThemeResume
Message = (
    SessionUpdate
    | SpeechCreate
    | SpeechCancel
    | SpeechCancelAll
    | SpeechPause
    | SpeechResume
    | SpeechPlayed
    | SessionPing
    | ThemeMessage
)
Check = Callable[[Any], bool]
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_MARKS = re.compile(r"[][{}]")


def _integer(lowest: int) -> Check:
    return lambda value: type(value) is int and lowest <= value <= MAX_ID


def _number(value: Any) -> bool:
    return type(value) in (int, float)


def _string(value: Any) -> bool:
    return isinstance(value, str)


def _name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100


def _uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 36 and str(UUID(value)) == value.lower()
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _FieldSpec:
    check: Check
    expected: str
    required: bool = False


_VOICE_FIELDS = {
    "voice": _FieldSpec(_name, "a voice's id"),
    "speaker": _FieldSpec(_name, "a speaker's name"),
    "speed": _FieldSpec(_number, "a number"),
}
_ID = _FieldSpec(_integer(1), f"a whole number from 1 to {MAX_ID}", required=True)
_SAMPLE = _FieldSpec(_integer(0), f"a whole number from 0 to {MAX_ID}")
_REFERENCE = _FieldSpec(_name, "the id of a preset or a theme")
_NAME = _FieldSpec(_string, "a string")
_OBJECT = _FieldSpec(lambda value: isinstance(value, dict), "an object")
_BOOLEAN = _FieldSpec(lambda value: isinstance(value, bool), "true or false")
_CHANGE = {"request_id": _ID}
_THEME = {**_CHANGE, "id": _FieldSpec(_uuid, "a UUID", required=True)}

_TYPES: dict[str, tuple[type[Message], dict[str, _FieldSpec]]] = {
    "session.update": (SessionUpdate, _VOICE_FIELDS),
    "session.ping": (SessionPing, {}),
    "speech.create": (
        SpeechCreate,
        {"id": _ID, "text": _FieldSpec(_string, "a string", required=True), **_VOICE_FIELDS, "start": _SAMPLE},
    ),
    "speech.cancel": (SpeechCancel, {"id": _ID}),
    "speech.cancel_all": (SpeechCancelAll, {}),
    "speech.pause": (SpeechPause, {}),
    "speech.resume": (SpeechResume, {}),
    "speech.played": (SpeechPlayed, {"id": _ID, "sample": _FieldSpec(_SAMPLE.check, _SAMPLE.expected, required=True)}),
    "theme.set": (
        ThemeSet,
        {
            **_CHANGE,
            "mode": _NAME,
            "dark": _REFERENCE,
            "light": _REFERENCE,
            "minimum_contrast": _FieldSpec(_number, "a number"),
            "device_only": _BOOLEAN,
        },
    ),
    "theme.create": (
        ThemeCreate,
        {**_THEME, "theme": _OBJECT, "source": _REFERENCE, "name": _NAME, "activate": _BOOLEAN},
    ),
    "theme.edit": (
        ThemeEdit,
        {
            **_THEME,
            "revision": _FieldSpec(_integer(0), f"a whole number from 0 to {MAX_ID}"),
            "name": _NAME,
            "scheme": _NAME,
            "colors": _OBJECT,
            "typography": _OBJECT,
        },
    ),
    "theme.delete": (ThemeDelete, _THEME),
    "theme.restore": (ThemeRestore, _THEME),
    "theme.list": (ThemeList, {}),
    "theme.resume": (ThemeResume, {"device": _FieldSpec(_name, "what session.created gave", required=True)}),
}
TYPES = tuple(_TYPES)


def parse(frame: str, limit: int) -> Message:
    """The message in a text frame of at most ``limit`` bytes. Raises ``SpeechError``, about the utterance it names."""
    if len(frame) > limit or len(frame.encode("utf-8", "surrogatepass")) > limit:
        raise SpeechError(
            "frame_too_large", f"A message may have {limit} bytes. Send the text in several.", limit=limit
        )
    fields = _object(frame)
    name = fields.pop("type", None)
    if not isinstance(name, str) or name not in _TYPES:
        raise SpeechError(
            "type_unknown", f"There is no message {_abbreviate(name)}.", param="type", choices=list(TYPES)
        )
    build, known = _TYPES[name]
    _check(fields, known)
    return build(**fields)


def _object(frame: str) -> dict[str, Any]:
    if _depth(frame) > MAX_DEPTH:
        raise SpeechError("frame_invalid", "That message is nested too deep.")
    try:
        value = json.loads(frame, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise SpeechError("frame_invalid", "That message is not JSON.") from None
    if not isinstance(value, dict):
        raise SpeechError("frame_invalid", "A message is a JSON object.")
    return value


def _depth(frame: str) -> int:
    """How deep a frame is nested, found without parsing it."""
    if frame.count("{") + frame.count("[") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for mark in _MARKS.findall(_STRINGS.sub("", frame)):
        depth += 1 if mark in "{[" else -1
        deepest = max(deepest, depth)
    return deepest


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check(fields: dict[str, Any], known: Mapping[str, _FieldSpec]) -> None:
    subject = "request_id" if "request_id" in known else "id"
    about = {subject: fields[subject]} if subject in known and _ID.check(fields.get(subject)) else {}
    for name, field in known.items():
        if field.required and name not in fields:
            raise SpeechError("field_missing", f"The message needs the field {name}.", param=name, **about)
    for name, value in fields.items():
        if name not in known:
            raise SpeechError(
                "field_unknown", f"The message has no field {_abbreviate(name)}.", param=name[:MAX_ECHO], **about
            )
        if not known[name].check(value):
            raise SpeechError("field_invalid", f"{name} must be {known[name].expected}.", param=name, **about)


def _abbreviate(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= MAX_ECHO else text[: MAX_ECHO - 1] + "…"


def encode(name: str, **fields: Any) -> str:
    """A control frame."""
    return json.dumps({"type": name, **fields}, separators=(",", ":"))


def encode_error(
    error: SpeechError | ThemeError | StorageUnavailableError,
    utterance: int | None = None,
    *,
    request_id: int | None = None,
) -> str:
    """Return an error frame; it ends ``utterance``, or rejects the theme request ``request_id``."""
    fields = {"code": error.code, "message": error.message, **error.details}
    if error.param is not None:
        fields["param"] = error.param
    if utterance is not None:
        fields["id"] = utterance
    if request_id is not None:
        fields["request_id"] = request_id
    return encode("error", **fields)


def encode_audio(utterance: int, sequence: int, first_sample: int, pcm: bytes) -> bytes:
    """A binary frame: the header of 16 bytes, then PCM16."""
    return AUDIO_HEADER.pack(VERSION, AUDIO_KIND, 0, utterance, sequence, first_sample) + pcm


def utf16_offsets(text: str) -> Callable[[int], int]:
    """A function from offsets in code points, as Python counts, to UTF-16 code units, as JavaScript does."""
    if text.isascii() or max(text) <= "\uffff":
        return lambda offset: offset
    units = [0]
    for character in text:
        units.append(units[-1] + (2 if character > "\uffff" else 1))
    return units.__getitem__
