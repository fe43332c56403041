"""Bounded in-flight jobs of one utterance, with results in submission order.

Several windows run at once, so that several workers can serve one listener.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

MAX_IN_FLIGHT = 2
"""Maximum in-flight windows per utterance. A larger number would only delay cancellation."""


class OrderedJobs(Generic[T]):
    """Runs jobs concurrently and yields their results in submission order."""

    def __init__(self, with_timeout: Callable[[Awaitable[T]], Awaitable[T]]) -> None:
        """Store ``with_timeout``, which awaits an awaitable under the time limit."""
        self._with_timeout = with_timeout
        self._tasks: deque[asyncio.Task[T]] = deque()

    @property
    def is_full(self) -> bool:
        """Return whether a result must be taken before the next job is submitted."""
        return len(self._tasks) >= MAX_IN_FLIGHT

    def submit(self, job: Coroutine[Any, Any, T]) -> None:
        """Submit a job: the awaitable of ``WorkerPool.run``, or of several such calls in sequence."""
        self._tasks.append(asyncio.create_task(job))

    async def next_result(self) -> T:
        """Return the result of the oldest job. Raises the job's exception."""
        return await self._with_timeout(self._tasks.popleft())

    async def drain(self) -> AsyncIterator[T]:
        """Yield the results of all jobs, the oldest first."""
        while self._tasks:
            yield await self.next_result()

    async def cancel_all(self) -> None:
        """Cancel all in-flight jobs; the result of a running job is dropped."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
