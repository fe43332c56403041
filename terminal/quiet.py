"""Notices when nothing was heard of somebody for long."""

import asyncio
from collections.abc import Awaitable, Callable


class Quiet:
    """Awaits ``then()`` once, when ``heard`` was not called for ``seconds``. To be made and used on the event loop."""

    def __init__(self, seconds: float, then: Callable[[], Awaitable[None]]) -> None:
        self._seconds = seconds
        self._then = then
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._timer = self._loop.call_later(seconds, self._look)
        self._ending: asyncio.Future[None] | None = None

    def heard(self) -> None:
        """They are still there."""
        self._last = self._loop.time()

    def stop(self) -> None:
        """Do not look any more."""
        self._timer.cancel()

    def _look(self) -> None:
        left = self._last + self._seconds - self._loop.time()
        if left > 0:
            # One timer for many frames: they only note the time.
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._ending = asyncio.ensure_future(self._then())
