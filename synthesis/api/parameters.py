"""Parameters of ``POST /v1/audio/speech``: types, choices and defaults. Pure, except for the catalog of voices."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.api.errors import ApiError
from synthesis.audio.formats import FORMATS, AudioFormat
from synthesis.catalog import VoiceCatalog
from synthesis.text.annotation.reading_options import Treatment, valid_choices
from synthesis.text.annotation.ssml import is_ssml
from synthesis.text.incremental import THINKING

CAPTIONS = ("srt", "vtt")
"""Values of ``response_format`` that return the text with its times instead of audio."""
AUTOMATIC = "auto"
INPUT_TYPES = ("text", "ssml")
STREAM_FORMATS = ("audio", "sse")
GRANULARITIES = ("word",)
_QUOTED = 40
"""Maximum characters of the client's value that an error message quotes."""


@dataclass(frozen=True, slots=True)
class SpeechParameters:
    """A valid request, before its text, voice and speed are checked."""

    text: str
    voice: str | None
    speaker: str | None
    speed: float
    format: AudioFormat
    """The audio format; meaningless for captions."""
    captions: str | None
    """``"srt"``, ``"vtt"`` or ``None``."""
    sample_rate: int | None
    """In Hz; ``None`` selects the format's default."""
    words: bool
    """Whether the response contains the times of the words."""
    events: bool
    """Whether the response is a stream of server-sent events."""
    skip_thinking: bool
    """Whether ``<think>`` blocks are left out; ``text`` has none then."""
    reading: Mapping[str, Any]
    """Fields of ``ReadingOptions`` that the client chose."""
    stream: bool
    """Whether the response begins before the whole utterance is synthesized."""


def read_parameters(fields: Mapping[str, Any], catalog: VoiceCatalog) -> SpeechParameters:
    """Return the parameters. Ignores unknown ones, and treats ``null`` as absent. Raises ``ApiError``."""
    response_format = _choice(fields, "response_format", (*FORMATS, *CAPTIONS), "format_unknown")
    audio_format = FORMATS.get(response_format, FORMATS["pcm"])
    text = _typed(fields, "input", str, None)
    if text is None:
        raise ApiError("field_missing", "The parameter input is missing.", param="input")
    skip_thinking = _typed(fields, "skip_thinking", bool, default=True)
    input_type = _choice(fields, "input_type", (AUTOMATIC, *INPUT_TYPES), "field_invalid")
    reading = valid_choices(_typed(fields, "reading", dict, {}))
    if input_type != AUTOMATIC:
        reading["ssml"] = input_type == "ssml"
    # By the former parameter, which applies to texts that arrive in pieces, too.
    skip_thinking = skip_thinking and reading.get("thinking", Treatment.SKIP) == Treatment.SKIP
    if fields.get("skip_thinking") is False:
        reading.setdefault("thinking", Treatment.READ)
    if skip_thinking and not is_ssml(text):
        text = THINKING.sub(" ", text).strip() if "<" in text else text
    _typed(fields, "instructions", str, None)
    captions = response_format if response_format in CAPTIONS else None
    return SpeechParameters(
        text=text,
        voice=_voice(fields, catalog),
        speaker=_typed(fields, "speaker", str, None),
        speed=_typed(fields, "speed", (int, float), 1.0),
        format=audio_format,
        captions=captions,
        sample_rate=_sample_rate(fields, audio_format),
        words=bool(_granularities(fields)),
        events=_choice(fields, "stream_format", STREAM_FORMATS, "field_invalid") == "sse" and captions is None,
        skip_thinking=skip_thinking,
        reading=reading,
        stream=_typed(fields, "stream", bool, default=True),
    )


def _voice(fields: Mapping[str, Any], catalog: VoiceCatalog) -> str | None:
    """Return the voice's id, from ``voice``, or from ``model`` if it is a voice's name; ``None`` for the default."""
    model = _typed(fields, "model", str, "")
    voice = _typed(fields, "voice", str, "")
    if voice.strip():
        return catalog.resolve(voice)
    return catalog.resolve(model) if model.strip() and catalog.knows(model) else None


def _sample_rate(fields: Mapping[str, Any], audio_format: AudioFormat) -> int | None:
    rate: int | None = _typed(fields, "sample_rate", int, None)
    if rate is not None and rate not in audio_format.rates:
        choices = ", ".join(map(str, audio_format.rates))
        raise ApiError(
            "sample_rate_unsupported",
            f"{audio_format.name} cannot have that sample rate. Choose from: {choices}.",
            param="sample_rate",
            choices=list(audio_format.rates),
        )
    return rate


def _granularities(fields: Mapping[str, Any]) -> list[str]:
    listed: list[Any] = _typed(fields, "timestamp_granularities", list, [])
    if any(name not in GRANULARITIES for name in listed):
        choices = list(GRANULARITIES)
        message = "timestamp_granularities must be a list. Choose from: word."
        raise ApiError("field_invalid", message, param="timestamp_granularities", choices=choices)
    return listed


def _typed(fields: Mapping[str, Any], name: str, types: type | tuple[type, ...], default: Any) -> Any:
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
        raise ApiError("field_invalid", f"The parameter {name} has the wrong type.", param=name)
    return value


def _choice(fields: Mapping[str, Any], name: str, choices: Sequence[str], code: str) -> str:
    value: str = _typed(fields, name, str, choices[0])
    if value not in choices:
        raise ApiError(
            code,
            f"{name} cannot be {json.dumps(value[:_QUOTED])}. Choose from: {', '.join(choices)}.",
            param=name,
            choices=list(choices),
        )
    return value
