"""``POST /v1/text-to-speech/{voice_id}`` and its variants: streamed, with the times of characters, or both."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from core.api.body import json_object
from core.api.errors import ApiError
from synthesis import runtime
from synthesis.api.access import open_client
from synthesis.api.captions import SpokenWord
from synthesis.api.dialects.elevenlabs.alignment import Character, CharacterTimes, alignment
from synthesis.api.dialects.elevenlabs.errors import error_response
from synthesis.api.dialects.elevenlabs.formats import output_format
from synthesis.api.dialects.views import as_mapping, dialect_view, split_name, translated
from synthesis.api.parameters import SpeechParameters
from synthesis.api.responses import SpeechStream, Utterance, charge, respond

NAME = "elevenlabs"
AUDIO_BYTES = 24 * 1024
"""Bytes of audio in a line or message at most: this server and aiohttp, which Pipecat uses, limit their length."""
LINES = "application/json"
"""ElevenLabs' content type of a stream of JSON objects, one a line."""

speaks = dialect_view(NAME, "POST", error_response=error_response)


@speaks
async def speech(request: HttpRequest, voice_id: str) -> HttpResponseBase:
    """Synthesize ``text``. WAV has exact lengths, so it is sent when it is complete; other formats are streamed."""
    parameters, utterance = await _utterance(request, voice_id)
    parameters = replace(parameters, stream=parameters.format.name != "wav")
    return await respond(utterance.speech, utterance.request, parameters, utterance.headers)


@speaks
async def stream(request: HttpRequest, voice_id: str) -> HttpResponseBase:
    """Synthesize ``text``, streamed in every format."""
    parameters, utterance = await _utterance(request, voice_id)
    return await respond(utterance.speech, utterance.request, parameters, utterance.headers)


@speaks
async def with_timestamps(request: HttpRequest, voice_id: str) -> HttpResponseBase:
    """Return the audio in base64, and the times of all characters of the text."""
    _, utterance = await _utterance(request, voice_id)
    audio, characters = [], []
    async for data, times in _timed(utterance):
        audio.append(data)
        characters += times
    body = _chunk(b"".join(audio), characters)
    return JsonResponse(body, headers=utterance.headers)


@speaks
async def stream_with_timestamps(request: HttpRequest, voice_id: str) -> HttpResponseBase:
    """Return lines of JSON, each with the next audio and the times of the next characters."""
    _, utterance = await _utterance(request, voice_id)
    await utterance.speech.prefetch()

    async def lines() -> AsyncIterator[bytes]:
        async for data, times in _timed(utterance):
            for piece in pieces(data):
                yield json.dumps(_chunk(piece, times), ensure_ascii=False).encode() + b"\n"
                times = []

    return SpeechStream(utterance.speech, lines(), LINES, utterance.headers)


@dialect_view(NAME, "GET", "POST", "PUT", "PATCH", "DELETE", error_response=error_response)
async def not_found(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Return 404 in ElevenLabs' shape."""
    raise ApiError("address_unknown", "This address does not exist.")


async def _utterance(request: HttpRequest, voice_id: str) -> tuple[SpeechParameters, Utterance]:
    client = await open_client(request)
    audio_format, rate = output_format(request.GET.get("output_format"))
    body = json_object(request)
    parameters = await translated(
        body.get("text"),
        "text",
        **split_name(await runtime.get_runtime().catalog.read(), voice_id),
        speed=as_mapping(body, "voice_settings").get("speed"),
    )
    parameters = replace(parameters, format=audio_format, sample_rate=rate)
    return parameters, await charge(client, parameters)


async def _timed(utterance: Utterance) -> AsyncIterator[tuple[bytes, list[Character]]]:
    """Yield audio with the characters whose times became known before it; at last, the rest without audio."""
    text, times = utterance.request.text, CharacterTimes()
    words: list[SpokenWord] = []
    async for part in utterance.speech.parts():
        if isinstance(part, bytes):
            yield part, times.until(text, words)
            words = []
        else:
            words += part
    if rest := times.until(text, words) + times.rest(text, utterance.speech.duration_s):
        yield b"", rest


def pieces(audio: bytes) -> list[bytes]:
    """Split audio into pieces for lines or messages; one empty piece for empty audio."""
    return [audio[begin : begin + AUDIO_BYTES] for begin in range(0, max(1, len(audio)), AUDIO_BYTES)]


def _chunk(audio: bytes, characters: list[Character]) -> dict[str, Any]:
    # The voices read the text that they are sent, so its normalized form has no times of its own.
    times = alignment(characters)
    return {"audio_base64": base64.b64encode(audio).decode(), "alignment": times, "normalized_alignment": times}
