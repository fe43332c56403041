"""Compares the origin of a page with the site's own, and rejects cross-site requests.

The websocket, forms and endpoints without a session use the same function.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from core.web.pages import page

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_NAMED = 200
"""Characters of an origin or a host in a message."""

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def same_site_only(view: View) -> View:
    """Reject requests that the browser marks as sent by another site; requests of programs have no such mark.

    Links from other sites are not affected.
    """

    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") and is_cross_site(request):
            message = "Cross-site requests are not allowed."
            origin = request.headers.get("Origin")
            if origin is not None:
                message += f" {origin_refusal(origin, request.headers.get('Host', ''))}"
            if "text/html" in request.headers.get("Accept", ""):
                return await sync_to_async(page)(request, "refused.html", {"refusal": message}, status=403)
            error = {
                "message": message,
                "type": "invalid_request_error",
                "param": None,
                "code": "cross_site",
            }
            return JsonResponse({"error": error}, status=403)
        return await view(request, *args, **kwargs)

    return guarded


def is_same_origin(origin: str, host: str) -> bool:
    """Return whether ``origin`` matches the Host header ``host`` or is in TRUSTED_ORIGINS.

    Default ports are ignored: some proxies send them in ``Host``, while browsers never name them.
    """
    parts = _parse(origin)
    return parts is not None and (parts in map(_parse, settings.TRUSTED_ORIGINS) or _is_own(parts, host))


def origin_refusal(origin: str, host: str) -> str:
    """Return a sentence with the reason for refusing ``origin`` and the setting that allows it."""
    parts = _parse(origin)
    if parts is None:
        named = origin[:MAX_NAMED]
        return f"The browser sends no valid origin for this page (Origin: {named}). Open the page at its own address."
    seen = f"{parts[0]}://{parts[1]}"[:MAX_NAMED]
    if settings.BEHIND_TLS_PROXY and parts == ("http", _without_default_port(host)):
        return f"This page has the origin {seen}, but the site is served over https only (BEHIND_TLS_PROXY)."
    return (
        f"This page has the origin {seen}, but the request names the host {host[:MAX_NAMED]}. If {seen} is an address "
        f"of this site, its proxy changes the host. The operator can set TRUSTED_ORIGINS={seen}, or let the proxy "
        f"forward the host and its port unchanged."
    )


def is_cross_site(request: HttpRequest) -> bool:
    """Return whether a browser sent the request for a page of another site."""
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return True
    # Without TLS, as in a home network, browsers send no Sec-Fetch-Site.
    origin = request.headers.get("Origin")
    return origin is not None and not is_same_origin(origin, request.headers.get("Host", ""))


def _parse(origin: str) -> tuple[str, str] | None:
    """Return the scheme, and the host with its port unless that is the scheme's default."""
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.netloc:
        return None
    return parts.scheme, parts.netloc.removesuffix(f":{DEFAULT_PORTS[parts.scheme]}")


def _is_own(origin: tuple[str, str], host: str) -> bool:
    # If the site is served over TLS only, a plain HTTP origin indicates a man in the middle.
    schemes = ("https",) if settings.BEHIND_TLS_PROXY else ("http", "https")
    return origin[0] in schemes and origin[1] == _without_default_port(host)


def _without_default_port(host: str) -> str:
    """Remove either default port: a proxy that terminates TLS may send port 80 where browsers use 443."""
    name, _, port = host.lower().rpartition(":")
    return name if name and port in ("80", "443") else host.lower()
