"""The open WebSockets of this process, for a graceful shutdown."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

POLL_S = 0.05


class Connection(Protocol):
    """An open WebSocket."""

    @property
    def is_busy(self) -> bool:
        """Return whether the socket is receiving audio that should finish first."""

    async def go_away(self) -> None:
        """Ask the client to reconnect, to another process or to the restarted server."""


class ConnectionRegistry:
    """The open connections. All methods are called on the event loop."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self.draining = False

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def registered(self, connection: Connection) -> Iterator[None]:
        """Register ``connection`` while the context is active."""
        self._open.add(connection)
        try:
            yield
        finally:
            self._open.discard(connection)

    async def drain(
        self,
        timeout_s: float,
        busy_elsewhere: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> int:
        """Close each connection once it is idle, and all of them after ``timeout_s`` seconds.

        Also waits, within that time, until ``busy_elsewhere()`` is false. Returns how many connections were still busy.
        """
        self.draining = True
        for _ in range(max(1, round(timeout_s / POLL_S))):
            await self._send_away(connection for connection in list(self._open) if not connection.is_busy)
            if not self._open and not busy_elsewhere():
                return 0
            await sleep(POLL_S)
        busy = len(self._open)
        await self._send_away(list(self._open))
        return busy

    async def _send_away(self, connections: Iterator[Connection] | list[Connection]) -> None:
        leaving = list(connections)
        # Not awaited: a client that does not answer the closing handshake must not delay the shutdown.
        self._open.difference_update(leaving)
        await asyncio.gather(*(connection.go_away() for connection in leaving), return_exceptions=True)
