"""The bodies of speech responses: a stream, a complete file, server-sent events, JSON with word times, or captions."""

import asyncio
import base64
import json
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse

from synthesis.api.captions import MEDIA_TYPES, SpokenWord, group_words, render
from synthesis.api.errors import quota_headers
from synthesis.api.parameters import SpeechParameters
from synthesis.api.streaming import EncodedSpeech, WholeText
from synthesis.gateway import SpeechClient
from synthesis.pipeline.request import SpeechRequest

SPOOL_BYTES = 256 * 1024
"""Bytes of a complete file that are held in memory; larger ones go to a temporary file while the client reads."""
PART_BYTES = 64 * 1024
OUTPUT_TOKENS_PER_SECOND = 20
"""OpenAI counts audio in tokens, but does not document their number per second; here, each lasts 50 ms."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text that was charged, and is not synthesized before ``speech`` is read."""

    speech: EncodedSpeech
    request: SpeechRequest
    headers: dict[str, str]
    """Of the response: the request quota."""


async def charge(client: SpeechClient, parameters: SpeechParameters) -> Utterance:
    """Return the utterance that ``parameters`` describe. Raises what ``SpeechClient.charge`` raises."""
    request = await client.build(
        parameters.text,
        voice=parameters.voice,
        speaker=parameters.speaker,
        speed=parameters.speed,
        reading=parameters.reading,
    )
    quota = await client.charge(request)
    speech = EncodedSpeech(WholeText(client, request), parameters)
    return Utterance(speech, request, {"Cache-Control": "no-store", **quota_headers(quota)})


async def respond(
    speech: EncodedSpeech, request: SpeechRequest, parameters: SpeechParameters, headers: Mapping[str, str]
) -> HttpResponseBase:
    """Return the response in the form that the parameters name. Raises ``SpeechError`` before it begins."""
    if parameters.captions is not None:
        words = [word async for part in speech.parts() if isinstance(part, list) for word in part]
        text = render(group_words(words), parameters.captions)
        return HttpResponse(text, content_type=MEDIA_TYPES[parameters.captions], headers=headers)
    await speech.prefetch()
    if parameters.events:
        return SpeechStream(speech, _events(speech, request, parameters), "text/event-stream", headers)
    if parameters.words:
        return JsonResponse(await _timed_audio(speech, request, parameters), headers=headers)
    content_type = parameters.format.content_type(speech.sample_rate)
    if parameters.stream:
        return SpeechStream(speech, speech.audio(), content_type, headers)
    return await _complete(speech, content_type, headers)


class SpeechStream(StreamingHttpResponse):
    """A response whose utterance stops when the response is closed, even if its body was never read."""

    def __init__(
        self, speech: EncodedSpeech, body: AsyncIterator[bytes], content_type: str, headers: Mapping[str, str]
    ) -> None:
        # X-Accel-Buffering: a proxy that buffers the response would defeat the streaming.
        super().__init__(body, content_type=content_type, headers={**headers, "X-Accel-Buffering": "no"})
        self._speech = speech
        # Django calls it in another thread.
        close = partial(asyncio.get_running_loop().call_soon_threadsafe, speech.close_soon)
        self._resource_closers.append(close)  # type: ignore[attr-defined]  # of all responses

    async def aclose(self) -> None:
        """Stop the utterance, and wait until it has stopped. ``ApiAwareHandler`` calls this."""
        await self._speech.aclose()


async def _events(speech: EncodedSpeech, request: SpeechRequest, parameters: SpeechParameters) -> AsyncIterator[bytes]:
    """Yield the events of OpenAI's API, and ``speech.audio.words`` if the client asked for the words' times."""
    async for part in speech.parts():
        if isinstance(part, bytes):
            yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(part).decode()})
        elif parameters.words and part:
            yield _event({"type": "speech.audio.words", "words": word_list(part), **mark_list(part.marks)})
    yield _event({"type": "speech.audio.done", "usage": usage(request.text, speech.duration_s)})


def _event(fields: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(fields, ensure_ascii=False)}\n\n".encode()


async def _timed_audio(speech: EncodedSpeech, request: SpeechRequest, parameters: SpeechParameters) -> dict[str, Any]:
    words: list[SpokenWord] = []
    marks: list[tuple[str, float]] = []
    with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool:
        async for part in speech.parts():
            if isinstance(part, bytes):
                spool.write(part)
            else:
                words += part
                marks += part.marks
        _correct(speech, spool)
        spool.seek(0)
        audio = base64.b64encode(spool.read()).decode()
    return {
        "audio": audio,
        "format": parameters.format.name,
        "sample_rate": speech.sample_rate,
        "duration": round(speech.duration_s, 3),
        "words": word_list(words),
        **mark_list(marks),
        "usage": usage(request.text, speech.duration_s),
    }


def word_list(words: Iterable[SpokenWord]) -> list[dict[str, Any]]:
    """Return words with their times in seconds, as JSON-ready data."""
    return [{"word": word.text, "start": round(word.start_s, 3), "end": round(word.end_s, 3)} for word in words]


def mark_list(marks: Iterable[tuple[str, float]]) -> dict[str, Any]:
    """Return the field of the marks of SSML with their times in seconds; no field if there are none."""
    listed = [{"name": name, "time": round(time_s, 3)} for name, time_s in marks]
    return {"marks": listed} if listed else {}


def usage(text: str, duration_s: float) -> dict[str, int]:
    """Return OpenAI's usage object: input in characters, output in units of 50 ms."""
    heard = round(duration_s * OUTPUT_TOKENS_PER_SECOND)
    characters = len(text)
    return {"input_tokens": characters, "output_tokens": heard, "total_tokens": characters + heard}


async def _complete(speech: EncodedSpeech, content_type: str, headers: Mapping[str, str]) -> HttpResponseBase:
    """Return the whole file with ``Content-Length``, and with exact lengths in its header."""
    spool = tempfile.SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115 - the response closes it
    try:
        async for part in speech.audio():
            spool.write(part)
        _correct(speech, spool)
        size = spool.seek(0, 2)
        spool.seek(0)
    except BaseException:  # Also if the client disconnects (CancelledError): no response exists that closes the file.
        spool.close()
        raise
    response = StreamingHttpResponse(_read(spool), content_type=content_type, headers=headers)
    response["Content-Length"] = str(size)
    response._resource_closers.append(spool.close)  # type: ignore[attr-defined]  # of all responses
    return response


async def _read(spool: IO[bytes]) -> AsyncIterator[bytes]:
    while part := spool.read(PART_BYTES):
        yield part


def _correct(speech: EncodedSpeech, spool: IO[bytes]) -> None:
    if speech.encoder is not None:
        for offset, data in speech.encoder.corrections():
            spool.seek(offset)
            spool.write(data)
        spool.seek(0, 2)
