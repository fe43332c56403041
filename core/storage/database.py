"""Runs database work of the event loop on bounded executors: one for reads, one for writes.

asgiref's own executor is a single thread, in which one write that waits for SQLite's lock delays
every read queued after it. SQLite allows one writer at a time, so one thread writes; the
write-ahead log keeps the lock from blocking readers.
"""

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
)

from core.errors import StorageUnavailableError
from core.limits import registry
from core.logs import correlation

logger = logging.getLogger(__name__)
T = TypeVar("T")

READERS = 4
WAITING_READS = registry.MAX_WAITING_READS.default
WAITING_WRITES = registry.MAX_WAITING_WRITES.default
"""Maximum queued calls; more are rejected."""
START_S = registry.DATABASE_START_S.default
"""Seconds after which a call that still waits for a thread is rejected; SQLite waits as long for its lock."""
LOGGED_EVERY_S = 10.0


class _Executor:
    """Threads with persistent connections and a bounded queue."""

    def __init__(self, name: str, threads: int, waiting: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"database-{name}")
        self._places = threading.BoundedSemaphore(threads + waiting)
        self._clock = clock
        self._logged = float("-inf")

    async def run(self, work: Callable[[], T]) -> T:
        """Run ``work`` in a thread and return its result. Raises its exception, or ``StorageUnavailableError``."""
        try:
            if settings.DATABASE_IN_ONE_THREAD:
                result: T = await database_sync_to_async(work)()
                return result
            if not self._places.acquire(blocking=False):
                raise OperationalError("the database queue is full")
            # Not asgiref's SyncToAsync, which takes several times as long on the event loop: work needs no context.
            try:
                connected = correlation.carried(self._connected, correlation.current())
                call = self._threads.submit(connected, work, self._clock() + START_S)
            except RuntimeError:
                self._places.release()
                raise
            call.add_done_callback(lambda _: self._places.release())
            return await asyncio.wrap_future(call)
        except (OperationalError, InterfaceError) as error:
            self._log(error)
            raise StorageUnavailableError from error

    def _connected(self, work: Callable[[], T], latest: float) -> T:
        if self._clock() > latest:
            raise OperationalError("the call timed out in the database queue")
        try:
            return work()
        except (DatabaseError, InterfaceError):
            # The next call opens a new connection.
            connections.close_all()
            raise
        finally:
            release_connection()

    def _log(self, error: Exception) -> None:
        """Log a storage failure without a traceback, at a limited rate."""
        now = self._clock()
        if now - self._logged >= LOGGED_EVERY_S:
            self._logged = now
            logger.warning("the storage is unavailable: %s", error)


_reads = _Executor("read", READERS, WAITING_READS)
_writes = _Executor("write", 1, WAITING_WRITES)
_background: set[asyncio.Task[Any]] = set()


def release_connection() -> None:
    """Return this thread's connection to the pool of connections to PostgreSQL; threads keep SQLite's."""
    if connection.vendor == "postgresql":
        close_old_connections()


def truncate_log() -> None:
    """Truncate SQLite's write-ahead log after copying it into the database file.

    Must be called outside a transaction.
    """
    if connection.vendor != "sqlite":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
    except OperationalError as error:
        logger.warning("the write-ahead log could not be truncated: %s", error)
    else:
        if row and row[0]:
            logger.warning("the write-ahead log was in use and could not be truncated")


async def read(work: Callable[[], T]) -> T:
    """Run the reading function ``work`` and return its result.

    Raises its exception, or ``StorageUnavailableError``.
    """
    return await _reads.run(work)


async def write(work: Callable[[], T]) -> T:
    """Run the writing function ``work`` and return its result.

    Raises its exception, or ``StorageUnavailableError``.
    """
    return await _writes.run(work)


async def write_later(work: Callable[[], object]) -> None:
    """Schedule a write that no response depends on; a failure is only logged."""
    task = background(_without_failure(work, correlation.current()))
    if settings.DATABASE_IN_ONE_THREAD:
        await task


def background(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start a background task that outlives the request that started it."""
    # Use a new context: the request's names a thread that ends with the request. Tests wait in that thread.
    context = None if settings.DATABASE_IN_ONE_THREAD else contextvars.Context()
    task = asyncio.get_running_loop().create_task(work, context=context)
    _background.add(task)
    task.add_done_callback(_background.discard)
    return task


async def _without_failure(work: Callable[[], object], correlation_id: str | None) -> None:
    with correlation.bound(correlation_id):
        try:
            await write(work)
        except (StorageUnavailableError, DatabaseError) as error:
            logger.warning("a background write failed: %s", type(error).__name__)
