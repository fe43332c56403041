"""Content Security Policy (CSP) of every page: same-origin resources only, and Trusted Types against DOM XSS."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from csp.constants import NONE, SELF
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

WORKER_POLICY = "service-worker"
"""The only Trusted Types policy: it returns the address of the service worker, whatever it is given."""

DIRECTIVES: dict[str, list[str]] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "connect-src": [SELF],
    "img-src": [SELF],
    "media-src": [SELF],
    "worker-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": [WORKER_POLICY],
    "report-uri": ["/csp-report"],
}

_TRUSTED_TYPES_OFF: dict[str, list[str] | None] = {"require-trusted-types-for": None, "trusted-types": None}


@sync_and_async_middleware
def relax_trusted_types_for_admin(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Disable Trusted Types in the admin, whose jQuery assigns strings to ``innerHTML``; keep all other directives."""

    def relax(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.resolver_match is not None and request.resolver_match.app_name == "admin":
            response._csp_replace = _TRUSTED_TYPES_OFF  # type: ignore[attr-defined]  # read by django-csp
        return response

    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            return relax(request, await get_response(request))

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        return relax(request, get_response(request))

    return handle
