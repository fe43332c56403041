"""Keeps the process within its memory: sheds what can be had again, then refuses new work, then is not ready."""

import logging
import os
import time
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

logger = logging.getLogger(__name__)

MIB = 1024 * 1024
CACHE_TTL_S = 0.5
EVICT_INTERVAL_S = 10.0


class MemoryPressure(IntEnum):
    """How full the memory is; each level also does what those below it do."""

    NORMAL = 0
    EVICTING = 1
    REJECTING = 2
    NOT_READY = 3


PRESSURE_THRESHOLDS = {MemoryPressure.EVICTING: 0.80, MemoryPressure.REJECTING: 0.90, MemoryPressure.NOT_READY: 0.96}
"""Of the limit: where each level begins."""


def resident_bytes() -> int:
    """Bytes of this process in memory; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


class MemoryGuard:
    """Looks when somebody asks, at most twice a second; ``evict`` gives back what can be had again."""

    def __init__(
        self,
        limit: int,
        evict: Callable[[], object],
        *,
        used: Callable[[], int] = resident_bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``limit`` in bytes, at which the process must not arrive."""
        self._limit = limit
        self._evict = evict
        self._used = used
        self._clock = clock
        self._checked_at = self._evicted_at = float("-inf")
        self._pressure = MemoryPressure.NORMAL
        self._seen = 0

    @property
    def pressure(self) -> MemoryPressure:
        """How full it is now. Sheds, if it is time to."""
        now = self._clock()
        if now - self._checked_at >= CACHE_TTL_S:
            self._checked_at = now
            self._become(self._measure())
            if self._pressure and now - self._evicted_at >= EVICT_INTERVAL_S:
                self._evicted_at = now
                self._evict()
                self._become(self._measure())
        return self._pressure

    def rejects(self, own_limit: int = 0) -> bool:
        """Return whether new work must be rejected for lack of memory.

        ``own_limit`` (bytes; 0: none) is a smaller limit of the client, which rejects at the same share of it.
        """
        return self.pressure >= MemoryPressure.REJECTING or bool(
            own_limit and self._seen >= own_limit * PRESSURE_THRESHOLDS[MemoryPressure.REJECTING]
        )

    def _measure(self) -> MemoryPressure:
        self._seen = self._used()
        share = self._seen / self._limit
        return max(
            (level for level, begins in PRESSURE_THRESHOLDS.items() if share >= begins), default=MemoryPressure.NORMAL
        )

    def _become(self, level: MemoryPressure) -> None:
        if level != self._pressure:
            logger.warning("memory: %s, at %d of %d MB", level.name.lower(), self._seen // MIB, self._limit // MIB)
            self._pressure = level
