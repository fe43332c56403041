"""Graceful shutdown of one serving process."""

import asyncio
import logging
import signal
from typing import Any

from core.process.connections import ConnectionRegistry
from core.process.signals import on_signals

logger = logging.getLogger(__name__)

CLOSE_S = 2.0
"""Seconds that clients have to answer the closing handshake."""
HANDSHAKE_S = 1.0
"""Seconds that accepted connections have to send their request, if other processes serve meanwhile."""
POLL_S = 0.05
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class GracefulShutdown:
    """Reports "not ready" on a signal, stops accepting connections, waits for running speech, then stops the server.

    A second signal stops it at once.
    """

    def __init__(
        self,
        server: Any,
        connections: ConnectionRegistry,
        timeout_s: float,
        *,
        delay_s: float = 0.0,
        handshake_s: float = 0.0,
    ) -> None:
        """Stop ``server`` (Daphne's) after at most ``timeout_s`` seconds of running speech.

        For ``delay_s`` seconds it only reports that it is not ready, and a load balancer can choose other servers.
        Connections that were accepted have ``handshake_s`` seconds to send their request.
        """
        self._delay_s = delay_s
        self._server = server
        self._connections = connections
        self._timeout_s = timeout_s
        self._handshake_s = handshake_s
        self._task: asyncio.Task[None] | None = None

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Handle the signals on ``loop``, in place of Twisted's handlers."""
        on_signals(loop, SIGNALS, self.begin)

    def begin(self) -> None:
        """Start the shutdown; if it is in progress, stop at once."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._shut_down())
        else:
            self._task.cancel()
            self._server.stop()

    async def _shut_down(self) -> None:
        self._connections.draining = True
        await asyncio.sleep(self._delay_s)
        await self._stop_listening()
        # Newly accepted connections have not sent their request yet.
        await asyncio.sleep(self._handshake_s)
        busy = await self._connections.drain(self._timeout_s, self._is_answering)
        if busy:
            logger.warning("shutdown: %d websockets were still receiving speech after %g s", busy, self._timeout_s)
        if self._is_answering():
            # They end without their last chunk, so clients notice that the audio is not complete.
            logger.warning("shutdown: HTTP responses were still being sent after %g s", self._timeout_s)
        for _ in range(round(CLOSE_S / POLL_S)):
            if all("disconnected" in details for details in self._server.connections.values()):
                break
            await asyncio.sleep(POLL_S)
        self._server.stop()

    async def _stop_listening(self) -> None:
        for listener in self._server.listeners:
            # The Deferred has fired, because the port listens.
            port = getattr(listener, "result", None)
            if port is not None and hasattr(port, "stopListening"):
                # Accept pending connections first: closing the socket would reset them.
                port.doRead()
                stopped = port.stopListening()
                if stopped is not None:
                    await stopped.asFuture(asyncio.get_running_loop())

    def _is_answering(self) -> bool:
        """Return whether HTTP responses are in progress; the registry counts websockets."""
        return any(
            (application := details.get("application_instance")) is not None and not application.done()
            for protocol, details in self._server.connections.items()
            if not _is_websocket(protocol)
        )


def _is_websocket(protocol: Any) -> bool:
    from daphne.ws_protocol import WebSocketProtocol

    return isinstance(protocol, WebSocketProtocol)
