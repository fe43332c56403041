"""One tab's database work, in order and beside its frames: speech never waits for the database."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from core.errors import StorageUnavailableError

WAITING = 64
"""Pieces of work that wait; a dragged color sends twenty changes a second."""

Work = Callable[[], Awaitable[None]]


class WorkQueue:
    """Does what is put into it, one piece at a time. Called on the event loop only."""

    def __init__(self, failed: Callable[[Exception], Awaitable[None]]) -> None:
        """``failed`` is awaited with what a piece of work raised."""
        self._failed = failed
        self._waiting: deque[Work] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, work: Work) -> None:
        """Do ``work`` after what was put in before. Raises ``StorageUnavailableError`` where too much waits."""
        if len(self._waiting) >= WAITING:
            raise StorageUnavailableError
        self._waiting.append(work)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def drop(self) -> None:
        """Do none of what waits."""
        self._waiting.clear()

    async def close(self) -> None:
        """Drop what waits, and stop what is being done."""
        self.drop()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while self._waiting:
            work = self._waiting.popleft()
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - handed on
                await self._failed(error)
