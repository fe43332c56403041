"""Who may open the socket: pages of this very site, pages that are listed, and programs (which send no origin)."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from core.same_site import is_same_origin

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class OriginValidator:
    """Refuses, before the application, a handshake whose host or origin is not ours."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Hand the handshake on, or deny it with 403."""
        application = self._application if is_allowed_origin(scope["headers"]) else WebsocketDenier.as_asgi()
        await application(scope, receive, send)


def is_allowed_origin(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether these handshake headers name an allowed host and, if any, an origin that is the same or listed."""
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
