"""Rate limit of websocket handshakes, applied before any database query.

A token bucket limits each address. A second limit bounds concurrent handshakes, so that those in progress complete
before their clients time out.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from core import metrics
from core.close_codes import POLICY_VIOLATION
from core.limits import registry
from core.limits.token_bucket import AddressTokenBuckets
from core.logs.addresses import logged_address
from core.web.refusal_log import RefusalLog

refusals = RefusalLog(logging.getLogger(__name__))

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

HANDSHAKES_PER_SECOND = registry.HANDSHAKES_PER_SECOND.default
HANDSHAKE_BURST = registry.HANDSHAKE_BURST.default
"""Token bucket of each address. The burst covers a browser that restores all its tabs."""
MAX_CONCURRENT = registry.MAX_HANDSHAKES.default
"""Handshakes in progress in the process; each takes a few milliseconds."""


class HandshakeLimitMiddleware:
    """Denies excess handshakes with 403, the only status that ASGI allows here."""

    def __init__(self, application: Application, clock: Callable[[], float] = time.monotonic) -> None:
        self._application = application
        self._in_progress = 0
        self.buckets = AddressTokenBuckets(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST, clock)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Forward the handshake, or deny it."""
        if self._in_progress >= MAX_CONCURRENT or not self.buckets.consume(scope):
            metrics.REFUSALS.labels("handshakes").inc()
            refusals.warn(f"Websocket handshakes were refused with 403: too many from {_address(scope)}.")
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
                # The first message accepts or closes: either ends the handshake.
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
        """Block the address for a while after a close with 1008, whether the server or the client sent it."""
        if message.get("code") == POLICY_VIOLATION:
            self.buckets.penalize(scope)


def _address(scope: dict[str, Any]) -> str:
    return logged_address((scope.get("client") or [None])[0])
