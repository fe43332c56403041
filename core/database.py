"""Runs database work of the event loop on bounded executors: one for reads, one for writes.

asgiref's own executor is a single thread, in which one write that waits for SQLite's lock holds up every read behind
it. SQLite has one writer at a time, so one thread writes; the lock never holds up the readers (write-ahead log).
"""

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from asgiref.sync import SyncToAsync
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections

from core.errors import StorageUnavailableError

logger = logging.getLogger(__name__)
T = TypeVar("T")

READERS = 4
WAITING_READS = 512
WAITING_WRITES = 128
"""Pieces of work that wait for a thread; more are refused."""
START_S = 5.0
"""Seconds after which work that still waits for a thread is refused; SQLite waits as long for its lock."""
LOGGED_EVERY_S = 10.0


class _Executor:
    """Threads that keep their connections, behind a bounded queue."""

    def __init__(self, name: str, threads: int, waiting: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"database-{name}")
        self._places = threading.BoundedSemaphore(threads + waiting)
        self._clock = clock
        self._logged = float("-inf")

    async def run(self, work: Callable[[], T]) -> T:
        """Return the result of ``work``. Raises what it raises, or ``StorageUnavailableError``."""
        try:
            if settings.DATABASE_IN_ONE_THREAD:
                result: T = await database_sync_to_async(work)()
                return result
            if not self._places.acquire(blocking=False):
                raise OperationalError("too much work waits for the database")
            try:
                latest = self._clock() + START_S
                in_thread: SyncToAsync[[], T] = SyncToAsync(
                    partial(self._connected, work, latest), thread_sensitive=False, executor=self._threads
                )
                return await in_thread()
            finally:
                self._places.release()
        except OperationalError as error:
            self._log(error)
            raise StorageUnavailableError from error

    def _connected(self, work: Callable[[], T], latest: float) -> T:
        if self._clock() > latest:
            raise OperationalError("the work waited too long for a thread")
        try:
            return work()
        except (DatabaseError, InterfaceError):
            # The next piece of work begins with a new connection.
            connections.close_all()
            raise

    def _log(self, error: OperationalError) -> None:
        """Log what is wrong with the storage, without a traceback, and not for everyone who has to wait for it."""
        now = self._clock()
        if now - self._logged >= LOGGED_EVERY_S:
            self._logged = now
            logger.warning("the storage is unavailable: %s", error)


_reads = _Executor("read", READERS, WAITING_READS)
_writes = _Executor("write", 1, WAITING_WRITES)
_background: set[asyncio.Task[Any]] = set()


def truncate_log() -> None:
    """Move SQLite's write-ahead log into the database file and empty it. Call it outside of a transaction."""
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
    """Return what ``work`` reads. Raises what it raises, or ``StorageUnavailableError``."""
    return await _reads.run(work)


async def write(work: Callable[[], T]) -> T:
    """Return what ``work`` returns, which may write. Raises what it raises, or ``StorageUnavailableError``."""
    return await _writes.run(work)


async def write_later(work: Callable[[], object]) -> None:
    """Have ``work`` write, for bookkeeping that no answer depends on: nobody waits for it, and it may fail."""
    task = background(_without_failure(work))
    if settings.DATABASE_IN_ONE_THREAD:
        await task


def background(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start a task that outlives the request in which it began."""
    # A context of its own: the request's names a thread that ends with the request. Tests wait in that thread.
    context = None if settings.DATABASE_IN_ONE_THREAD else contextvars.Context()
    task = asyncio.get_running_loop().create_task(work, context=context)
    _background.add(task)
    task.add_done_callback(_background.discard)
    return task


async def _without_failure(work: Callable[[], object]) -> None:
    try:
        await write(work)
    except (StorageUnavailableError, DatabaseError) as error:
        logger.warning("something was not written down: %s", type(error).__name__)
