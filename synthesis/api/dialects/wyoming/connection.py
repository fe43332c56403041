"""One connection of a Wyoming client: describes the voices, and speaks whole texts and texts that arrive in pieces."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.conf import settings
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Eventable, async_write_event
from wyoming.info import Attribution, Describe, Info, TtsProgram, TtsVoice, TtsVoiceSpeaker
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

from core.api.access import is_loopback
from core.api.errors import ApiError
from core.errors import StorageUnavailableError
from core.limits import registry
from core.limits.subjects import RateLimitSubject, subject_for
from synthesis import runtime
from synthesis.api.dialects.views import as_mapping, split_name, translated, voice_for_language
from synthesis.api.dialects.wyoming.events import read_event
from synthesis.api.growing_text import GrowingText
from synthesis.api.parameters import SpeechParameters
from synthesis.api.responses import charge
from synthesis.api.streaming import EncodedSpeech
from synthesis.audio.formats import FORMATS
from synthesis.catalog import CatalogVoice
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient

SAMPLE_BYTES = 2
CHUNK_BYTES = 16 * 1024
"""Bytes of audio in an event at most."""
IDLE_S = registry.WYOMING_IDLE_S.default
NO_ACCESS = (
    "This server lets only programs on its own machine speak without an account. The operator can start it with "
    "--account, or let visitors use the API."
)
ClientErrors = (SpeechError, ApiError, StorageUnavailableError)


class Connection:
    """Answers the events of a client at ``address``, ``None`` for a Unix socket; an error ends the connection.

    The protocol has no credentials: the client counts as ``account``, or as a visitor for ``None``.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str | None, account: int | None
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._address = address or "127.0.0.1"
        self._account = account
        self._text: GrowingText | None = None
        self._speaking: asyncio.Task[None] | None = None

    @property
    def subject(self) -> RateLimitSubject:
        """Return whom the limits count."""
        return subject_for(self._account, self._address)

    async def run(self) -> None:
        """Answer events until the client disconnects, makes an error, or is idle."""
        with suppress(ConnectionError, TimeoutError):
            try:
                limiter, policy = runtime.get_runtime().rate_limiter, (await self._open()).policy
                async with limiter.connection_slot(self.subject, self.subject.key, policy):
                    await self._answer_all()
            except ClientErrors as error:
                await self._fail(error)
            finally:
                await self._stop()

    async def _answer_all(self) -> None:
        while True:
            async with asyncio.timeout(IDLE_S):
                event = await read_event(self._reader)
            if event is None:
                return
            await self._answer(event.type, event.data)

    async def _answer(self, kind: str, data: Mapping[str, Any]) -> None:
        """Answer one event; ignore unknown ones, which later versions of the protocol may have."""
        if Describe.is_type(kind):
            await self._send(await _info())
        elif Ping.is_type(kind):
            await self._send(Pong())
        elif SynthesizeStart.is_type(kind):
            await self._begin(data)
        elif SynthesizeChunk.is_type(kind) and self._text is not None:
            await self._text.append(_text(data))
        elif SynthesizeStop.is_type(kind) and self._text is not None:
            await self._text.end()
            if self._speaking is not None:
                await self._speaking
            self._text = None
        elif Synthesize.is_type(kind) and self._text is None:
            # While a text arrives in pieces, clients send it as a whole, too, for servers that do not stream.
            client = await self._open()
            utterance = await charge(client, await _parameters(data, _text(data)))
            await self._speak(utterance.speech)
            await self._send(AudioStop())

    async def _begin(self, data: Mapping[str, Any]) -> None:
        await self._stop()
        client = await self._open()
        # Text is normalized before a part of it is charged.
        await client.require_quota()
        parameters = await _parameters(data, ".")
        request = await client.build(".", voice=parameters.voice, speaker=parameters.speaker)
        self._text = GrowingText(client, parameters, request.voice.language)
        self._speaking = asyncio.create_task(self._speak_growing(EncodedSpeech(self._text, parameters)))

    async def _speak_growing(self, speech: EncodedSpeech) -> None:
        try:
            await self._speak(speech)
            if speech.duration_s:
                await self._send(AudioStop())
            await self._send(SynthesizeStopped())
        except ClientErrors as error:
            await self._fail(error)
        except (ConnectionError, TimeoutError):
            self._writer.close()

    async def _speak(self, speech: EncodedSpeech) -> None:
        started = False
        try:
            async for audio in speech.audio():
                rate = speech.sample_rate
                if not started:
                    started = True
                    await self._send(AudioStart(rate=rate, width=SAMPLE_BYTES, channels=1))
                for begin in range(0, len(audio), CHUNK_BYTES):
                    piece = audio[begin : begin + CHUNK_BYTES]
                    await self._send(AudioChunk(rate=rate, width=SAMPLE_BYTES, channels=1, audio=piece))
        finally:
            await speech.aclose()

    async def _open(self) -> SpeechClient:
        """Return the client with its current policy. Raises ``ApiError`` ``token_missing``."""
        client = await runtime.get_runtime().gateway.open(self.subject, settings.SYNTHESIS_HTTP_WAIT_S)
        allowed = client.policy.api_access
        if self._account is None and not (allowed == "all" or (allowed == "local" and is_loopback(self._address))):
            raise ApiError("token_missing", NO_ACCESS)
        return client

    async def _fail(self, error: SpeechError | ApiError | StorageUnavailableError) -> None:
        """Report the error and disconnect: clients wait for the end of the audio otherwise."""
        await self._send(Error(text=error.message, code=error.code))
        self._writer.close()

    async def _stop(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.wait({self._speaking})
        self._text = self._speaking = None

    async def _send(self, event: Eventable) -> None:
        async with asyncio.timeout(IDLE_S):
            await async_write_event(event.event(), self._writer)


async def _info() -> Info:
    voices = [_voice(entry) for entry in (await runtime.get_runtime().catalog.read()).entries]
    program = TtsProgram(
        name="alphanumeric",
        description="Alphanumeric",
        attribution=_attribution(),
        installed=True,
        version=None,
        voices=voices,
        supports_synthesize_streaming=True,
    )
    return Info(tts=[program])


def _voice(entry: CatalogVoice) -> TtsVoice:
    return TtsVoice(
        name=entry.id,
        description=entry.name,
        attribution=_attribution(),
        installed=True,
        version=None,
        languages=[entry.language],
        speakers=[TtsVoiceSpeaker(name=speaker) for speaker in entry.speakers] or None,
    )


def _attribution() -> Attribution:
    return Attribution(name="Alphanumeric", url="")


def _text(data: Mapping[str, Any]) -> str:
    text = data.get("text")
    if not isinstance(text, str):
        raise ApiError("field_invalid", "The event needs the field text, a string.", param="text")
    return text


async def _parameters(data: Mapping[str, Any], text: str) -> SpeechParameters:
    """Return the parameters for the event's voice, as PCM at the voice's own sample rate. Raises ``ApiError``."""
    if data.get("text_format") not in (None, "text"):
        raise ApiError("field_invalid", "The text_format must be text.", param="text_format", choices=["text"])
    voice = as_mapping(data, "voice")
    catalog = await runtime.get_runtime().catalog.read()
    name, language = voice.get("name"), voice.get("language")
    chosen: dict[str, Any] = {"voice": name}
    if isinstance(name, str):
        chosen = split_name(catalog, name)
    elif isinstance(language, str):
        chosen = {"voice": voice_for_language(catalog, language)}
    if voice.get("speaker") is not None:
        chosen["speaker"] = voice["speaker"]
    parameters = await translated(text, "text", **chosen)
    return replace(parameters, format=replace(FORMATS["pcm"], default_rate=None))
