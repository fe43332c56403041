"""Serves the site below a path of its host (``URL_PREFIX``), such as ``/voice/``.

Only the operator's setting decides the prefix, never a header: clients could forge one (``Daphne-Root-Path``).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest

_CSP = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class PathPrefixMiddleware:
    """Removes the prefix from the path, once, so that all other code sees the same paths with and without a prefix.

    A path without the prefix is unchanged: some proxies remove the prefix themselves, and probes use the root.
    """

    def __init__(self, application: Application, prefix: str) -> None:
        self._application = application
        self._prefix = prefix

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Call the application with the path below the prefix; redirect from the prefix to the page."""
        path = scope.get("path", "")
        if not self._prefix or not (path == self._prefix or path.startswith(f"{self._prefix}/")):
            await self._application(scope, receive, send)
        elif path == self._prefix and scope["type"] == "http":
            headers = [(b"location", f"{self._prefix}/".encode()), (b"content-length", b"0"), _CSP]
            await send({"type": "http.response.start", "status": 308, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._application({**scope, "path": path.removeprefix(self._prefix)}, receive, send)


class PrefixedRequest(ASGIRequest):
    """A request whose ``path_info`` is the path below the prefix, for routing, and whose ``path`` has the prefix."""

    def __init__(self, scope: dict[str, Any], body_file: Any) -> None:
        super().__init__(scope, body_file)
        # Django would remove the prefix a second time.
        self.path_info = self.META["PATH_INFO"] = scope["path"]
        self.path = f"{settings.URL_PREFIX}{scope['path']}"
