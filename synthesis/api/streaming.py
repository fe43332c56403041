"""Streams an utterance into a response, its first window made before the headers are sent."""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass

from synthesis import runtime
from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.audio.wav import wav_header
from synthesis.pipeline.events import AudioChunk, AudioStart, Event
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.segment_cache import OwnerCache
from synthesis.pipeline.synthesizer import Bill


@dataclass(frozen=True, slots=True)
class SpeechCall:
    speech_request: SpeechRequest
    response_format: str


class StreamingSpeech:
    """An utterance on its way into a response."""

    def __init__(
        self,
        call: SpeechCall,
        place: AbstractAsyncContextManager[None],
        timeout_s: float,
        owner_cache: OwnerCache,
        bill: Bill,
    ) -> None:
        self.sample_rate = 0
        self._call = call
        self._began = time.monotonic()
        self._made_s = 0.0
        self._events = _hold_slot(
            place,
            runtime.get_runtime().synthesizer.synthesize(
                call.speech_request, self._deadline, timeout_s, owner_cache, bill
            ),
        )
        self._first = b""

    async def prefetch(self) -> None:
        """Make the first window, so that what can fail fails before the response has begun."""
        async for event in self._events:
            match event:
                case AudioStart():
                    self.sample_rate = event.sample_rate
                case AudioChunk():
                    self._first = self._count(event)
                    return

    async def body(self) -> AsyncIterator[bytes]:
        """The bytes of the response."""
        try:
            yield (wav_header(self.sample_rate) if self._call.response_format == "wav" else b"") + self._first
            async for event in self._events:
                if isinstance(event, AudioChunk):
                    yield self._count(event)
        finally:
            await self._events.aclose()

    def _count(self, event: AudioChunk) -> bytes:
        self._made_s += len(event.pcm) / SAMPLE_BYTES / self.sample_rate
        return event.pcm

    def _deadline(self) -> float:
        """Who streams is taken to listen in real time: the deadline that a tab in his place would have."""
        return self._began + self._made_s


async def _hold_slot(
    place: AbstractAsyncContextManager[None], events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Event, None]:
    """The events, with a place held from the first to the last of them."""
    async with place, aclosing(events):
        async for event in events:
            yield event
