"""The worker pool: deadlines, batches, cancellation, bounds, and workers that exit."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest

from synthesis.errors import BusyError, SpeechError
from synthesis.pool.worker_pool import Batchable, WorkerPool


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(workers=1, max_utterances=2)
    yield pool
    pool.close()


class Gate:
    """Blocks the only worker until the test opens it."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.entered.set()
        assert self.open.wait(10)
        return "through"


async def entered(gate: Gate) -> None:
    await asyncio.to_thread(gate.entered.wait, 10)


async def test_the_earliest_deadline_goes_first(pool: WorkerPool) -> None:
    gate, order = Gate(), []
    first = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    rest = [asyncio.create_task(pool.run(lambda due=due: order.append(due), due)) for due in (3, 1, 2)]  # type: ignore[misc]
    while pool.queued_jobs < 3:
        await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(first, *rest)
    assert order == [1, 2, 3]


async def test_equal_deadlines_keep_their_order(pool: WorkerPool) -> None:
    gate, order = Gate(), []
    first = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    rest = [asyncio.create_task(pool.run(lambda n=n: order.append(n), 5)) for n in range(4)]  # type: ignore[misc]
    while pool.queued_jobs < 4:
        await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(first, *rest)
    assert order == [0, 1, 2, 3]


async def test_a_cancelled_job_never_runs(pool: WorkerPool) -> None:
    gate, ran = Gate(), []
    first = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    doomed = asyncio.create_task(pool.run(lambda: ran.append("doomed"), 1))
    while not pool.queued_jobs:
        await asyncio.sleep(0)
    doomed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doomed
    gate.open.set()
    assert await first == "through"
    await pool.run(lambda: ran.append("next"), 2)
    assert ran == ["next"]


async def test_the_caller_receives_the_exception_of_a_job(pool: WorkerPool) -> None:
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0, 0)
    assert await pool.run(lambda: "alive", 0) == "alive"


def die() -> None:
    raise SystemExit


async def test_a_worker_that_dies_is_replaced(pool: WorkerPool) -> None:
    with pytest.raises(SpeechError) as failure:
        await pool.run(die, 0)
    assert failure.value.code == "engine_failed"
    assert await asyncio.wait_for(pool.run(lambda: "the next worker", 0), 5) == "the next worker"
    assert pool.alive_workers == 1


async def test_a_pool_with_nothing_to_do_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthesis.pool.worker_pool.IDLE_S", 0.01)
    rests = threading.Semaphore(0)
    pool = WorkerPool(workers=1, max_utterances=1, on_idle=rests.release)
    assert await asyncio.to_thread(rests.acquire, timeout=10)
    await pool.run(lambda: None, 0)
    assert await asyncio.to_thread(rests.acquire, timeout=10)
    assert not await asyncio.to_thread(rests.acquire, timeout=0.1)
    pool.close()


def test_utterances_are_counted(pool: WorkerPool) -> None:
    with pool.utterance_slot(), pool.utterance_slot():
        with pytest.raises(BusyError) as refusal, pool.utterance_slot():
            pass
        assert refusal.value.details["retry_after"] > 0
    with pool.utterance_slot():
        pass


async def test_closing_fails_waiting_jobs_and_finishes_running_ones() -> None:
    pool, gate = WorkerPool(workers=1, max_utterances=1), Gate()
    running = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    waiting = asyncio.create_task(pool.run(lambda: "never", 1))
    while not pool.queued_jobs:
        await asyncio.sleep(0)
    closing = asyncio.create_task(asyncio.to_thread(pool.close))
    with pytest.raises(SpeechError):
        await waiting
    gate.open.set()
    assert await running == "through"
    await closing
    assert pool.alive_workers == 0
    with pytest.raises(SpeechError):
        await pool.run(lambda: None, 0)


