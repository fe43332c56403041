"""Rejects cross-site requests to endpoints without a session, so that other sites cannot use this server's CPU."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def same_site_only(view: View) -> View:
    """Reject requests that the browser marks as sent by another site; requests of programs have no such mark.

    Links from other sites are not affected.
    """

    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") and _is_cross_site(request):
            error = {
                "message": "Cross-site requests are not allowed.",
                "type": "invalid_request_error",
                "param": None,
                "code": "cross_site",
            }
            return JsonResponse({"error": error}, status=403)
        return await view(request, *args, **kwargs)

    return guarded


def is_same_origin(origin: str, host: str) -> bool:
    """Return whether ``origin`` matches the Host header ``host`` or is in TRUSTED_ORIGINS."""
    return origin in settings.TRUSTED_ORIGINS or _netloc(origin) == host.lower()


def _is_cross_site(request: HttpRequest) -> bool:
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return True
    # Without TLS, as in a home network, browsers send no Sec-Fetch-Site.
    origin = request.headers.get("Origin")
    return origin is not None and not is_same_origin(origin, request.headers.get("Host", ""))


def _netloc(origin: str) -> str | None:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    # If the site is served over TLS only, a plain HTTP origin indicates a man in the middle.
    schemes = ("https",) if settings.BEHIND_TLS_PROXY else ("http", "https")
    return parts.netloc.lower() if parts.scheme in schemes else None
