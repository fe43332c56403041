"""Keeps the process within its memory: sheds what can be had again, then refuses new work, then is not ready."""

import logging
import os
import time
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

from synthesis.errors import BusyError

logger = logging.getLogger(__name__)

MIB = 1024 * 1024
FRESH_S = 0.5
SHED_EVERY_S = 10.0
RETRY_S = 10


class Level(IntEnum):
    """How full the memory is; each level also does what those below it do."""

    FINE = 0
    SHEDDING = 1
    REFUSING = 2
    NOT_READY = 3


SHARES = {Level.SHEDDING: 0.80, Level.REFUSING: 0.90, Level.NOT_READY: 0.96}
"""Of the limit: where each level begins."""


def resident() -> int:
    """Bytes of this process in memory; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


class Guard:
    """Looks when somebody asks, at most twice a second; ``shed`` gives back what can be had again."""

    def __init__(
        self,
        limit: int,
        shed: Callable[[], object],
        *,
        used: Callable[[], int] = resident,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``limit`` in bytes, at which the process must not arrive."""
        self._limit = limit
        self._shed = shed
        self._used = used
        self._clock = clock
        self._looked = self._shedded = float("-inf")
        self._level = Level.FINE
        self._seen = 0

    @property
    def level(self) -> Level:
        """How full it is now. Sheds, if it is time to."""
        now = self._clock()
        if now - self._looked >= FRESH_S:
            self._looked = now
            self._become(self._measure())
            if self._level and now - self._shedded >= SHED_EVERY_S:
                self._shedded = now
                self._shed()
                self._become(self._measure())
        return self._level

    def check(self, own_limit: int = 0) -> None:
        """Let new work in. Raises ``BusyError`` ``busy`` where there is no memory for it.

        ``own_limit`` (bytes; 0: none) is a smaller limit of those who ask, refused at the same share of it.
        """
        if self.level >= Level.REFUSING or (own_limit and self._seen >= own_limit * SHARES[Level.REFUSING]):
            raise BusyError("busy", f"The server is full. Try again in {RETRY_S} s.", retry_after=RETRY_S)

    def _measure(self) -> Level:
        self._seen = self._used()
        share = self._seen / self._limit
        return max((level for level, begins in SHARES.items() if share >= begins), default=Level.FINE)

    def _become(self, level: Level) -> None:
        if level != self._level:
            logger.warning("memory: %s, at %d of %d MB", level.name.lower(), self._seen // MIB, self._limit // MIB)
            self._level = level
