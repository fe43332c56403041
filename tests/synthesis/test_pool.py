"""The pool: deadlines, cancellation, bounds, and workers that die."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from synthesis.errors import BusyError, SpeechError
from synthesis.pool import Pool


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(workers=1, utterances=2)
    yield pool
    pool.close()


class Gate:
    """Keeps the only worker busy until it is opened."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.entered.set()
        assert self.open.wait(10)
        return "through"


async def entered(gate: Gate) -> None:
    await asyncio.to_thread(gate.entered.wait, 10)


async def test_the_earliest_deadline_goes_first(pool: Pool) -> None:
    gate, order = Gate(), []
    first = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    rest = [asyncio.create_task(pool.run(lambda due=due: order.append(due), due)) for due in (3, 1, 2)]  # type: ignore[misc]
    while pool.waiting < 3:
        await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(first, *rest)
    assert order == [1, 2, 3]


async def test_equal_deadlines_keep_their_order(pool: Pool) -> None:
    gate, order = Gate(), []
    first = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    rest = [asyncio.create_task(pool.run(lambda n=n: order.append(n), 5)) for n in range(4)]  # type: ignore[misc]
    while pool.waiting < 4:
        await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(first, *rest)
    assert order == [0, 1, 2, 3]


async def test_a_cancelled_job_never_runs(pool: Pool) -> None:
    gate, ran = Gate(), []
    first = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    doomed = asyncio.create_task(pool.run(lambda: ran.append("doomed"), 1))
    while not pool.waiting:
        await asyncio.sleep(0)
    doomed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doomed
    gate.open.set()
    assert await first == "through"
    await pool.run(lambda: ran.append("next"), 2)
    assert ran == ["next"]


async def test_what_a_job_raises_reaches_who_awaits_it(pool: Pool) -> None:
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0, 0)
    assert await pool.run(lambda: "alive", 0) == "alive"


def die() -> None:
    raise SystemExit


async def test_a_worker_that_dies_is_replaced(pool: Pool) -> None:
    with pytest.raises(SpeechError) as failure:
        await pool.run(die, 0)
    assert failure.value.code == "engine_failed"
    assert await asyncio.wait_for(pool.run(lambda: "the next worker", 0), 5) == "the next worker"
    assert pool.alive == 1


async def test_a_pool_with_nothing_to_do_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthesis.pool.IDLE_S", 0.01)
    rests = threading.Semaphore(0)
    pool = Pool(workers=1, utterances=1, at_rest=rests.release)
    assert await asyncio.to_thread(rests.acquire, timeout=10)
    await pool.run(lambda: None, 0)
    assert await asyncio.to_thread(rests.acquire, timeout=10)
    assert not await asyncio.to_thread(rests.acquire, timeout=0.1)
    pool.close()


def test_utterances_are_counted(pool: Pool) -> None:
    with pool.utterance(), pool.utterance():
        with pytest.raises(BusyError) as refusal, pool.utterance():
            pass
        assert refusal.value.details["retry_after"] > 0
    with pool.utterance():
        pass


async def test_closing_cancels_what_waits_and_finishes_what_runs() -> None:
    pool, gate = Pool(workers=1, utterances=1), Gate()
    running = asyncio.create_task(pool.run(gate, 0))
    await entered(gate)
    waiting = asyncio.create_task(pool.run(lambda: "never", 1))
    while not pool.waiting:
        await asyncio.sleep(0)
    closing = asyncio.create_task(asyncio.to_thread(pool.close))
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.open.set()
    assert await running == "through"
    await closing
    assert pool.alive == 0
    with pytest.raises(SpeechError):
        await pool.run(lambda: None, 0)
