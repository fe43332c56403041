"""Keeps other sites' pages from spending this machine's time, where there is no session to protect."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def same_site_only(view: View) -> View:
    """Refuse what a browser says was sent by another site's page; programs say nothing of that, and pass.

    To come here by a link of another site is everybody's right.
    """

    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") and _is_cross_site(request):
            error = {
                "message": "Pages of other sites cannot use this.",
                "type": "invalid_request_error",
                "param": None,
                "code": "cross_site",
            }
            return JsonResponse({"error": error}, status=403)
        return await view(request, *args, **kwargs)

    return guarded


def is_same_origin(origin: str, host: str) -> bool:
    """Whether pages of that origin are our own, under the name by which we were asked, or listed."""
    return origin in settings.TRUSTED_ORIGINS or _netloc(origin) == host.lower()


def _is_cross_site(request: HttpRequest) -> bool:
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return True
    # Without TLS, as in a home, browsers say nothing else.
    origin = request.headers.get("Origin")
    return origin is not None and not is_same_origin(origin, request.headers.get("Host", ""))


def _netloc(origin: str) -> str | None:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    # Where the site is on TLS alone, a plain page of its name was made by somebody on the way.
    schemes = ("https",) if settings.BEHIND_TLS_PROXY else ("http", "https")
    return parts.netloc.lower() if parts.scheme in schemes else None
