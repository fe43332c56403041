"""Authenticates a socket's handshake by its cookies, in place of Channels' ``AuthMiddlewareStack``.

That one keeps the user alone, so nothing could check later whether the session still holds.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async
from channels.sessions import CookieMiddleware

from themes.authentication import authenticate

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class _Authentication:
    """Adds ``user`` (None for a visitor) and ``credential`` to the scope; it needs ``cookies`` there."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Authenticate the handshake, and hand it on."""
        user, credential = await database_sync_to_async(authenticate)(scope["cookies"])
        await self._application({**scope, "user": user, "credential": credential}, receive, send)


def authenticated(application: Application) -> Application:
    """Return ``application`` behind the parsing of cookies and the authentication."""
    stack: Application = CookieMiddleware(_Authentication(application))
    return stack
