"""Measures what a second of audio costs: worker seconds, by voice and speed, as a moving average."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

WINDOW_S = 30.0
"""Seconds of audio over which the average is taken: older audio counts exponentially less."""
HOLD_S = 10.0
"""Seconds for which the highest average counts at least, and half of the time for which it counts at most."""
STEADY_S = 12.0
"""Seconds of measured audio from which on an average is steady enough for its highest value to count."""
MAX_KEYS = 256
"""Maximum voices and speeds that are measured separately."""


class _Average:
    """A ratio of two sums that decay with every second of audio."""

    __slots__ = ("_busy_s", "audio_s")

    def __init__(self) -> None:
        self._busy_s = self.audio_s = 0.0

    def add(self, busy_s: float, audio_s: float) -> None:
        kept = max(0.0, 1 - audio_s / WINDOW_S)
        self._busy_s = self._busy_s * kept + busy_s
        self.audio_s = self.audio_s * kept + audio_s

    @property
    def value(self) -> float | None:
        return self._busy_s / self.audio_s if self.audio_s else None


class _Peak:
    """The highest value of an average within the last ``HOLD_S`` to 2 ``HOLD_S`` seconds, in two buckets."""

    __slots__ = ("_average", "_before", "_current", "_since")

    def __init__(self) -> None:
        self._average = _Average()
        self._current = self._before = self._since = 0.0

    def add(self, busy_s: float, audio_s: float, now: float) -> None:
        self._average.add(busy_s, audio_s)
        self._expire(now)
        if self._average.audio_s >= STEADY_S:
            self._current = max(self._current, self._average.value or 0.0)

    def value(self, now: float) -> float | None:
        self._expire(now)
        return max(self._current, self._before, self._average.value or 0.0) or None

    def _expire(self, now: float) -> None:
        passed = now - self._since
        if passed >= HOLD_S:
            self._before = self._current if passed < 2 * HOLD_S else 0.0
            self._current, self._since = 0.0, now


class _Cost:
    """The cost under full load, and the cost of all jobs."""

    __slots__ = ("any", "saturated")

    def __init__(self) -> None:
        self.any, self.saturated = _Average(), _Peak()

    def add(self, busy_s: float, audio_s: float, now: float, *, saturated: bool) -> None:
        self.any.add(busy_s, audio_s)
        if saturated:
            self.saturated.add(busy_s, audio_s, now)


class CapacityMeter:
    """The measured cost of audio. Thread-safe: workers add, the event loop reads.

    The time of a worker counts, not the processor's, so the same measure serves engines that wait for a GPU. While
    other programs use the processor, jobs take longer, and the measured cost grows with them. A job takes longer also
    while all workers are busy: they share caches, memory bandwidth and cores with two threads. So only jobs under full
    load show how much the process can carry; the costs of other voices and speeds are scaled accordingly.

    A higher cost counts at once, a lower one after ``HOLD_S`` seconds at least: admitted utterances are not stopped, so
    a short time in which other programs rest must not admit more. ``clock`` is monotonic, in seconds.
    """

    def __init__(self, workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.workers = workers
        self._clock = clock
        self._lock = threading.Lock()
        self._all = _Cost()
        self._by_key: OrderedDict[Hashable, _Cost] = OrderedDict()

    def add(self, key: Hashable, busy_s: float, audio_s: float, *, saturated: bool = True) -> None:
        """Record ``busy_s`` seconds of a worker for ``audio_s`` seconds of audio, under full load or not."""
        with self._lock:
            cost = self._by_key.setdefault(key, _Cost())
            for each in (self._all, cost):
                each.add(busy_s, audio_s, self._clock(), saturated=saturated)
            self._by_key.move_to_end(key)
            if len(self._by_key) > MAX_KEYS:
                self._by_key.popitem(last=False)

    def cost(self, key: Hashable) -> float:
        """Return worker seconds per second of audio under full load; 0 before any measurement."""
        with self._lock:
            now = self._clock()
            cost = self._by_key.get(key, self._all)
            measured = cost.saturated.value(now)
            if measured is not None:
                return measured
            usual, full = self._all.any.value, self._all.saturated.value(now)
            return (cost.any.value or 0.0) * (max(1.0, full / usual) if full and usual else 1.0)
