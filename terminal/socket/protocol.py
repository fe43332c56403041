"""Message types of the websocket protocol, their parser and their encoder. docs/protocol.md specifies them.

Pure: no Django, no Channels. The parser validates each field, so other code can rely on the types.
"""

import json
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from core.errors import StorageUnavailableError
from core.limits import registry
from core.logs import correlation
from synthesis.errors import SpeechError
from themes.errors import ThemeError

VERSION = 1
MAX_ID = 0xFFFF_FFFF
AUDIO_HEADER = struct.Struct("<BBHIII")
AUDIO_KIND = 1
AUDIO_SAMPLES = 16_384
"""Maximum samples in one binary frame: 32 KiB, half of the message size limit."""
MAX_DEPTH = registry.MAX_JSON_DEPTH.default
"""Maximum nesting depth of a message; the colors of a theme are at the third level."""
MAX_HELD = registry.SENT_TEXTS.default
MAX_TOKEN = registry.MAX_RESUME_TOKEN.default
MAX_ECHO = 40
"""Maximum characters of a client's value that an error message repeats."""


@dataclass(frozen=True, slots=True)
class SessionUpdate:
    """Sets the voice, speaker and speed for subsequent utterances."""

    voice: str | None = None
    speaker: str | None = None
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class SpeechCreate:
    """Appends an utterance to the tab's queue; ``start`` is its first sample to send, ``resume`` a token."""

    id: int
    text: str
    voice: str | None = None
    speaker: str | None = None
    speed: float | None = None
    start: int = 0
    resume: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class SpeechCancel:
    """Cancels one utterance."""

    id: int


@dataclass(frozen=True, slots=True)
class SpeechCancelAll:
    """Cancels all utterances of the tab."""


@dataclass(frozen=True, slots=True)
class SpeechPause:
    """Pauses synthesis until ``SpeechResume``."""


@dataclass(frozen=True, slots=True)
class SpeechResume:
    """Resumes synthesis after ``SpeechPause``."""


@dataclass(frozen=True, slots=True)
class SpeechPlayed:
    """Reports playback progress: ``sample`` is the next sample to play."""

    id: int
    sample: int


@dataclass(frozen=True, slots=True)
class SessionPing:
    """Requests a ``session.pong`` (keep-alive)."""


@dataclass(frozen=True, slots=True)
class ThemeSet:
    """Selects the dark and light theme, the mode and the required contrast."""

    request_id: int
    mode: str | None = None
    dark: str | None = None
    light: str | None = None
    minimum_contrast: float | None = None
    device_only: bool | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ThemeCreate:
    """Creates a theme of the user, from a complete theme or as a copy of ``source``."""

    request_id: int
    id: str
    theme: dict[str, Any] | None = None
    source: str | None = None
    name: str | None = None
    activate: bool = False
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ThemeEdit:
    """Changes parts of a theme of the user; absent fields keep their values."""

    request_id: int
    id: str
    revision: int | None = None
    name: str | None = None
    scheme: str | None = None
    colors: dict[str, Any] | None = None
    typography: dict[str, Any] | None = None
    correlation_id: str | None = None

    @property
    def patch(self) -> dict[str, Any]:
        """Return the fields to change, as ``themes.schema.parse_patch`` expects them."""
        parts = {name: getattr(self, name) for name in ("name", "scheme", "colors", "typography")}
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ThemeDelete:
    """Deletes a theme; ``ThemeRestore`` can undo it for one day."""

    request_id: int
    id: str
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ThemeRestore:
    """Restores a deleted theme."""

    request_id: int
    id: str
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ThemeList:
    """Requests the list of available themes."""


@dataclass(frozen=True, slots=True)
class ThemeResume:
    """Restores the visitor of a tab without cookies, after a reconnect."""

    device: str


@dataclass(frozen=True, slots=True)
class SaySubscribe:
    """Receives the texts that programs send; ``held`` are the ids that the tab already has."""

    held: list[str]


@dataclass(frozen=True, slots=True)
class SayUsed:
    """Reports that the user uses this tab: it receives the next texts."""


@dataclass(frozen=True, slots=True)
class SayDone:
    """Reports that a text of a program was spoken."""

    id: str


@dataclass(frozen=True, slots=True)
class SayStop:
    """Reports that the user stopped or removed a text of a program: all tabs stop it."""

    id: str


ThemeChange = ThemeSet | ThemeCreate | ThemeEdit | ThemeDelete | ThemeRestore
ThemeMessage = ThemeChange | ThemeList | ThemeResume
SayMessage = SaySubscribe | SayUsed | SayDone | SayStop
Message = (
    SessionUpdate
    | SpeechCreate
    | SpeechCancel
    | SpeechCancelAll
    | SpeechPause
    | SpeechResume
    | SpeechPlayed
    | SessionPing
    | SayMessage
    | ThemeMessage
)
Check = Callable[[Any], bool]
_STRINGS = re.compile(r'"(?>(?:[^"\\]|\\.)*)"?', re.DOTALL)
_MARKS = re.compile(r"[][{}]")


