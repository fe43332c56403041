"""Rate limit of HTTP requests by address, and of concurrent page requests, applied before Django.

All requests share the event loop that streams speech. Running at most two page requests at a time limits how long
speech waits for it.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from core import metrics
from core.api.dialects import is_api_scope
from core.limits import registry
from core.limits.token_bucket import AddressTokenBuckets

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

REQUESTS_PER_SECOND = registry.HTTP_REQUESTS_PER_SECOND.default
REQUEST_BURST = registry.HTTP_REQUEST_BURST.default
"""Token bucket of each address. The burst covers a browser that restores all its tabs."""
STATIC_PATH = "/static/"
STATIC_FILE_COST = 0.1
"""Tokens that a static file costs: a page loads about thirty."""
PROBE_PATHS = ("/healthz", "/readyz", "/metrics")
"""Probes, which must also be answered by an overloaded server: they have a bucket of their own, and never wait."""
MAX_CONCURRENT = registry.MAX_PAGE_REQUESTS.default
SPEECH_PATHS = ("/spoken/", "/speech.wav", "/documents/extract", "/documents/fetch")
"""Responses that begin with the first audio, besides the HTTP API's, or when a file has been read. The concurrency of
both is limited per account or address instead.
"""
RETRY_AFTER_S = 1

_BODY = f"Your address sends more than {REQUESTS_PER_SECOND:g} requests a second. Try again in a second.\n".encode()
_TEXT = b"text/plain; charset=utf-8"
_API_ERROR = {"message": _BODY.decode().strip(), "type": "invalid_request_error", "param": None, "code": "limit_http"}
# In the shapes of OpenAI and ElevenLabs.
_DETAIL = {"status": "limit_http", "message": _API_ERROR["message"]}
_API_BODY = json.dumps({"error": {**_API_ERROR, "retry_after": RETRY_AFTER_S}, "detail": _DETAIL}).encode()
_HEADERS = [
    (b"retry-after", str(RETRY_AFTER_S).encode()),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
]


class RequestLimitMiddleware:
    """Answers excess requests with 429."""

    def __init__(self, application: Application, clock: Callable[[], float] = time.monotonic) -> None:
        self._application = application
        self.buckets = AddressTokenBuckets(REQUESTS_PER_SECOND, REQUEST_BURST, clock)
        self.probe_buckets = AddressTokenBuckets(REQUESTS_PER_SECOND, REQUEST_BURST, clock)
        # FIFO. The token buckets bound how many requests wait.
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Forward the request, when a slot is free, or reject it."""
        path = scope["path"]
        buckets = self.probe_buckets if path in PROBE_PATHS else self.buckets
        if not buckets.consume(scope, _cost(path)):
            metrics.REFUSALS.labels("limit_http").inc()
            body, media_type = (_API_BODY, b"application/json") if path.startswith("/v1/") else (_BODY, _TEXT)
            sized = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 429, "headers": [*sized, *_HEADERS]})
            await send({"type": "http.response.body", "body": body})
        elif path in PROBE_PATHS or path.startswith(SPEECH_PATHS) or is_api_scope(scope, settings.API_DIALECTS):
            await self._application(scope, receive, send)
        else:
            await self._in_turn(scope, receive, send)

    async def _in_turn(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Hold a slot until the response begins; sending the rest depends on the client."""
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
    return STATIC_FILE_COST if path.startswith(STATIC_PATH) else 1.0
