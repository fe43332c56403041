"""The in-process worker pool: threads that compute one window of one utterance at a time.

A job is small (some milliseconds) and carries a deadline: the time at which its listener's buffer
runs dry. The earliest deadline goes first, so a long text never delays a short one. Jobs run in
numpy, ONNX Runtime or torch, which release the GIL. The worker hands the result to a callback, which can
submit the next job without a round trip through the event loop.

Jobs that an engine can compute in one batch have the same key: the worker that takes the first of
them also takes the next ones, in the order of their deadlines.
"""

import asyncio
import heapq
import itertools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from synthesis.errors import BusyError, SpeechError
from synthesis.pool.capacity import CapacityMeter

logger = logging.getLogger(__name__)
T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item

BUSY_RETRY_S = 2.0
IDLE_S = 1.0


@dataclass(frozen=True, slots=True)
class Batchable(Generic[I, T]):
    """A work item that can be batched with others of the same ``key``."""

    key: Hashable
    item: I
    together: Callable[[Sequence[I]], Sequence[T | Exception]]
    """Return one result per item, in order; for a failed item, its exception."""
    most: int
    """Maximum items per batch."""


class JobTime(NamedTuple):
    """The time of a worker that a job took; in a batch, its share of it."""

    seconds: float
    saturated: bool
    """Whether all workers were busy at its end: then it shows what audio costs under full load."""


NO_TIME = JobTime(0.0, saturated=False)


@dataclass(order=True, slots=True)
class _Job:
    deadline: float
    number: int
    work: Callable[[], Any] | Batchable[Any, Any] = field(compare=False)
    done: Callable[[Any, JobTime], object] = field(compare=False)
    wanted: Callable[[], bool] = field(compare=False)
    queued_at: float = field(compare=False)

    @property
    def key(self) -> Hashable:
        return self.work.key if isinstance(self.work, Batchable) else None


@dataclass(slots=True)
class Counts:
    """Counters of the worker pool."""

    jobs: int = 0
    """Jobs started; each item of a batch counts."""
    waited_s: float = 0.0
    """Total seconds that jobs waited in the queue."""
    batches: Counter[int] = field(default_factory=Counter)
    """Number of batches by batch size."""


