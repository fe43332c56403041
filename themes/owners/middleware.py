"""Middleware that sets the device cookie."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from themes.owners.identity import COOKIE, COOKIE_AGE, device_signer


@sync_and_async_middleware
def device_cookie_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Set the cookie of new visitors on HTML responses, and after sign-in and sign-out; never on subresources."""

    def hand(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        device = getattr(request, "_new_device_id", None)
        if device is not None and response.get("Content-Type", "").startswith("text/html"):
            response.set_cookie(
                COOKIE,
                device_signer.sign(device.hex),
                max_age=COOKIE_AGE,
                path=settings.SESSION_COOKIE_PATH,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure(),
            )
        return response

    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            return hand(request, await get_response(request))

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        return hand(request, get_response(request))

    return handle
