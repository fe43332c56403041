"""Windows of one utterance on their way: a few at once, so that several workers serve one listener, landed in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

AT_ONCE = 2
"""Windows of one utterance in the pool at once. More would only make a cancel later."""


class Flight(Generic[T]):
    """Jobs whose results are taken in the order in which they were sent off."""

    def __init__(self, within: Callable[[Awaitable[T]], Awaitable[T]]) -> None:
        """``within`` awaits what it is given, for as long as one may wait."""
        self._within = within
        self._tasks: deque[asyncio.Task[T]] = deque()

    @property
    def full(self) -> bool:
        """Whether a result should be taken before the next job is sent off."""
        return len(self._tasks) >= AT_ONCE

    def launch(self, job: Coroutine[Any, Any, T]) -> None:
        """Send a job off: what ``Pool.run`` gives, or several of them after one another."""
        self._tasks.append(asyncio.create_task(job))

    async def land(self) -> T:
        """The result of the oldest job. Raises what it raised."""
        return await self._within(self._tasks.popleft())

    async def land_all(self) -> AsyncIterator[T]:
        """The results of all jobs, the oldest first."""
        while self._tasks:
            yield await self.land()

    async def abort(self) -> None:
        """Call back all that are on their way; one that is being done is dropped when it ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
