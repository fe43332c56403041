"""What an operator may know about an utterance: outcome, voice, sizes and times. Logged once, at its end."""

import asyncio
import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from core import metrics
from core.logs import correlation
from core.logs.events import log_span
from synthesis.pipeline.events import AudioChunk
from synthesis.pipeline.request import SpeechRequest

logger = logging.getLogger(__name__)


class UtteranceRecord:
    """Measures an utterance as its client sees it. ``clock`` is monotonic, in seconds.

    A context manager around the utterance: its end is logged, whatever the outcome.
    """

    def __init__(self, request: SpeechRequest, transport: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.request = request
        self.transport = transport
        self.outcome = ""
        """``done``, ``cancelled``, or the code of the error; empty until the end."""
        self.waited_s = 0.0
        """Seconds until the utterance was admitted."""
        self.first_audio_s: float | None = None
        """Seconds until the first audio, including the wait."""
        self.cached: bool | None = None
        """Whether the first segment came from the segment cache; ``None`` until it is known."""
        self._clock = clock
        # The end can come from another task: the server closes a response that its client does not read.
        self._correlation_id = correlation.current()
        self._began = clock()
        self._samples = 0
        self._hits = self._misses = 0
        self._complete = False

    @property
    def audio_s(self) -> float:
        """Return the seconds of audio that were synthesized."""
        return self._samples / self.request.voice.sample_rate

    def admitted(self) -> None:
        """Record the end of the wait for capacity."""
        self.waited_s = self._clock() - self._began

    def looked_up(self, hit: bool) -> None:  # noqa: FBT001 - a callback of the cache
        """Record whether a segment was cached. Called in a worker."""
        if self.cached is None:
            self.cached = hit
        self._hits += hit
        self._misses += not hit

    def audio(self, chunk: AudioChunk) -> None:
        """Count audio that is about to be sent."""
        if self.first_audio_s is None:
            self.first_audio_s = self._clock() - self._began
        self._samples += chunk.samples

    def complete(self) -> None:
        """Record that all audio was synthesized."""
        self._complete = True

    async def __aenter__(self) -> Self:
        """Return the record."""
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Log and count the end of the utterance: never its text, nor who sent it."""
        self.outcome = self._outcome(error)
        self._count()
        with correlation.bound(self._correlation_id):
            log_span(
                logger,
                logging.INFO,
                "utterance",
                self._clock() - self._began,
                outcome=self.outcome,
                transport=self.transport,
                voice=self.request.voice.id,
                speed=self.request.speed,
                characters=len(self.request.text),
                audio_s=round(self.audio_s, 2),
                first_audio_ms=None if self.first_audio_s is None else round(self.first_audio_s * 1000),
                waited_ms=round(self.waited_s * 1000),
                cached=self.cached,
            )

    def _count(self) -> None:
        voice = metrics.voice_label(self.request.voice.id)
        metrics.UTTERANCES.labels(self.transport, self.outcome).inc()
        metrics.CHARACTERS.inc(len(self.request.text))
        metrics.SEGMENTS.labels("hit").inc(self._hits)
        metrics.SEGMENTS.labels("miss").inc(self._misses)
        metrics.QUEUE_WAIT.observe(self.waited_s)
        metrics.AUDIO.labels(voice).inc(self.audio_s)
        if self.first_audio_s is not None:
            metrics.FIRST_AUDIO.labels(self.transport, str(bool(self.cached)).lower()).observe(self.first_audio_s)
            if not self.cached:
                metrics.VOICE_FIRST_AUDIO.labels(voice).observe(self.first_audio_s)

    def _outcome(self, error: BaseException | None) -> str:
        if self._complete:
            return "done"
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            return "cancelled"
        return "done" if error is None else str(getattr(error, "code", "engine_failed"))
