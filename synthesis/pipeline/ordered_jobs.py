"""Windows of one utterance on their way: a few at once, so that several workers serve one listener, landed in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

MAX_IN_FLIGHT = 2
"""Windows of one utterance in the pool at once. More would only make a cancel later."""


class OrderedJobs(Generic[T]):
    """Jobs whose results are taken in the order in which they were sent off."""

    def __init__(self, with_timeout: Callable[[Awaitable[T]], Awaitable[T]]) -> None:
        """``with_timeout`` awaits what it is given, for as long as one may wait."""
        self._with_timeout = with_timeout
        self._tasks: deque[asyncio.Task[T]] = deque()

    @property
    def is_full(self) -> bool:
        """Whether a result should be taken before the next job is sent off."""
        return len(self._tasks) >= MAX_IN_FLIGHT

    def submit(self, job: Coroutine[Any, Any, T]) -> None:
        """Send a job off: what ``Pool.run`` gives, or several of them after one another."""
        self._tasks.append(asyncio.create_task(job))

    async def next_result(self) -> T:
        """The result of the oldest job. Raises what it raised."""
        return await self._with_timeout(self._tasks.popleft())

    async def drain(self) -> AsyncIterator[T]:
        """The results of all jobs, the oldest first."""
        while self._tasks:
            yield await self.next_result()

    async def cancel_all(self) -> None:
        """Call back all that are on their way; one that is being done is dropped when it ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
