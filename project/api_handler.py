"""Django's ASGI handler, without its changes of threads for requests of the HTTP API.

Before and after each request, Django runs receivers of signals in a new thread: they close database connections of
that thread, where the API has none (``core.storage.database`` has threads of its own). Under load, each such change of
threads delayed the first byte of audio by milliseconds.
"""

import asyncio
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from core.api.dialects import is_api_scope
from core.storage.database import release_connection
from project.server.path_prefix import PrefixedRequest


class ApiAwareHandler(ASGIHandler):
    """Handles requests to the API on the event loop alone, and all others as Django does."""

    request_class = PrefixedRequest

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] == "http" and is_api_scope(scope, settings.API_DIALECTS):
            await self._handle_api(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def send_response(self, response: HttpResponseBase, send: Any) -> None:
        """Return the connection of the request's thread to the pool, then send: clients can delay that."""
        if connection.vendor == "postgresql":
            await sync_to_async(release_connection, thread_sensitive=True)()
        await super().send_response(response, send)

    async def _handle_api(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            set_script_prefix(f"{settings.URL_PREFIX}/")
            request, response = self.create_request(scope, body)
            answering = asyncio.create_task(self._answer(request, response, send))
            listening = asyncio.create_task(self.listen_for_disconnect(receive))
            await asyncio.wait((answering, listening), return_when=asyncio.FIRST_COMPLETED)
            # The client has disconnected, or has its answer.
            for task in (answering, listening):
                task.cancel()
            with suppress(asyncio.CancelledError, RequestAborted):
                await listening
            with suppress(asyncio.CancelledError):
                await answering

    async def _answer(self, request: HttpRequest | None, response: HttpResponseBase | None, send: Any) -> None:
        if response is None:
            assert request is not None  # noqa: S101 - create_request returns one of the two
            response = await self.run_get_response(request)
        try:
            # Not this class's: the API has no thread of the request, and so no connection to return.
            await super().send_response(response, send)
        finally:
            for close in response._resource_closers:  # type: ignore[attr-defined]  # of all responses
                close()
            if hasattr(response, "aclose"):
                await response.aclose()
