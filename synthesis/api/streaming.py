"""Stream an utterance into an HTTP response; the first window is synthesized before the headers are sent."""

import time
from collections.abc import AsyncIterator

from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.audio.wav import wav_header
from synthesis.gateway import SpeechClient
from synthesis.pipeline.events import AudioChunk, AudioStart
from synthesis.pipeline.request import SpeechRequest


class StreamingSpeech:
    """An utterance that is streamed into a response in ``response_format``, which is ``"wav"`` or ``"pcm"``."""

    def __init__(self, client: SpeechClient, request: SpeechRequest, response_format: str) -> None:
        self.sample_rate = 0
        self._response_format = response_format
        self._began = time.monotonic()
        self._sent_s = 0.0
        self._events = client.events(request, self._deadline)
        self._first = b""

    async def prefetch(self) -> None:
        """Synthesize the first window, so that errors occur before the response starts."""
        async for event in self._events:
            match event:
                case AudioStart():
                    self.sample_rate = event.sample_rate
                case AudioChunk():
                    self._first = self._count(event)
                    return

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the response."""
        try:
            yield (wav_header(self.sample_rate) if self._response_format == "wav" else b"") + self._first
            async for event in self._events:
                if isinstance(event, AudioChunk):
                    yield self._count(event)
        finally:
            await self._events.aclose()

    def _count(self, event: AudioChunk) -> bytes:
        self._sent_s += len(event.pcm) / SAMPLE_BYTES / self.sample_rate
        return event.pcm

    def _deadline(self) -> float:
        """Return the deadline for a client that plays the stream in real time, as a tab does."""
        return self._began + self._sent_s
