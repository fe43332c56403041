"""Rate limit of the messages that one socket may send, checked before they are parsed."""

import time
from collections.abc import Callable

from core.limits import registry
from synthesis.errors import SpeechError

MAX_REFUSED_FRAMES = registry.MAX_REFUSED_MESSAGES.default
"""Rejected messages after which the socket is closed: such a client ignores the errors."""


class FrameFloodError(Exception):
    """Raised when a tab continues to exceed the rate after ``MAX_REFUSED_FRAMES`` errors."""


class FrameRateLimiter:
    """A token bucket of ``rate`` tokens per second and size ``burst``; ``clock`` is monotonic, in seconds."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._left = float(burst)
        self._at = clock()
        self._refused = 0

    def consume(self) -> None:
        """Consume a token. Raises ``SpeechError`` (``limit_frames``), or ``FrameFloodError`` after too many of them."""
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
            f"A tab may send {self._rate:g} messages a second. The server ignored this one.",
            limit=self._rate,
            retry_after=1,
        )
