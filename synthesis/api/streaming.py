"""An utterance as encoded audio and word times; the first audio is encoded before the response begins."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from typing import TypeVar

from synthesis.api.captions import SpokenWord
from synthesis.api.parameters import SpeechParameters
from synthesis.audio.encoders import ResamplingEncoder, make_encoder, pcm_seconds
from synthesis.gateway import SpeechClient
from synthesis.pipeline.events import AudioChunk, AudioEnd, AudioStart, WordTimings
from synthesis.pipeline.flow_control import PullFlowControl
from synthesis.pipeline.request import SpeechRequest

T = TypeVar("T")

AHEAD_S = 2.0
"""Seconds of audio that are synthesized before the connection has taken the audio before them."""

ENCODING_THREADS = 2
"""Threads that encode windows of all streams. Each stream waits for its window, so at most one of each is queued."""

_threads = ThreadPoolExecutor(ENCODING_THREADS, thread_name_prefix="audio-encoder")

Part = bytes | list[SpokenWord]
"""Encoded audio, or the words of the next segment with their times."""


class EncodedSpeech:
    """An utterance, encoded window by window as the client reads; holds no thread while the client does not read."""

    def __init__(self, client: SpeechClient, request: SpeechRequest, parameters: SpeechParameters) -> None:
        self.sample_rate = 0
        """Of the encoded audio, in Hz, once ``prefetch`` has returned."""
        self.duration_s = 0.0
        """Seconds of audio encoded so far."""
        self.encoder: ResamplingEncoder | None = None
        self._request = request
        self._parameters = parameters
        self._voice_rate = 0
        # A client that plays the stream in real time, as a tab does.
        self._events = client.events(request, PullFlowControl(AHEAD_S))
        self._parts = self._encode()
        self._ready: deque[Part] = deque()

    async def prefetch(self) -> None:
        """Encode the first bytes of audio, so that errors occur before the response begins."""
        try:
            async for part in self._parts:
                self._ready.append(part)
                if isinstance(part, bytes):
                    return
        except BaseException:
            await self.aclose()
            raise

    async def parts(self) -> AsyncIterator[Part]:
        """Yield the audio and the words in the order in which they are synthesized; never empty bytes."""
        try:
            while self._ready:
                yield self._ready.popleft()
            async for part in self._parts:
                yield part
        finally:
            await self.aclose()

    async def audio(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the audio file."""
        async with aclosing(self.parts()) as parts:  # type: ignore[type-var]  # it is a generator
            async for part in parts:
                if isinstance(part, bytes):
                    yield part

    async def aclose(self) -> None:
        """Stop synthesis and release the encoder; nothing happens if both have ended."""
        await self._parts.aclose()
        await self._events.aclose()

    async def _encode(self) -> AsyncGenerator[Part, None]:
        try:
            async for event in self._events:
                match event:
                    case AudioStart():
                        self._voice_rate = event.sample_rate
                        self.sample_rate = self._parameters.format.rate_for(
                            event.sample_rate, self._parameters.sample_rate
                        )
                        if self._parameters.captions is None:
                            self.encoder = await self._run(
                                partial(make_encoder, self._parameters.format, event.sample_rate, self.sample_rate)
                            )
                    case WordTimings():
                        yield self._words(event)
                    case AudioChunk():
                        self.duration_s += pcm_seconds(len(event.pcm), self._voice_rate)
                        if self.encoder is not None and (
                            encoded := await self._run(partial(self.encoder.encode, event.pcm))
                        ):
                            yield encoded
                    case AudioEnd() if self.encoder is not None:
                        if tail := await self._run(self.encoder.finish):
                            yield tail
        finally:
            if self.encoder is not None:
                # In its thread, because a window may still be encoded there, which close waits for.
                _threads.submit(self.encoder.close)

    async def _run(self, work: Callable[[], T]) -> T:
        if self.encoder.is_cheap if self.encoder is not None else self._parameters.format.is_raw:
            return work()
        return await asyncio.get_running_loop().run_in_executor(_threads, work)

    def _words(self, event: WordTimings) -> list[SpokenWord]:
        text, rate = self._request.text, self._voice_rate
        return [
            SpokenWord(text[word.start : word.end], word.first_sample / rate, word.last_sample / rate)
            for word in event.words
        ]
