"""Answers with the reason where a misconfigured proxy would make the redirect to HTTPS endless."""

import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from core.web.refusal_log import RefusalLog
from project.security.health_probes import PROBES
from project.server.trusted_proxies import PROXY_FAULT

faults = RefusalLog(logging.getLogger(__name__))


@sync_and_async_middleware
def proxy_fault_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer 400 with the fault that ``TrustedProxyMiddleware`` found, in place of a redirect to the same address."""

    def refusal(request: HttpRequest) -> HttpResponse | None:
        fault: str | None = getattr(request, "scope", {}).get(PROXY_FAULT)
        # Probes of the proxy itself have no client, and are not redirected.
        if fault is None or request.path_info in PROBES or not settings.SECURE_SSL_REDIRECT or request.is_secure():
            return None
        faults.warn(fault)
        headers = {"X-Content-Type-Options": "nosniff"}
        return HttpResponse(f"{fault}\n", content_type="text/plain; charset=utf-8", status=400, headers=headers)

    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> Any:
            return refusal(request) or await get_response(request)

        return handle_async

    def handle(request: HttpRequest) -> Any:
        return refusal(request) or get_response(request)

    return handle
