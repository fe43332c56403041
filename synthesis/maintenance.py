"""Background maintenance of a serving process: refreshes cached settings and trims the heap after disconnections."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from core.errors import StorageUnavailableError
from core.process.malloc import trim_heap

CACHE_REFRESH_S = 0.4
"""Seconds between two refreshes of the cached admin settings while clients are connected."""
TRIM_DELAY_S = 3.0
"""Seconds between a disconnection and the heap trim: many clients often disconnect together."""
FULL_GC_RATIO = 4
"""A full garbage collection runs once the closed tabs reach one in this many: its duration grows with the open tabs."""


class Maintenance:
    """Runs the background tasks. All methods are called on the event loop only, so the counts need no lock."""

    def __init__(self, *refreshers: Callable[[], Awaitable[None]]) -> None:
        """``refreshers`` each update a cache from the database and may raise ``StorageUnavailableError``."""
        self._refreshers = refreshers
        self._refresh_task: asyncio.Task[None] | None = None
        self._trim_task: asyncio.Task[None] | None = None
        self._trim_pending = False
        self._connected = self._disconnected = 0

    @contextmanager
    def keep_caches_fresh(self) -> Iterator[None]:
        """Refresh the caches while clients are connected, so that no request waits for the database."""
        self._connected += 1
        if self._refresh_task is None or self._refresh_task.done():
            self._refresh_task = asyncio.create_task(self._refresh_caches())
        try:
            yield
        finally:
            self._connected -= 1
            if not self._connected and self._refresh_task is not None:
                self._refresh_task.cancel()

    def schedule_heap_trim(self) -> None:
        """Schedule a heap trim after a disconnection. Repeated calls are merged."""
        self._disconnected += 1
        self._trim_pending = True
        if self._trim_task is None or self._trim_task.done():
            self._trim_task = asyncio.create_task(self._trim_heap())

    def close(self) -> None:
        """Cancel the background tasks."""
        for task in (self._trim_task, self._refresh_task):
            if task is not None and not task.get_loop().is_closed():
                task.cancel()

    async def _refresh_caches(self) -> None:
        while True:
            await asyncio.sleep(CACHE_REFRESH_S)
            try:
                for refresh in self._refreshers:
                    await refresh()
            except StorageUnavailableError:
                # The failure was logged; the last values stay in force.
                continue

    async def _trim_heap(self) -> None:
        # Trim once more after the last disconnection: its objects are released a little later.
        while self._trim_pending:
            self._trim_pending = False
            await asyncio.sleep(TRIM_DELAY_S)
            many = self._disconnected * FULL_GC_RATIO >= self._connected
            if many:
                self._disconnected = 0
            await asyncio.to_thread(trim_heap, cycles=many)
