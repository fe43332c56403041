"""Requests, bounded by address before Django hears of them: each page is some milliseconds of work.

And a few at a time: all work on the one loop that speech is handed out on, and what has to wait for a page then waits
for two of them at the most.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from core.token_bucket import AddressTokenBuckets

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

REQUESTS_PER_SECOND = 50.0
REQUEST_BURST = 500.0
"""Requests of one address: a browser that restarts loads all its tabs at once."""
STATIC_FILE_COST = 0.1
"""Of a request: a page loads some thirty files, each with little to do."""
EXEMPT_PATHS = ("/healthz", "/readyz")
"""Asked by whoever watches over the server, of the busy one more than ever."""
MAX_CONCURRENT = 2
SPEECH_PATHS = ("/v1/", "/spoken/", "/speech.wav")
"""Begins to answer once there is sound; its places are counted by whom it is for."""
RETRY_AFTER_S = 1

_BODY = b"Your address asks for more than 50 pages a second. Try again in a second.\n"
_HEADERS = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", str(len(_BODY)).encode()),
    (b"retry-after", str(RETRY_AFTER_S).encode()),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
]


class RequestLimitMiddleware:
    """Answers what is too much with 429."""

    def __init__(self, application: Application, clock: Callable[[], float] = time.monotonic) -> None:
        self._application = application
        self.buckets = AddressTokenBuckets(REQUESTS_PER_SECOND, REQUEST_BURST, clock)
        # Fair: who came first is answered first. No more wait than the buckets hold.
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Hand the request on, now or when it is its turn, or refuse it."""
        path = scope["path"]
        if path in EXEMPT_PATHS:
            await self._application(scope, receive, send)
        elif not self.buckets.consume(scope, _cost(path)):
            await send({"type": "http.response.start", "status": 429, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": _BODY})
        elif path.startswith(SPEECH_PATHS):
            await self._application(scope, receive, send)
        else:
            await self._in_turn(scope, receive, send)

    async def _in_turn(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """The turn ends when the answer begins: what follows waits for its reader, as long as he pleases."""
        await self._slots.acquire()
        ours = True

        def end() -> None:
            nonlocal ours
            if ours:
                ours = False
                self._slots.release()

        async def ending(message: dict[str, Any]) -> None:
            end()
            await send(message)

        try:
            await self._application(scope, receive, ending)
        finally:
            end()


def _cost(path: str) -> float:
    return STATIC_FILE_COST if path.startswith(settings.STATIC_URL) else 1.0