def _integer(lowest: int) -> Check:
    return lambda value: type(value) is int and lowest <= value <= MAX_ID


def _number(value: Any) -> bool:
    return type(value) in (int, float)


def _string(value: Any) -> bool:
    return isinstance(value, str)


def _name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100


def _token(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TOKEN


def _uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 36 and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _uuids(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MAX_HELD and all(map(_uuid, value))


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
_CORRELATED = {"correlation_id": _NAME}
_CHANGE = {"request_id": _ID, **_CORRELATED}
_SENT_TEXT = {"id": _FieldSpec(_uuid, "a UUID", required=True)}
_THEME = {**_CHANGE, "id": _FieldSpec(_uuid, "a UUID", required=True)}

_TYPES: dict[str, tuple[type[Message], dict[str, _FieldSpec]]] = {
    "session.update": (SessionUpdate, _VOICE_FIELDS),
    "session.ping": (SessionPing, {}),
    "speech.create": (
        SpeechCreate,
        {
            "id": _ID,
            "text": _FieldSpec(_string, "a string", required=True),
            **_VOICE_FIELDS,
            "start": _SAMPLE,
            "resume": _FieldSpec(_token, f"a token of at most {MAX_TOKEN} characters"),
            **_CORRELATED,
        },
    ),
    "speech.cancel": (SpeechCancel, {"id": _ID}),
    "speech.cancel_all": (SpeechCancelAll, {}),
    "speech.pause": (SpeechPause, {}),
    "speech.resume": (SpeechResume, {}),
    "speech.played": (SpeechPlayed, {"id": _ID, "sample": _FieldSpec(_SAMPLE.check, _SAMPLE.expected, required=True)}),
    "say.subscribe": (SaySubscribe, {"held": _FieldSpec(_uuids, f"a list of at most {MAX_HELD} UUIDs", required=True)}),
    "say.used": (SayUsed, {}),
    "say.done": (SayDone, _SENT_TEXT),
    "say.stop": (SayStop, _SENT_TEXT),
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
    "theme.resume": (ThemeResume, {"device": _FieldSpec(_name, "the token from session.created", required=True)}),
}
TYPES = tuple(_TYPES)


def message_class(name: str) -> type[Message]:
    """Return the class of a message type."""
    return _TYPES[name][0]


def parse(frame: str, limit: int) -> Message:
    """Parse a text frame of at most ``limit`` bytes. Raises ``SpeechError``, with the id that the frame contains."""
    if len(frame) > limit or len(frame.encode("utf-8", "surrogatepass")) > limit:
        raise SpeechError(
            "frame_too_large",
            f"A message may have at most {limit} bytes. Split the text into several messages.",
            limit=limit,
        )
    fields = _object(frame)
    name = fields.pop("type", None)
    if not isinstance(name, str) or name not in _TYPES:
        raise SpeechError(
            "type_unknown", f"There is no message type {_abbreviate(name)}.", param="type", choices=list(TYPES)
        )
    build, known = _TYPES[name]
    _check(fields, known)
    return build(**fields)


def _object(frame: str) -> dict[str, Any]:
    if _depth(frame) > MAX_DEPTH:
        raise SpeechError("frame_invalid", "The message is nested too deeply.")
    try:
        value = json.loads(frame, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise SpeechError("frame_invalid", "The message is not JSON.") from None
    if not isinstance(value, dict):
        raise SpeechError("frame_invalid", "A message must be a JSON object.")
    return value


def _depth(frame: str) -> int:
    """Return the nesting depth of a frame, without parsing it."""
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
            raise SpeechError("field_missing", f"The required field {name} is missing.", param=name, **about)
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
    """Encode a control message as JSON."""
    return json.dumps({"type": name, **fields}, separators=(",", ":"))


def encode_error(
    error: SpeechError | ThemeError | StorageUnavailableError,
    utterance: int | None = None,
    *,
    request_id: int | None = None,
) -> str:
    """Return an error frame; it ends ``utterance``, or rejects the theme request ``request_id``.

    It has the correlation id of the work in progress.
    """
    fields = {"code": error.code, "message": error.message, **error.details}
    if error.param is not None:
        fields["param"] = error.param
    if utterance is not None:
        fields["id"] = utterance
    if request_id is not None:
        fields["request_id"] = request_id
    if correlation_id := correlation.current():
        fields["correlation_id"] = correlation_id
    return encode("error", **fields)


def encode_audio(utterance: int, sequence: int, first_sample: int, pcm: bytes) -> bytes:
    """Encode a binary frame: a header of 16 bytes, then PCM16 samples."""
    return AUDIO_HEADER.pack(VERSION, AUDIO_KIND, 0, utterance, sequence, first_sample) + pcm


def utf16_offsets(text: str) -> Callable[[int], int]:
    """Return a function that converts offsets in code points (Python) to UTF-16 code units (JavaScript)."""
    if text.isascii() or max(text) <= "\uffff":
        return lambda offset: offset
    units = [0]
    for character in text:
        units.append(units[-1] + (2 if character > "\uffff" else 1))
    return units.__getitem__