class WorkerPool:
    """``workers`` threads over one queue ordered by deadline, for at most ``max_utterances`` concurrent utterances.

    A worker that was idle for ``IDLE_S`` seconds calls ``on_idle``. ``batch_wait_s`` is how long a
    batchable job waits for others, if other utterances are active and its deadline allows.
    """

    def __init__(
        self,
        workers: int,
        max_utterances: int,
        on_idle: Callable[[], object] | None = None,
        *,
        batch_wait_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.workers = workers
        self.meter = CapacityMeter(workers, clock)
        self._on_idle = on_idle
        self._batch_wait_s = batch_wait_s
        self._clock = clock
        # One heap per key, so that taking a batch does not scan other jobs.
        self._jobs: dict[Hashable, list[_Job]] = {}
        self._numbers = itertools.count()
        self._ready = threading.Condition()
        self._closing = False
        self._utterances = self._free_slots = max_utterances
        self._counts = Counts()
        self._busy = 0
        self._workers: set[threading.Thread] = set()
        for _ in range(workers):
            self._start_worker()

    @property
    def alive_workers(self) -> int:
        """Return the number of running workers."""
        return sum(worker.is_alive() for worker in list(self._workers))

    @property
    def queued_jobs(self) -> int:
        """Return the number of queued jobs."""
        return sum(map(len, list(self._jobs.values())))

    def stats(self) -> dict[str, Any]:
        """Return counters since the start, and the queue length."""
        with self._ready:
            counts = self._counts
            return {
                "workers": self.alive_workers,
                "waiting": self.queued_jobs,
                "utterances": self._utterances - self._free_slots,
                "jobs": counts.jobs,
                "waited_s": round(counts.waited_s, 6),
                "batches": dict(counts.batches),
            }

    @contextmanager
    def utterance_slot(self) -> Iterator[None]:
        """Hold a slot for one utterance, which bounds the jobs in the queue. Raises ``BusyError`` when all are taken.

        Called on the event loop only, so the count needs no lock.
        """
        if self._free_slots <= 0:
            raise BusyError(
                "busy",
                "The server has reached its limit of concurrent utterances. Try again in a moment.",
                retry_after=BUSY_RETRY_S,
            )
        self._free_slots -= 1
        try:
            yield
        finally:
            self._free_slots += 1

    def submit(
        self,
        work: Callable[[], T | Future[T]] | Batchable[Any, T],
        deadline: float,
        done: Callable[[T | Exception, JobTime], object],
        wanted: Callable[[], bool],
    ) -> None:
        """Queue ``work``, ordered by ``deadline`` (seconds, ``time.monotonic``), and call ``done`` in the worker.

        ``done`` receives the result and the time that the job took; of a future, its result once it is known, in the
        thread that sets it, and no time. The result is an exception if
        the job failed: the job's own, or ``SpeechError`` ``engine_failed`` if it terminated the worker or the pool was
        closed. ``done`` must not raise. ``wanted`` is called when a worker takes the job: if it returns false, the job
        is dropped and ``done`` is not called. Callable from any thread.
        """
        with self._ready:
            closing = self._closing
            if not closing:
                job = _Job(deadline, next(self._numbers), work, done, wanted, self._clock())
                heapq.heappush(self._jobs.setdefault(job.key, []), job)
                self._ready.notify()
        if closing:
            done(_shutting_down(), NO_TIME)

    async def run(self, work: Callable[[], T] | Batchable[Any, T], deadline: float) -> T:
        """Run ``work`` as ``submit`` does, and return its result.

        Canceling the awaiting task removes the job from the queue; a running job finishes and its
        result is dropped. Raises what ``submit`` passes to its callback.
        """
        future: Future[T] = Future()

        def done(result: T | Exception, _time: JobTime) -> None:
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

        self.submit(work, deadline, done, future.set_running_or_notify_cancel)
        return await asyncio.wrap_future(future)

    def close(self, timeout: float = 10.0) -> None:
        """Cancel queued jobs, let each worker finish its current job, and join the workers."""
        with self._ready:
            self._closing = True
            dropped = [job for jobs in self._jobs.values() for job in jobs]
            self._jobs.clear()
            self._ready.notify_all()
        for job in dropped:
            if job.wanted():
                job.done(_shutting_down(), NO_TIME)
        for worker in list(self._workers):
            worker.join(timeout)

    def _start_worker(self) -> None:
        worker = threading.Thread(target=self._worker_loop, name="synthesis-worker", daemon=True)
        self._workers.add(worker)
        worker.start()

    def _next_job(self) -> list[_Job] | None:
        rested = self._on_idle is None
        while True:
            with self._ready:
                batch, wait_s = self._take()
                if batch:
                    return batch
                if self._closing:
                    return None
                if wait_s is None and not rested:
                    wait_s = IDLE_S
                called = self._ready.wait(wait_s) or bool(self._jobs)
            # Not under the lock, which the event loop takes to submit a job.
            if not called and self._on_idle is not None:
                rested = True
                self._on_idle()

    def _take(self) -> tuple[list[_Job], float | None]:
        """Take the job with the earliest deadline and those to batch with it; or none, and the
        seconds until the next check.

        Called under the lock. A job that waits for others of its key blocks no worker.
        """
        now = self._clock()
        begins = {key: self._begins_at(jobs) for key, jobs in self._jobs.items()}
        ready = [key for key, at in begins.items() if at <= now]
        if not ready:
            return [], min(begins.values()) - now if begins else None
        key = min(ready, key=lambda key: self._jobs[key][0])
        batch = [self._pop(key)]
        work = batch[0].work
        while isinstance(work, Batchable) and len(batch) < work.most and key in self._jobs:
            batch.append(self._pop(key))
        return batch, None

    def _begins_at(self, jobs: Sequence[_Job]) -> float:
        """Return when to start the jobs of one key: immediately, unless waiting can enlarge the batch."""
        first = jobs[0]
        alone = self._utterances - self._free_slots <= 1
        if not isinstance(first.work, Batchable) or alone or self._closing or len(jobs) >= first.work.most:
            return float("-inf")
        return min(min(job.queued_at for job in jobs), first.deadline - 2 * self._batch_wait_s) + self._batch_wait_s

    def _pop(self, key: Hashable) -> _Job:
        jobs = self._jobs[key]
        job = heapq.heappop(jobs)
        if not jobs:
            del self._jobs[key]
        return job

    def _worker_loop(self) -> None:
        try:
            while batch := self._next_job():
                self._run_job([job for job in batch if job.wanted()])
        finally:
            self._worker_exited()

    def _worker_exited(self) -> None:
        worker = threading.current_thread()
        if worker in self._workers:
            self._workers.discard(worker)
            if not self._closing:
                logger.error("a synthesis worker died; starting another")
                self._start_worker()

    def _run_job(self, jobs: Sequence[_Job]) -> None:
        if not jobs:
            return
        self._count(jobs)
        began = self._clock()
        try:
            results = _results([job.work for job in jobs])
        except BaseException:
            # What _results does not catch is an exit request (SystemExit, KeyboardInterrupt), which must not be
            # suppressed: the worker ends, a new one starts, and the listeners get an error.
            self._worker_exited()
            for job in jobs:
                job.done(_worker_ended(), NO_TIME)
            raise
        finally:
            with self._ready:
                saturated = self._busy >= self.workers
                self._busy -= 1
        taken = JobTime((self._clock() - began) / len(jobs), saturated)
        for job, result in zip(jobs, results, strict=True):
            if isinstance(result, Future):
                result.add_done_callback(partial(_pass_on, job.done))
            else:
                job.done(result, taken)

    def _count(self, jobs: Sequence[_Job]) -> None:
        now = self._clock()
        with self._ready:
            self._busy += 1
            self._counts.jobs += len(jobs)
            self._counts.waited_s += sum(now - job.queued_at for job in jobs)
            if isinstance(jobs[0].work, Batchable):
                self._counts.batches[len(jobs)] += 1


def _pass_on(done: Callable[[Any, JobTime], object], future: Future[Any]) -> None:
    """Call ``done`` with the result or the exception of a future that has ended."""
    error = future.exception()
    if error is None:
        done(future.result(), NO_TIME)
    else:
        done(error if isinstance(error, Exception) else _worker_ended(), NO_TIME)


def _worker_ended() -> SpeechError:
    return SpeechError("engine_failed", "Synthesis failed. Try again.")


def _shutting_down() -> SpeechError:
    return SpeechError("engine_failed", "The server is shutting down.")


def _results(works: Sequence[Any]) -> Sequence[Any]:
    """Return one result per item; for an exception, the exception itself."""
    first = works[0]
    try:
        if not isinstance(first, Batchable):
            return [first()]
        results = first.together([work.item for work in works])
    except Exception as error:  # noqa: BLE001 - raised where the results are awaited
        return [error] * len(works)
    if len(results) != len(works):
        return [_worker_ended()] * len(works)
    return results
