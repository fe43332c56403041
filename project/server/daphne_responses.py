"""Answers wait for their readers: Daphne writes whatever the application sends into the transport's memory."""

from typing import Any

from daphne.server import Server

from project.server.connection_ledger import Traffic
from project.server.daphne_http import LimitedRequest


class BoundedServer(Server):  # type: ignore[misc]  # daphne ships no types
    """Daphne's own, with backpressure on HTTP answers and deadlines for connections.

    Each ``send`` of the application waits until the transport is no longer full. So of an answer the process holds one
    part in the transport and one in hand, 128 KB, however long it is and whether it is a file, a range or a stream.
    """

    def __init__(self, *args: Any, traffic: Traffic, **options: Any) -> None:
        """``traffic`` holds the connections whose deadlines are looked at every two seconds."""
        super().__init__(*args, **options)
        self._traffic = traffic

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Write what the application sends, when it is its turn."""
        if isinstance(protocol, LimitedRequest):
            await protocol.writable()
        await super().handle_reply(protocol, message)

    def timeout_checker(self) -> None:
        """Called every two seconds."""
        self._traffic.ledger.sweep()
        super().timeout_checker()
