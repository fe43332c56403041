"""Origin validation of websocket handshakes, against cross-site websocket hijacking.

The same origin, those in ``TRUSTED_ORIGINS``, and clients without an ``Origin`` (not browsers) are allowed.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from core.web.same_site import is_same_origin

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class OriginValidator:
    """Denies handshakes whose ``Host`` or ``Origin`` is not allowed."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Forward the handshake, or deny it with 403."""
        application = self._application if is_allowed_origin(scope["headers"]) else WebsocketDenier.as_asgi()
        await application(scope, receive, send)


def is_allowed_origin(headers: list[tuple[bytes, bytes]]) -> bool:
    """Return whether the headers contain one allowed host and at most one origin, the same or a trusted one."""
    hosts = _values(headers, b"host")
    origins = _values(headers, b"origin")
    if len(hosts) != 1 or len(origins) > 1:
        return False
    if not validate_host(split_domain_port(hosts[0])[0], settings.ALLOWED_HOSTS):
        return False
    if not origins:
        return True
    return is_same_origin(origins[0], hosts[0])


def _values(headers: list[tuple[bytes, bytes]], wanted: bytes) -> list[str]:
    return [value.decode("latin1") for name, value in headers if name.lower() == wanted]
