"""Handshakes of sockets, bounded before anything is read, from the database least of all.

By address, so that nobody takes it all; and in their number at a time, so that those that were begun end before whoever
asked has given up: a server that begins all of them ends none.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from core.close_codes import POLICY_VIOLATION
from core.token_bucket import AddressTokenBuckets

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

HANDSHAKES_PER_SECOND = 50.0
HANDSHAKE_BURST = 500
"""Handshakes of one address: a browser that restarts opens all its tabs at once."""
MAX_CONCURRENT = 32
"""Handshakes that are being answered, each a few milliseconds of work."""


class HandshakeLimitMiddleware:
    """Denies what is too much with 403, which is all that a handshake can be told."""

    def __init__(self, application: Application, clock: Callable[[], float] = time.monotonic) -> None:
        self._application = application
        self._in_progress = 0
        self.buckets = AddressTokenBuckets(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST, clock)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Hand the handshake on, or deny it."""
        if self._in_progress >= MAX_CONCURRENT or not self.buckets.consume(scope):
            await receive()
            await send({"type": "websocket.close"})
            return
        await self._forward(scope, receive, send)

    async def _forward(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self._in_progress += 1
        answered = False

        async def observed_send(message: dict[str, Any]) -> None:
            nonlocal answered
            self._penalize_flood(scope, message)
            await send(message)
            if not answered:
                # Whatever the first message is, accepting or closing, it ends the handshake.
                answered = True
                self._in_progress -= 1

        async def observed_receive() -> dict[str, Any]:
            message: dict[str, Any] = await receive()
            self._penalize_flood(scope, message)
            return message

        try:
            await self._application(scope, observed_receive, observed_send)
        finally:
            if not answered:
                self._in_progress -= 1

    def _penalize_flood(self, scope: dict[str, Any], message: dict[str, Any]) -> None:
        """A socket that ends as a flood, whoever of us ended it, is not simply opened again."""
        if message.get("code") == POLICY_VIOLATION:
            self.buckets.penalize(scope)
