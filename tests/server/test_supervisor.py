"""The supervisor, with small programs in place of serving processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from core.process.process_table import ProcessState, ProcessTable
from project.server.supervisor import MAX_FAILED_STARTS, Supervisor

SERVES = """
import sys, time
sys.path.insert(0, ".")
from core.process.process_table import ProcessState, ProcessTable
table = ProcessTable(int(sys.argv[1]))
table.write(int(sys.argv[2]), ProcessState.READY)
time.sleep(60)
"""
FAILS = "raise SystemExit(3)"


class Programs:
    """Starts ``program``, and records the processes."""

    def __init__(self, program: str, table: ProcessTable) -> None:
        self.program = program
        self.table = table
        self.started: list[asyncio.subprocess.Process] = []

    async def __call__(self, slot: int, index: int) -> asyncio.subprocess.Process:
        words = [sys.executable, "-S", "-c", self.program, str(self.table.fd), str(slot)]
        process = await asyncio.create_subprocess_exec(*words, pass_fds=(self.table.fd,))
        self.started.append(process)
        return process

    def pids(self) -> list[int]:
        return sorted(row.pid for row in self.table.rows() if row.state is ProcessState.READY)


@asynccontextmanager
async def running(program: str, count: int, clock: Callable[[], float]) -> AsyncIterator[tuple[Supervisor, Programs]]:
    programs = Programs(program, ProcessTable.create(2 * count))
    supervisor = Supervisor(count, programs.table, programs, shutdown_timeout_s=5, clock=clock, sleep=_no_wait)
    task = asyncio.create_task(supervisor.run())
    try:
        yield supervisor, programs
    finally:
        supervisor.stop()
        await task
        assert all(process.returncode is not None for process in programs.started)
        assert programs.table.rows() == []


async def _no_wait(_: float) -> None:
    # Lets processes run, without the supervisor's own delays.
    await asyncio.sleep(0.001)


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not so():
            await asyncio.sleep(0.005)


def fast_clock() -> Callable[[], float]:
    """Return a clock by which every process exceeds ``STABLE_S``."""
    now = iter(range(0, 10**9, 3600))
    return lambda: next(now)


async def test_a_killed_process_is_replaced_and_the_others_stay() -> None:
    async with running(SERVES, 2, fast_clock()) as (_, programs):
        await until(lambda: len(programs.pids()) == 2)
        first, second = programs.pids()
        os.kill(first, signal.SIGKILL)
        await until(lambda: len(programs.pids()) == 2 and first not in programs.pids())
        assert second in programs.pids()


async def test_a_rolling_restart_replaces_all_and_never_stops_serving() -> None:
    async with running(SERVES, 2, lambda: 0.0) as (supervisor, programs):
        await until(lambda: len(programs.pids()) == 2)
        before = programs.pids()
        supervisor.restart()

        def replaced() -> bool:
            assert programs.pids()
            return len(programs.pids()) == 2 and not set(before) & set(programs.pids())

        await until(replaced)


async def test_the_parent_exits_if_processes_cannot_start(caplog: pytest.LogCaptureFixture) -> None:
    programs = Programs(FAILS, ProcessTable.create(2))
    supervisor = Supervisor(1, programs.table, programs, 5, clock=lambda: 0.0, sleep=_no_wait)
    async with asyncio.timeout(20):
        assert not await supervisor.run()
    assert len(programs.started) == MAX_FAILED_STARTS
    assert "exit code 3" in caplog.text


async def test_stop_sends_sigterm() -> None:
    async with running(SERVES, 1, lambda: 0.0) as (supervisor, programs):
        await until(lambda: len(programs.pids()) == 1)
        supervisor.stop()
        async with asyncio.timeout(20):
            await programs.started[0].wait()
        assert programs.started[0].returncode == -signal.SIGTERM
