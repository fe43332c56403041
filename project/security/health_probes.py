"""Answers health probes whatever their ``Host``: orchestrators and load balancers probe by address."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import sync_and_async_middleware

from synthesis.api.health import healthz, readyz

Probe = Callable[[HttpRequest], Awaitable[JsonResponse]]

PROBES: dict[str, Probe] = {"/healthz": healthz, "/readyz": readyz}
"""Responses that contain no link and do not depend on the host, so DNS rebinding reveals nothing else."""


@sync_and_async_middleware
def health_probe_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer before the middleware that rejects hosts. ``SECURE_REDIRECT_EXEMPT`` prevents redirects."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> Any:
            return await (_probe(request) or get_response)(request)

        return handle_async

    def handle(request: HttpRequest) -> Any:
        probe = _probe(request)
        return async_to_sync(probe)(request) if probe else get_response(request)

    return handle


def _probe(request: HttpRequest) -> Probe | None:
    return PROBES.get(request.path_info) if request.method in ("GET", "HEAD") else None
