"""``/metrics``, for the operator's networks and for tokens with the scope ``admin``."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import validate_host
from django.utils.decorators import sync_and_async_middleware

from core.api.access import bearer, is_local
from core.api.errors import ApiError, error_response
from core.api.tokens import PREFIX, find_token
from core.errors import StorageUnavailableError
from monitoring.exposition import CONTENT_TYPE, exposition
from synthesis import runtime

PATH = "/metrics"
REFUSED = (
    "Metrics are for programs on this machine, for networks in METRICS_ALLOWED_NETWORKS, and for tokens of staff with "
    "the scope admin, in the header Authorization: Bearer."
)


@sync_and_async_middleware
def metrics_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer before the middleware that rejects hosts: Prometheus asks by address."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> Any:
            return await (_answer if _is_ours(request) else get_response)(request)

        return handle_async

    def handle(request: HttpRequest) -> Any:
        return async_to_sync(_answer)(request) if _is_ours(request) else get_response(request)

    return handle


def _is_ours(request: HttpRequest) -> bool:
    return request.path_info == PATH and request.method in ("GET", "HEAD")


async def _answer(request: HttpRequest) -> HttpResponse:
    try:
        await _require_permission(request)
    except (ApiError, StorageUnavailableError) as error:
        return error_response(error)
    text = await asyncio.to_thread(exposition, runtime.get_runtime().processes)
    return HttpResponse(text, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


async def _require_permission(request: HttpRequest) -> None:
    """Raise ``ApiError`` unless the client may read the metrics."""
    host = urlsplit(f"//{request.META.get('HTTP_HOST', '')}").hostname or ""
    # Only a name can be bound to another address (DNS rebinding), so an address in Host needs no permission.
    known_host = _is_address(host) or validate_host(host, settings.ALLOWED_HOSTS)
    if known_host and _is_in_networks(request.META.get("REMOTE_ADDR", "")):
        return
    secret = bearer(request)
    if secret.startswith(PREFIX):
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            raise ApiError("https_required", "Use https.")
        token = await find_token(secret)
        if "admin" not in token.scopes:
            raise ApiError("scope_missing", "This token does not have the scope admin.", scope="admin")
        return
    if secret:
        raise ApiError("token_unknown", REFUSED)
    if not (known_host and validate_host(host, settings.ALLOWED_HOSTS) and is_local(request)):
        raise ApiError("token_missing", REFUSED)


def _is_in_networks(client: str) -> bool:
    if not _is_address(client):
        return False
    address = ip_address(client)
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(network) for network in settings.METRICS_ALLOWED_NETWORKS)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
