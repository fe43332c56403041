"""Bounds the memory of the process: evicts caches, then rejects new work, then reports not ready."""

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
    """Level of memory use; each level includes the actions of the lower ones."""

    NORMAL = 0
    EVICTING = 1
    REJECTING = 2
    NOT_READY = 3


PRESSURE_THRESHOLDS = {MemoryPressure.EVICTING: 0.80, MemoryPressure.REJECTING: 0.90, MemoryPressure.NOT_READY: 0.96}
"""Share of the limit at which each level begins."""


def resident_bytes() -> int:
    """Return the resident set size of this process in bytes; 0 where the system does not report it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


class MemoryGuard:
    """Measures the memory on demand, at most twice a second; ``evict`` frees caches."""

    def __init__(
        self,
        limit: int,
        evict: Callable[[], object],
        *,
        used: Callable[[], int] = resident_bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Store ``limit``: the maximum resident set size in bytes."""
        self._limit = limit
        self._evict = evict
        self._used = used
        self._clock = clock
        self._checked_at = self._evicted_at = float("-inf")
        self._pressure = MemoryPressure.NORMAL
        self._seen = 0

    @property
    def limit(self) -> int:
        """Return the maximum resident set size in bytes."""
        return self._limit

    @property
    def pressure(self) -> MemoryPressure:
        """Return the current memory pressure, evicting caches if necessary."""
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

        ``own_limit`` (bytes; 0: none) is a smaller limit for this client, rejected at the same share.
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
