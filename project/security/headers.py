"""Headers of every answer, static files included, beyond those of Django and django-csp."""

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
"""What browsers offer to pages and this one never asks for."""

COMMON_HEADERS = {"Cross-Origin-Resource-Policy": "same-origin"}
PAGE_HEADERS = {"Permissions-Policy": ", ".join(f"{feature}=()" for feature in DISABLED_FEATURES)}
# What is no page needs nothing at all, should it ever be opened as one. It is also short: thirty files make up a page.
FILE_HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


@sync_and_async_middleware
def security_headers_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Nobody else may embed what we send, and what runs in our page may not use the device."""

    def add(response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        for name, value in (COMMON_HEADERS | (PAGE_HEADERS if is_page else FILE_HEADERS)).items():
            response.headers[name] = value
        return response

    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            return add(await get_response(request))

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        return add(get_response(request))

    return handle
