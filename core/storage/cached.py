"""A cache of one database value that serves the last value while it is refreshed (stale-while-revalidate)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from core.storage.database import background

T = TypeVar("T")

GRACE_S = 0.25
"""Seconds for which one caller waits for a refresh: longer than a query normally takes."""


class Cached(Generic[T]):
    """Caches a database value for ``fresh_s`` seconds and serves the last value during a refresh.

    Called on the event loop only.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], fresh_s: float, clock: Callable[[], float]) -> None:
        self._read = read
        self._fresh_s = fresh_s
        self._clock = clock
        self._read_at = float("-inf")
        self._value: T | None = None
        self._refresh: asyncio.Task[None] | None = None
        self._waited = False

    async def get(self) -> T:
        """Return the value, at most ``fresh_s`` old, or the last one if the refresh takes more than ``GRACE_S``.

        Raises ``StorageUnavailableError`` only if the value was never loaded.
        """
        if self._clock() - self._read_at >= self._fresh_s:
            refresh = self._start()
            if self._value is None:
                await asyncio.shield(refresh)
            elif not self._waited:
                await asyncio.wait({refresh}, timeout=GRACE_S)
                # Later callers do not wait for a refresh that is still running or has failed.
                self._waited = not refresh.done() or refresh.exception() is not None
        assert self._value is not None  # noqa: S101 - the first reading has returned or raised
        return self._value

    async def refresh(self) -> None:
        """Refresh the value. Raises ``StorageUnavailableError``."""
        await self._renew()

    def _start(self) -> "asyncio.Task[None]":
        if self._refresh is None or self._refresh.done():
            self._refresh = background(self._renew())
            # Retrieve the exception, which was logged where it occurred, if no caller awaits the task.
            self._refresh.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._refresh

    async def _renew(self) -> None:
        began = self._clock()
        self._value = await self._read()
        self._read_at = began
        self._waited = False
