"""Supervisor of several serving processes on one port: starts, restarts, replaces and stops them.

Each process opens its own listening socket (``SO_REUSEPORT``), and the kernel distributes new connections evenly. With
one shared socket, an idle server would assign nearly all of them to the process that wakes up first.
"""

import asyncio
import logging
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable

from core.process.process_table import ProcessState, ProcessTable

logger = logging.getLogger(__name__)

STABLE_S = 10.0
"""Seconds of uptime below which an exit counts as a failed start."""
MAX_DELAY_S = 30.0
MAX_FAILED_STARTS = 5
READY_TIMEOUT_S = 120.0
POLL_S = 0.1
KILL_AFTER_S = 5.0
"""Seconds after the shutdown timeout before a running process is killed."""

Start = Callable[[int, int], Awaitable[Process]]
"""Start a process with the row ``slot`` of the table and the CPU share of process ``index``."""


class Supervisor:
    """Keeps ``count`` processes running. ``table`` needs twice as many rows, for replacements."""

    def __init__(
        self,
        count: int,
        table: ProcessTable,
        start: Start,
        shutdown_timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._count = count
        self._table = table
        self._start = start
        self._stop_after_s = shutdown_timeout_s + KILL_AFTER_S
        self._clock = clock
        self._sleep = sleep
        self._processes: dict[int, Process] = {}
        self._keepers: dict[int, asyncio.Task[None]] = {}
        self._retired: dict[int, asyncio.Event] = {}
        self._slots = list(range(count))
        """The row of each running process, by its index."""
        self._failed_starts = 0
        self._stopping = asyncio.Event()
        self._restarting: asyncio.Task[None] | None = None

    async def run(self) -> bool:
        """Run until ``stop``. Returns whether the processes ran; ``False`` if they could not be started."""
        for index, slot in enumerate(self._slots):
            self._keep(index, slot)
        await self._stopping.wait()
        if self._restarting is not None:
            self._restarting.cancel()
        await asyncio.gather(*(self._retire(slot) for slot in list(self._keepers)))
        return self._failed_starts < MAX_FAILED_STARTS

    def stop(self) -> None:
        """Start to stop: every process finishes its running work within the shutdown timeout."""
        self._stopping.set()

    def restart(self) -> None:
        """Perform a rolling restart: stop each process once its replacement is ready."""
        if self._restarting is None or self._restarting.done():
            self._restarting = asyncio.create_task(self._restart())

    def _keep(self, index: int, slot: int) -> None:
        self._retired[slot] = asyncio.Event()
        self._keepers[slot] = asyncio.create_task(self._keep_running(index, slot))

    async def _keep_running(self, index: int, slot: int) -> None:
        retired = self._retired[slot]
        delay_s = 0.0
        while not retired.is_set():
            started = self._clock()
            self._table.write(slot, ProcessState.STARTING, pid=0)
            process = self._processes[slot] = await self._start(slot, index)
            if retired.is_set():
                process.send_signal(signal.SIGTERM)
            code = await process.wait()
            self._table.write(slot, ProcessState.EMPTY, pid=0)
            if retired.is_set() or self._stopping.is_set():
                return
            if self._clock() - started >= STABLE_S:
                delay_s, self._failed_starts = 0.0, 0
            else:
                delay_s = min(MAX_DELAY_S, max(1.0, delay_s * 2))
                self._failed_starts += 1
                if self._failed_starts >= MAX_FAILED_STARTS:
                    logger.critical("serving processes fail to start (exit code %s); giving up", code)
                    self.stop()
                    return
            logger.error("serving process %d exited with code %s; restarting in %g s", index, code, delay_s)
            await self._wait(delay_s, retired)

    async def _wait(self, seconds: float, retired: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(retired.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _retire(self, slot: int) -> None:
        """Terminate the process of a row, and kill it if it exceeds the timeout."""
        keeper = self._keepers[slot]
        self._retired[slot].set()
        process = self._processes.get(slot)
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(keeper), self._stop_after_s)
        except TimeoutError:
            logger.error("a serving process did not exit in time; killing it")
            self._processes[slot].kill()
            await keeper
        del self._keepers[slot], self._retired[slot]

    async def _restart(self) -> None:
        for index in range(self._count):
            old = self._slots[index]
            new = next(slot for slot in range(self._table.slots) if slot not in self._keepers)
            self._keep(index, new)
            if not await self._becomes_ready(new):
                logger.error("the replacement of serving process %d is not ready; keeping the old one", index)
                await self._retire(new)
                return
            self._slots[index] = new
            await self._retire(old)
        logger.info("all serving processes were replaced")

    async def _becomes_ready(self, slot: int) -> bool:
        until = self._clock() + READY_TIMEOUT_S
        while self._clock() < until:
            if self._table.read(slot).state is ProcessState.READY:
                return True
            await self._sleep(POLL_S)
        return False
