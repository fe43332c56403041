"""Security headers of every response, static files included, that Django and django-csp do not set."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

DISABLED_FEATURES = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)
"""Browser features that the page does not use; ``Permissions-Policy`` disables them."""

COMMON_HEADERS = {"Cross-Origin-Resource-Policy": "same-origin"}
PAGE_HEADERS = {"Permissions-Policy": ", ".join(f"{feature}=()" for feature in DISABLED_FEATURES)}
# Files other than pages need no resources, even if a browser opens one as a page. Short: a page loads thirty files.
FILE_HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
# A browser applies them to documents alone, and a script or style sheet is none: nosniff excludes that it is rendered
# as one, its CSP forbids frames, and the CSP of the page limits all requests to this server. With an ETag,
# Last-Modified has no use.
USELESS_IN_ASSETS = ("X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Last-Modified")
ASSET_TYPES = ("text/javascript", "text/css")
# A service worker imports a module, and requests what the page requests.
WORKER_HEADERS = {"Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'"}


@sync_and_async_middleware
def security_headers_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Prevent other origins from embedding responses, and disable device features in pages."""

    def add(response: HttpResponseBase) -> HttpResponseBase:
        own = WORKER_HEADERS if "Service-Worker-Allowed" in response.headers else FILE_HEADERS
        content_type = response.headers.get("Content-Type", "")
        is_page = content_type.startswith("text/html")
        for name, value in (COMMON_HEADERS | (PAGE_HEADERS if is_page else own)).items():
            response.headers[name] = value
        if content_type.startswith(ASSET_TYPES) and "immutable" in response.headers.get("Cache-Control", ""):
            for name in USELESS_IN_ASSETS:
                response.headers.pop(name, None)
        return response

    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            return add(await get_response(request))

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        return add(get_response(request))

    return handle
