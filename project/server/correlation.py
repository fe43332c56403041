"""Gives each HTTP request and each websocket its correlation id, before all other work."""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from core import metrics
from core.logs import correlation
from core.logs.events import log_span
from project.server.request_limiter import PROBE_PATHS

logger = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

_HEADER = correlation.HEADER.lower().encode()
_API_PATH = "/v1/"
_SHOWN_PATH = 60


class CorrelationMiddleware:
    """Takes the id from ``X-Request-ID`` or makes one, and returns it in the header of HTTP responses."""

    def __init__(self, application: Application, clock: Callable[[], float] = time.monotonic) -> None:
        self._application = application
        self._clock = clock

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Call the application with the id of the request or of the websocket."""
        sent = next((value for name, value in scope.get("headers", ()) if name.lower() == _HEADER), b"")
        correlation_id = correlation.accept(sent.decode("latin1"))
        with correlation.bound(correlation_id):
            if scope["type"] == "http":
                await self._answer(scope, receive, send, correlation_id)
            else:
                await self._application(scope, receive, send)

    async def _answer(self, scope: dict[str, Any], receive: Any, send: Any, correlation_id: str) -> None:
        began = self._clock()

        async def send_with_header(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (_HEADER, correlation_id.encode())]
                message = {**message, "headers": headers}
                metrics.HTTP_REQUESTS.labels(_area(scope["path"]), f"{message['status'] // 100}xx").inc()
                # Of most requests the access log of a proxy has a line already.
                seconds = self._clock() - began
                log_span(
                    logger,
                    logging.DEBUG,
                    "request",
                    seconds,
                    method=scope["method"],
                    path=_shown(scope["path"]),
                    status=message["status"],
                    ms=round(seconds * 1000),
                )
            await send(message)

        await self._application(scope, receive, send_with_header)


def _area(path: str) -> str:
    if path.startswith(_API_PATH):
        return "api"
    if path in PROBE_PATHS:
        return "probe"
    return "static" if path.startswith(settings.STATIC_URL) else "page"


def _shown(path: str) -> str:
    """Return the path of an API request, and the first part of others: they can contain secret names."""
    return path[:_SHOWN_PATH] if path.startswith(_API_PATH) else "/" + path.lstrip("/").split("/")[0][:_SHOWN_PATH]
