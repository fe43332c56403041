"""Measures what a second of audio costs: worker seconds, by voice and speed, as a moving average."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

WINDOW_S = 30.0
"""Seconds of audio over which the average is taken: older audio counts exponentially less."""
MAX_KEYS = 256
"""Maximum voices and speeds that are measured separately."""


class _Average:
    """A ratio of two sums that decay with every second of audio."""

    __slots__ = ("_audio_s", "_busy_s")

    def __init__(self) -> None:
        self._busy_s = self._audio_s = 0.0

    def add(self, busy_s: float, audio_s: float) -> None:
        kept = max(0.0, 1 - audio_s / WINDOW_S)
        self._busy_s = self._busy_s * kept + busy_s
        self._audio_s = self._audio_s * kept + audio_s

    @property
    def value(self) -> float | None:
        return self._busy_s / self._audio_s if self._audio_s else None


class CapacityMeter:
    """The measured cost of audio. Thread-safe: workers add, the event loop reads.

    The time of a worker counts, not the processor's, so the same measure serves engines that wait for a GPU. While
    other programs use the processor, jobs take longer, and the measured cost grows with them.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._lock = threading.Lock()
        self._all = _Average()
        self._by_key: OrderedDict[Hashable, _Average] = OrderedDict()

    def add(self, key: Hashable, busy_s: float, audio_s: float) -> None:
        """Record ``busy_s`` seconds of a worker and ``audio_s`` seconds of audio; an encoding produces no audio."""
        with self._lock:
            self._all.add(busy_s, audio_s)
            average = self._by_key.setdefault(key, _Average())
            average.add(busy_s, audio_s)
            self._by_key.move_to_end(key)
            if len(self._by_key) > MAX_KEYS:
                self._by_key.popitem(last=False)

    def cost(self, key: Hashable) -> float:
        """Return worker seconds per second of audio; the average of all for a new ``key``, 0 before any measurement."""
        with self._lock:
            average = self._by_key.get(key)
            return (average and average.value) or self._all.value or 0.0
