"""Origin validation of websocket handshakes, against cross-site websocket hijacking.

The same origin, those in ``TRUSTED_ORIGINS``, and clients without an ``Origin`` (not browsers) are allowed.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from core.web.refusal_log import RefusalLog
from core.web.same_site import MAX_NAMED, is_same_origin, origin_refusal

refusals = RefusalLog(logging.getLogger(__name__))

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class OriginValidator:
    """Denies handshakes whose ``Host`` or ``Origin`` is not allowed."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Forward the handshake, or deny it with 403."""
        refused = handshake_refusal(scope["headers"])
        if refused is not None:
            refusals.warn(f"A websocket handshake was refused with 403. {refused}")
        application = self._application if refused is None else WebsocketDenier.as_asgi()
        await application(scope, receive, send)


def handshake_refusal(headers: list[tuple[bytes, bytes]]) -> str | None:
    """Return why a handshake with these headers is refused, or ``None``.

    It must have one allowed host and at most one origin, the same or a trusted one.
    """
    hosts = _values(headers, b"host")
    origins = _values(headers, b"origin")
    if len(hosts) != 1 or len(origins) > 1:
        return "It does not have exactly one Host and at most one Origin."
    if not validate_host(split_domain_port(hosts[0])[0], settings.ALLOWED_HOSTS):
        return f"The host {hosts[0][:MAX_NAMED]} is not in ALLOWED_HOSTS."
    if origins and not is_same_origin(origins[0], hosts[0]):
        return origin_refusal(origins[0], hosts[0])
    return None


def _values(headers: list[tuple[bytes, bytes]], wanted: bytes) -> list[str]:
    return [value.decode("latin1") for name, value in headers if name.lower() == wanted]