class Together:
    """A batch engine that doubles numbers and records the batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def __call__(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        return [ValueError(item) if item < 0 else 2 * item for item in items]

    def job(self, item: int, key: str = "a", most: int = 4) -> Batchable[int, int]:
        return Batchable(key, item, self, most)


async def queued(pool: WorkerPool, count: int) -> None:
    while pool.queued_jobs < count:
        await asyncio.sleep(0)


async def test_jobs_of_one_key_are_one_batch_in_the_order_of_their_deadlines(pool: WorkerPool) -> None:
    gate, together = Gate(), Together()
    first = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    jobs = [(together.job(due), due) for due in (6, 2, 5, 3, 4)] + [(together.job(1, key="b"), 1)]
    rest = [asyncio.create_task(pool.run(job, due)) for job, due in jobs]
    await queued(pool, 6)
    gate.open.set()
    assert await asyncio.gather(*rest) == [12, 4, 10, 6, 8, 2]
    assert together.batches == [[1], [2, 3, 4, 5], [6]]
    assert await first == "through"
    assert pool.stats()["batches"] == {1: 2, 4: 1}
    assert pool.stats()["jobs"] == 7


async def test_a_failed_item_fails_alone_and_a_cancelled_one_is_skipped(pool: WorkerPool) -> None:
    gate, together = Gate(), Together()
    first = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    rest = [asyncio.create_task(pool.run(together.job(item), 1)) for item in (1, -1, 3, 4)]
    await queued(pool, 4)
    rest[2].cancel()
    await asyncio.gather(rest[2], return_exceptions=True)
    gate.open.set()
    done = await asyncio.gather(first, rest[0], rest[1], rest[3], return_exceptions=True)
    assert done[1] == 2
    assert done[3] == 8
    assert isinstance(done[2], ValueError)
    assert together.batches == [[1, -1, 4]]


async def test_all_callers_receive_the_exception_of_a_batch(pool: WorkerPool) -> None:
    def broken(_items: Sequence[int]) -> list[int | Exception]:
        raise ZeroDivisionError

    gate = Gate()
    first = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    rest = [asyncio.create_task(pool.run(Batchable("a", item, broken, 4), 1)) for item in (1, 2)]
    await queued(pool, 2)
    gate.open.set()
    assert [type(error) for error in await asyncio.gather(*rest, return_exceptions=True)] == [ZeroDivisionError] * 2
    assert await first == "through"


@pytest.mark.parametrize(("speaking", "due", "waits"), [(2, 1000.0, True), (1, 1000.0, False), (2, 0.0, False)])
async def test_a_job_waits_for_others_only_where_others_speak_and_it_is_not_due(
    speaking: int, due: float, waits: bool
) -> None:
    pool, together = WorkerPool(workers=1, max_utterances=4, batch_wait_s=60.0, clock=lambda: 100.0), Together()
    with ExitStack() as places:
        for _ in range(speaking):
            places.enter_context(pool.utterance_slot())
        first = asyncio.create_task(pool.run(together.job(1, most=2), due))
        # Submit it before the next one.
        await asyncio.sleep(0)
        # The only worker has skipped or finished the job.
        assert await pool.run(lambda: "another", 2000.0) == "another"
        assert together.batches == ([] if waits else [[1]])
        if waits:
            assert await pool.run(together.job(5, most=2), due) == 10
            assert together.batches == [[1, 5]]
        assert await first == 2
    pool.close()


async def test_the_wait_for_others_ends() -> None:
    times, together = [100.0], Together()
    pool = WorkerPool(workers=1, max_utterances=4, batch_wait_s=0.01, clock=lambda: times[0])
    with pool.utterance_slot(), pool.utterance_slot():
        waiting = asyncio.create_task(pool.run(together.job(1), 1000.0))
        assert await pool.run(lambda: "another", 2000.0) == "another"
        assert together.batches == []
        times[0] += 0.02
        assert await asyncio.wait_for(waiting, 5) == 2
    pool.close()
