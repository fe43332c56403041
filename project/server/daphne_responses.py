"""Backpressure for HTTP responses. Daphne itself buffers everything that the application sends in memory."""

from typing import Any

from daphne.server import Server

from project.server.connection_ledger import TrafficLimits
from project.server.daphne_http import LimitedRequest


class BackpressureServer(Server):  # type: ignore[misc]  # daphne ships no types
    """Daphne's server with backpressure for HTTP responses and deadlines for connections.

    Each ``send`` of the application waits until the transport has buffer space. The process therefore buffers one part
    of a response in the transport and one in the application, 128 KB, for files, ranges and streams of any length.
    """

    def __init__(self, *args: Any, traffic: TrafficLimits, **options: Any) -> None:
        """Create the server; it checks the deadlines of the connections in ``traffic`` every two seconds."""
        super().__init__(*args, **options)
        self._traffic = traffic

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Write a part of the response, once the transport has buffer space."""
        if isinstance(protocol, LimitedRequest):
            await protocol.writable()
        await super().handle_reply(protocol, message)

    def timeout_checker(self) -> None:
        """Drop connections past their deadline. Daphne calls this every two seconds."""
        self._traffic.ledger.sweep()
        super().timeout_checker()
