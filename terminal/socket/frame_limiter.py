"""How many frames one socket may send, before any of them is looked at."""

import time
from collections.abc import Callable

from synthesis.errors import SpeechError

MAX_REFUSED_FRAMES = 1000
"""Frames that are refused before the socket is closed: who sends as many does not listen."""


class FrameFloodError(Exception):
    """The tab goes on whatever it is told."""


class FrameRateLimiter:
    """A bucket that fills by ``rate`` a second up to ``burst``; ``clock`` is in seconds, monotonic."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._left = float(burst)
        self._at = clock()
        self._refused = 0

    def consume(self) -> None:
        """Count a frame. Raises ``SpeechError`` ``limit_frames``, and at last ``FrameFloodError``."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return
        self._refused += 1
        if self._refused > MAX_REFUSED_FRAMES:
            raise FrameFloodError
        raise SpeechError(
            "limit_frames",
            f"A tab may send {self._rate:g} messages a second. That one was not looked at.",
            limit=self._rate,
            retry_after=1,
        )
