"""Handshakes of sockets, bounded before anything is read, from the database least of all.

By address, so that nobody takes it all; and in their number at a time, so that those that were begun end before whoever
asked has given up: a server that begins all of them ends none.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from terminal.buckets import Buckets

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

A_SECOND = 50.0
AT_ONCE = 500
"""Handshakes of one address: a browser that restarts opens all its tabs at once."""
AT_A_TIME = 32
"""Handshakes that are being answered, each a few milliseconds of work."""
FLOODED = 1008
"""Closes a socket that goes on sending whatever it is told: its address has used up what it has, and as much again."""


class HandshakeLimit:
    """Denies what is too much with 403, which is all that a handshake can be told."""

    def __init__(self, application: Application, clock: Callable[[], float] = time.monotonic) -> None:
        self._application = application
        self._answering = 0
        self.buckets = Buckets(A_SECOND, AT_ONCE, clock)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Hand the handshake on, or deny it."""
        if self._answering >= AT_A_TIME or not self.buckets.take(scope):
            await receive()
            await send({"type": "websocket.close"})
            return
        await self._answer(scope, receive, send)

    async def _answer(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self._answering += 1
        answered = False

        async def noticing(message: dict[str, Any]) -> None:
            nonlocal answered
            self._blame(scope, message)
            await send(message)
            if not answered:
                # Whatever the first message is, accepting or closing, it ends the handshake.
                answered = True
                self._answering -= 1

        async def hearing() -> dict[str, Any]:
            message: dict[str, Any] = await receive()
            self._blame(scope, message)
            return message

        try:
            await self._application(scope, hearing, noticing)
        finally:
            if not answered:
                self._answering -= 1

    def _blame(self, scope: dict[str, Any], message: dict[str, Any]) -> None:
        """A socket that ends as a flood, whoever of us ended it, is not simply opened again."""
        if message.get("code") == FLOODED:
            self.buckets.blame(scope)
