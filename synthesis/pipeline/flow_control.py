"""Flow control of one utterance: by when its client needs a sample, and how far synthesis may go."""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

UNREPORTED_S = 1.0
"""Seconds after the last report for which the client is assumed to continue playing."""


class _State(NamedTuple):
    sample: int
    buffered_s: float
    limit: int | None
    at: float


class FlowControl:
    """The state of a client's audio buffer, for the worker threads. ``clock`` is the worker pool's, in seconds.

    The event loop calls ``update``. Threads may call all other methods: the state is replaced as one value.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._state = _State(0, 0.0, None, clock())
        self._first: tuple[float, int] | None = None
        self.collects_credit = True
        """Whether a client with much audio gets several windows at a time. It must report without receiving any."""
        self.restarts = 0
        """How often the client's buffer has run empty."""
        self.changed: Callable[[], object] = lambda: None
        """Called by ``update``; the synthesis sets it."""

    def update(self, sample: int, buffered_s: float, limit: int | None, at: float | None = None) -> None:
        """Set the client's buffer: ``buffered_s`` seconds end at ``sample``, and windows may begin before ``limit``.

        ``limit`` is a position in samples; ``None`` does not limit synthesis. ``at`` is the time on the clock of the
        report that ``buffered_s`` follows from, by default now; the client has played on since.
        """
        self._state = _State(sample, buffered_s, limit, self._clock() if at is None else at)
        self.changed()

    def ahead_s(self, sample: int, sample_rate: int) -> float:
        """Return the seconds until the client needs ``sample``; 0 if it needs it now."""
        return max(0.0, self.needed_at(sample, sample_rate) - self._clock())

    def needed_at(self, sample: int, sample_rate: int) -> float:
        """Return the time on the clock at which the client needs ``sample``; it may have passed."""
        state, first = self._state, self._first
        ends_at = max(state.at, self._clock() - UNREPORTED_S) + state.buffered_s
        reported = ends_at + (sample - state.sample) / sample_rate
        return reported if first is None else max(reported, first[0] + (sample - first[1]) / sample_rate)

    def begin(self, sample: int) -> None:
        """Record that the client gets its first audio now, from ``sample`` on.

        No client plays faster than real time, whatever it reports: so it cannot go before all others.
        """
        self._first = self._clock(), sample

    def reserve_s(self, sample: int, sample_rate: int) -> float:
        """Return the seconds until the client needs ``sample``; infinity if it gave no credit for it."""
        limit = self.limit
        return math.inf if limit is not None and sample >= limit else self.ahead_s(sample, sample_rate)

    @property
    def limit(self) -> int | None:
        """Return the position in samples before which windows may begin, or ``None``."""
        return self._state.limit

    def taken(self, sample: int, sample_rate: int) -> None:
        """Record that the consumer has taken the audio up to ``sample``; also called at the start. For subclasses."""


class PullFlowControl(FlowControl):
    """Flow control of a consumer that reports nothing: synthesis stays ``ahead_s`` seconds ahead of what it has taken.

    Its client plays in real time from the start of the synthesis. ``None`` does not limit synthesis.
    """

    def __init__(self, ahead_s: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        # The next update follows only when audio was taken.
        self.collects_credit = False
        self._ahead_s = ahead_s
        self._began: tuple[float, int] | None = None

    def taken(self, sample: int, sample_rate: int) -> None:
        """See ``FlowControl.taken``."""
        if self._began is None:
            self._began = self._clock(), sample
        began, first = self._began
        buffered_s = max(0.0, began + (sample - first) / sample_rate - self._clock())
        limit = None if self._ahead_s is None else sample + round(self._ahead_s * sample_rate)
        self.update(sample, buffered_s, limit)
