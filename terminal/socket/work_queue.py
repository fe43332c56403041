"""A tab's queue of database work, processed in order in the background: speech never waits for the database."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from core.errors import StorageUnavailableError
from core.limits import registry
from core.logs import correlation

WAITING = registry.TAB_WORK_QUEUE.default
"""Maximum number of queued jobs. Dragging a color slider sends twenty changes a second."""

Work = Callable[[], Awaitable[None]]


class WorkQueue:
    """Runs jobs one at a time, in order. Call its methods on the event loop only."""

    def __init__(self, failed: Callable[[Exception], Awaitable[None]]) -> None:
        """Create the queue; ``failed`` is awaited with each exception that a job raises."""
        self._failed = failed
        # Each with the correlation id of the message that queued it.
        self._waiting: deque[tuple[str | None, Work]] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, work: Work) -> None:
        """Queue ``work``. Raises ``StorageUnavailableError`` if the queue is full."""
        if len(self._waiting) >= WAITING:
            raise StorageUnavailableError
        self._waiting.append((correlation.current(), work))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def drop(self) -> None:
        """Discard all queued jobs."""
        self._waiting.clear()

    async def close(self) -> None:
        """Discard all queued jobs, and cancel the running one."""
        self.drop()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while self._waiting:
            correlation_id, work = self._waiting.popleft()
            with correlation.bound(correlation_id):
                try:
                    await work()
                except Exception as error:  # noqa: BLE001 - passed to the callback
                    await self._failed(error)
