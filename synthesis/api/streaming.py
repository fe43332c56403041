"""Stream an utterance into an HTTP response; the first window is synthesized before the headers are sent."""

from collections.abc import AsyncIterator

from synthesis.audio.wav import wav_header
from synthesis.gateway import SpeechClient
from synthesis.pipeline.events import AudioChunk, AudioStart
from synthesis.pipeline.flow_control import PullFlowControl
from synthesis.pipeline.request import SpeechRequest

AHEAD_S = 2.0
"""Seconds of audio that are synthesized before the connection has taken the audio before them."""


class StreamingSpeech:
    """An utterance that is streamed into a response in ``response_format``, which is ``"wav"`` or ``"pcm"``."""

    def __init__(self, client: SpeechClient, request: SpeechRequest, response_format: str) -> None:
        self.sample_rate = 0
        self._response_format = response_format
        # A client that plays the stream in real time, as a tab does.
        self._events = client.events(request, PullFlowControl(AHEAD_S))
        self._first = b""

    async def prefetch(self) -> None:
        """Synthesize the first window, so that errors occur before the response starts."""
        async for event in self._events:
            match event:
                case AudioStart():
                    self.sample_rate = event.sample_rate
                case AudioChunk():
                    self._first = event.pcm
                    return

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the response."""
        try:
            yield (wav_header(self.sample_rate) if self._response_format == "wav" else b"") + self._first
            async for event in self._events:
                if isinstance(event, AudioChunk):
                    yield event.pcm
        finally:
            await self._events.aclose()
