"""Logs each error that a client receives, so that the correlation id in it can be found, at a bounded rate."""

import logging
import time
from collections.abc import Callable

from core import metrics
from core.logs.events import log_event

LINES_PER_SECOND = 20.0
LINE_BURST = 200.0
"""Token bucket of the process: clients can cause errors at any rate, and must not fill the disk with log lines."""


class ClientErrorLog:
    """Writes one line per error to ``logger``; ``clock`` is monotonic, in seconds."""

    def __init__(self, logger: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._clock = clock
        self._lines = LINE_BURST
        self._filled_at = clock()
        self._unlogged = 0

    def report(self, transport: str, code: str, *, status: int | None = None) -> None:
        """Log and count the error ``code`` that a client of ``transport`` received; ``status`` is that of HTTP."""
        metrics.ERRORS.labels(transport, code).inc()
        if code.startswith("limit_"):
            metrics.REFUSALS.labels(code).inc()
        now = self._clock()
        self._lines = min(LINE_BURST, self._lines + (now - self._filled_at) * LINES_PER_SECOND)
        self._filled_at = now
        if self._lines < 1:
            self._unlogged += 1
            return
        self._lines -= 1
        unlogged, self._unlogged = self._unlogged, 0
        level = logging.ERROR if status is not None and status == 500 else logging.INFO
        log_event(
            self._logger, level, "error", transport=transport, code=code, status=status, unlogged=unlogged or None
        )


client_errors = ClientErrorLog(logging.getLogger(__name__))
"""The log of this process."""
