"""The in-process pool of workers: threads that do one window of somebody's speech at a time.

A job is small (some milliseconds) and carries a deadline: the moment its listener's buffer runs dry. The earliest
deadline goes first, so a long text never stands before a short one. Jobs do their work in numpy, ONNX Runtime or torch,
which let go of the interpreter meanwhile; the event loop only waits for a future.
"""

import asyncio
import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from synthesis.errors import BusyError, SpeechError

logger = logging.getLogger(__name__)
T = TypeVar("T")

BUSY_RETRY_S = 2.0
IDLE_S = 1.0


@dataclass(order=True, slots=True)
class _Job:
    deadline: float
    number: int
    work: Callable[[], Any] = field(compare=False)
    future: Future[Any] = field(compare=False)


class Pool:
    """``workers`` threads over one queue ordered by deadline; at most ``utterances`` in the making at once.

    ``at_rest`` is called by a worker that has had nothing to do for ``IDLE_S`` seconds.
    """

    def __init__(self, workers: int, utterances: int, at_rest: Callable[[], object] | None = None) -> None:
        self._at_rest = at_rest
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._ready = threading.Condition()
        self._closing = False
        self._free = utterances
        self._workers: set[threading.Thread] = set()
        for _ in range(workers):
            self._hire()

    @property
    def alive(self) -> int:
        """Workers that are running."""
        return sum(worker.is_alive() for worker in list(self._workers))

    @property
    def waiting(self) -> int:
        """Jobs in the queue."""
        return len(self._jobs)

    @contextmanager
    def utterance(self) -> Iterator[None]:
        """Hold a place for one utterance, with a few jobs waiting at most. Raises ``BusyError`` when all are taken.

        Called on the event loop only, so the count needs no lock.
        """
        if self._free <= 0:
            raise BusyError(
                "busy", "The server is speaking to as many as it can. Try again in a moment.", retry_after=BUSY_RETRY_S
            )
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1

    async def run(self, work: Callable[[], T], deadline: float) -> T:
        """The result of ``work`` done by a worker, in the order of ``deadline`` (seconds, ``time.monotonic``).

        Cancelling the awaiting task takes the job out of the queue; a job that has begun is finished and dropped.
        Raises what ``work`` raised, or ``SpeechError`` ``engine_failed`` when the worker died of it.
        """
        future: Future[T] = Future()
        with self._ready:
            if self._closing:
                raise SpeechError("engine_failed", "The server is shutting down.")
            heapq.heappush(self._jobs, _Job(deadline, next(self._numbers), work, future))
            self._ready.notify()
        return await asyncio.wrap_future(future)

    def close(self, timeout: float = 10.0) -> None:
        """Cancel what waits, let every worker finish the window it is at, and join them."""
        with self._ready:
            self._closing = True
            dropped, self._jobs = self._jobs, []
            self._ready.notify_all()
        for job in dropped:
            job.future.cancel()
        for worker in list(self._workers):
            worker.join(timeout)

    def _hire(self) -> None:
        worker = threading.Thread(target=self._work, name="synthesis-worker", daemon=True)
        self._workers.add(worker)
        worker.start()

    def _next(self) -> _Job | None:
        rested = self._at_rest is None
        while True:
            with self._ready:
                if self._jobs:
                    return heapq.heappop(self._jobs)
                if self._closing:
                    return None
                called = self._ready.wait(None if rested else IDLE_S)
            # Not under the lock, which the event loop takes to hand in a job.
            if not called and self._at_rest is not None:
                rested = True
                self._at_rest()

    def _work(self) -> None:
        try:
            while job := self._next():
                if job.future.set_running_or_notify_cancel():
                    self._do(job)
        finally:
            self._leave()

    def _leave(self) -> None:
        worker = threading.current_thread()
        if worker in self._workers:
            self._workers.discard(worker)
            if not self._closing:
                logger.error("a synthesis worker died; hiring another")
                self._hire()

    def _do(self, job: _Job) -> None:
        try:
            result = job.work()
        except Exception as error:  # noqa: BLE001 - handed on, to where the result is awaited
            job.future.set_exception(error)
        except BaseException:
            # Not ours to survive (an exit): the worker goes, another comes, and the listener is told.
            self._leave()
            job.future.set_exception(SpeechError("engine_failed", "Synthesis broke off. Try again."))
            raise
        else:
            job.future.set_result(result)
