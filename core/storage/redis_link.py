"""Whether Redis can be reached: a circuit breaker that the caches and the channel layer share.

After a failure, calls use the process's own memory immediately, and one call per second tries Redis again. Only changes
of the state are logged.
"""

import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")

RETRY_S = 1.0
TIMEOUT_S = 0.5
"""Seconds to connect to Redis, or to wait for its answer."""


def failures() -> tuple[type[Exception], ...]:
    """Return the exceptions of a Redis that cannot be reached.

    A server without Redis never needs them, and importing the client takes 8 MB.
    """
    from redis.exceptions import RedisError

    return (RedisError, OSError)


class RedisLink:
    """The state of the connection to Redis. ``clock`` is monotonic, in seconds; callable from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._retry_at = float("-inf")
        self.available = True

    def call(self, work: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """Return ``work()``, or ``otherwise()`` while Redis cannot be reached."""
        if not self.may_try():
            return otherwise()
        try:
            result = work()
        except failures() as error:
            self.failed(error)
            return otherwise()
        self.succeeded()
        return result

    async def attempt(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Await ``work()`` unless Redis is known to be unreachable. Return whether it succeeded."""
        if not self.may_try():
            return False
        try:
            await work()
        except failures() as error:
            self.failed(error)
            return False
        self.succeeded()
        return True

    def may_try(self) -> bool:
        """Return whether the caller may use Redis; after a failure, one caller per ``RETRY_S``."""
        with self._lock:
            now = self._clock()
            if not self.available and now < self._retry_at:
                return False
            # Until this caller has an answer, others do not wait for Redis as well.
            self._retry_at = now + RETRY_S
            return True

    def failed(self, error: BaseException) -> None:
        """Record a failure; the first one is logged."""
        with self._lock:
            self._retry_at = self._clock() + RETRY_S
            was, self.available = self.available, False
        if was:
            logger.warning(
                "Redis cannot be reached (%s). Until it is back, limits are counted and changes announced in each "
                "process alone, or limited requests are rejected (LIMITS_WITHOUT_REDIS=reject).",
                type(error).__name__,
            )

    def succeeded(self) -> None:
        """Record a success; the first one after a failure is logged."""
        with self._lock:
            was, self.available = self.available, True
        if not was:
            logger.warning("Redis is back: limits and changes are shared again.")


redis_link = RedisLink()
"""The link of this process."""
