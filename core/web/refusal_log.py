"""Logs refusals that clients can cause at any rate: each reason immediately, then at most once a minute."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

INTERVAL_S = 60.0
MAX_REASONS = 64
"""Reasons in memory. They contain data from clients, so there can be any number."""
MAX_LINES = 10
"""Lines per interval, over all reasons."""
MAX_LENGTH = 500


class RefusalLog:
    """Writes warnings to ``logger``; ``clock`` is monotonic, in seconds."""

    def __init__(self, logger: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._clock = clock
        self._logged: OrderedDict[str, float] = OrderedDict()
        self._unlogged = 0
        self._lines = 0
        self._interval_began = float("-inf")

    def warn(self, reason: str) -> None:
        """Log ``reason``, unless it was logged within the last minute or the minute's lines are used up."""
        now = self._clock()
        if now - self._interval_began >= INTERVAL_S:
            self._interval_began, self._lines = now, 0
        if now - self._logged.get(reason, float("-inf")) < INTERVAL_S or self._lines >= MAX_LINES:
            self._unlogged += 1
            return
        more, self._unlogged = self._unlogged, 0
        self._lines += 1
        self._logged[reason] = now
        self._logged.move_to_end(reason)
        while len(self._logged) > MAX_REASONS:
            self._logged.popitem(last=False)
        # A client chooses parts of the reason: no line breaks or control characters reach the log.
        line = reason[:MAX_LENGTH].encode("unicode_escape").decode("ascii")
        self._logger.warning("%s%s", line, f" ({more} similar refusals were not logged)" if more else "")
