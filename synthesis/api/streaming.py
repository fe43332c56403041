"""An utterance as encoded audio and word times; the first audio is encoded before the response begins."""

import asyncio
import html
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from synthesis.api.captions import SpokenWord
from synthesis.api.parameters import SpeechParameters
from synthesis.audio.encoders import ResamplingEncoder, make_encoder, pcm_seconds
from synthesis.gateway import SpeechClient
from synthesis.pipeline.events import AudioChunk, AudioStart, Event, WordTimings
from synthesis.pipeline.flow_control import PullFlowControl
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.utterance_stream import RELEASE_AFTER_S

T = TypeVar("T")

AHEAD_S = 2.0
"""Seconds of audio that are synthesized before the connection has taken the audio before them."""

ENCODING_THREADS = 2
"""Threads that encode windows of all streams. Each stream waits for its window, so at most one of each is queued."""

_threads = ThreadPoolExecutor(ENCODING_THREADS, thread_name_prefix="audio-encoder")

_TAGS = re.compile(r"<[^<>]*>")


class SpokenWords(list[SpokenWord]):
    """The words of a segment with their times, and the marks of SSML in it: name and seconds from the beginning."""

    marks: Sequence[tuple[str, float]] = ()


Part = bytes | SpokenWords
"""Encoded audio, or the words of the next segment with their times."""


def real_time_flow() -> PullFlowControl:
    """Return the flow control for a client that plays the stream in real time, as a tab does."""
    return PullFlowControl(AHEAD_S)


class SpeechSource(Protocol):
    """Where the events of an utterance come from."""

    @property
    def text(self) -> str:
        """Return the text to whose code points the word times refer."""
        ...

    @property
    def ssml(self) -> bool:
        """Return whether the text is SSML."""
        ...

    def events(self) -> AsyncGenerator[Event, None]:
        """Yield the events, as ``SpeechClient.events`` does."""
        ...


@dataclass(frozen=True, slots=True)
class WholeText:
    """A text that came at once."""

    client: SpeechClient
    request: SpeechRequest

    @property
    def text(self) -> str:
        """Return the text."""
        return self.request.text

    @property
    def ssml(self) -> bool:
        """Return whether the text is SSML."""
        return self.request.reading.ssml

    def events(self) -> AsyncGenerator[Event, None]:
        """Yield the events."""
        return self.client.events(self.request, real_time_flow())


class EncodedSpeech:
    """An utterance, encoded window by window as the client reads; holds no thread while the client does not read."""

    def __init__(self, source: SpeechSource, parameters: SpeechParameters) -> None:
        self.sample_rate = 0
        """Of the encoded audio, in Hz, once ``prefetch`` has returned."""
        self.duration_s = 0.0
        """Seconds of audio encoded so far."""
        self.encoder: ResamplingEncoder | None = None
        self._closing: asyncio.Task[None] | None = None
        self._making: Future[ResamplingEncoder] | None = None
        self._source = source
        self._parameters = parameters
        self._voice_rate = 0
        self._events = source.events()
        self._parts = self._encode()
        self._ready: deque[Part] = deque()

    async def prefetch(self) -> None:
        """Encode the first bytes of audio, so that errors occur before the response begins."""
        try:
            async for part in self._parts:
                self._ready.append(part)
                if isinstance(part, bytes):
                    return
        except BaseException:  # Also if the client disconnects (CancelledError): no response exists that closes this.
            await self.aclose()
            raise

    async def parts(self) -> AsyncIterator[Part]:
        """Yield the audio and the words in the order in which they are synthesized; never empty bytes."""
        try:
            while self._ready:
                yield self._ready.popleft()
            async for part in self._parts:
                timer = asyncio.get_running_loop().call_later(RELEASE_AFTER_S, self._release)
                try:
                    yield part
                finally:
                    timer.cancel()
        finally:
            await self.aclose()

    def _release(self) -> None:
        """Release what the encoder can make again: the client has not read for a while."""
        if self.encoder is not None:
            _threads.submit(self.encoder.release)

    async def audio(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the audio file."""
        async for part in self.parts():
            if isinstance(part, bytes):
                yield part

    async def aclose(self) -> None:
        """Stop synthesis and release the encoder. Concurrent and repeated calls wait for the same work."""
        await asyncio.shield(self.close_soon())

    def close_soon(self) -> "asyncio.Task[None]":
        """Start ``aclose`` in a task. Called on the event loop."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        return self._closing

    async def _close(self) -> None:
        await self._parts.aclose()
        await self._events.aclose()

    async def _encode(self) -> AsyncGenerator[Part, None]:
        try:
            async for event in self._events:
                match event:
                    case AudioStart():
                        self._start(event)
                    case WordTimings():
                        yield self._words(event)
                    case AudioChunk():
                        self.duration_s += pcm_seconds(len(event.pcm), self._voice_rate)
                        if encoded := await self._encoded(event.pcm):
                            yield encoded
            if self.encoder is not None and (tail := await self._run(self.encoder.finish)):
                yield tail
        finally:
            if self._making is not None:
                # In a thread, because a window may still be encoded there, which close waits for.
                _threads.submit(_close, self._making)

    def _start(self, event: AudioStart) -> None:
        """Make the encoder, while the first window is synthesized."""
        self._voice_rate = event.sample_rate
        audio_format, wanted = self._parameters.format, self._parameters.sample_rate
        self.sample_rate = audio_format.rate_for(event.sample_rate, wanted)
        if self._parameters.captions is None:
            self._making = _threads.submit(make_encoder, audio_format, event.sample_rate, self.sample_rate)

    async def _encoded(self, pcm: bytes) -> bytes:
        if self._making is None:
            return b""
        encoder = self.encoder
        if encoder is None:
            encoder = self.encoder = await asyncio.wrap_future(self._making)
        return await self._run(partial(encoder.encode, pcm))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._parameters.format.is_raw:
            # A window takes 0.2 ms to resample, less than a change of threads.
            return work()
        return await asyncio.get_running_loop().run_in_executor(_threads, work)

    def _words(self, event: WordTimings) -> SpokenWords:
        text, rate = self._source.text, self._voice_rate
        written = _written_in_ssml if self._source.ssml else str
        words = SpokenWords(
            SpokenWord(written(text[word.start : word.end]), word.first_sample / rate, word.last_sample / rate)
            for word in event.words
        )
        words.marks = [(mark.name, mark.sample / rate) for mark in event.marks]
        return words


def _written_in_ssml(source: str) -> str:
    """Return a written word without the tags and entities of SSML."""
    return " ".join(html.unescape(_TAGS.sub(" ", source)).split())


def _close(making: Future[ResamplingEncoder]) -> None:
    """Close the encoder. Never waits long: this call was queued behind the one that makes the encoder."""
    with suppress(CancelledError):
        making.result().close()
