"""Whose themes are meant: the account that is signed in, else the visitor whom a signed cookie tells from others.

The cookie needs no row in any table, so a visitor who changes nothing costs nothing.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core import signing
from django.core.cache import caches
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

COOKIE = "device"
COOKIE_AGE = 400 * 24 * 3600
"""Seconds that the cookie lasts: what browsers allow at most."""
RENEWED_AFTER = 30 * 24 * 3600
"""Seconds after which a page renews the cookie."""
RETIRED_KEPT_S = 24 * 3600
"""Seconds for which connections that began with a retired device identity can learn that it was retired."""

_cookies = signing.TimestampSigner(salt="themes.device")
_tabs = signing.Signer(salt="themes.tab")


@dataclass(frozen=True, slots=True)
class Who:
    """A browser, and the account that is signed in there, if any; ``kept`` is false where there was no cookie."""

    device: uuid.UUID
    user: int | None = None
    kept: bool = True

    @property
    def owner_key(self) -> str:
        """The owner's name among groups and caches."""
        return f"account.{self.user}" if self.user is not None else f"visitor.{self.device.hex}"

    @property
    def owner_group(self) -> str:
        """The group of all tabs of the owner."""
        return f"themes.{self.owner_key}"

    @property
    def device_group(self) -> str:
        """The group of all tabs of this browser."""
        return f"themes.device.{self.device.hex}"


def of(request: HttpRequest) -> Who:
    """Who asks, in a synchronous view."""
    return _who(request, request.user)


async def aof(request: HttpRequest) -> Who:
    """Who asks, in an asynchronous view."""
    return _who(request, await request.auser())


def device_of(cookies: Mapping[str, str]) -> uuid.UUID | None:
    """Return the device identity that the cookies carry, if any is valid."""
    return _read(cookies.get(COOKIE, ""), COOKIE_AGE)


def generation(device: uuid.UUID) -> str:
    """Return a value that changes whenever the device identity is retired; a visitor has no row that could tell."""
    return str(caches["limits"].get(_generation_key(device), ""))


def retire(device: uuid.UUID) -> None:
    """End the rights of connections that began as this visitor. Call it before their group is told."""
    caches["limits"].set(_generation_key(device), uuid.uuid4().hex, RETIRED_KEPT_S)


def of_cookies(cookies: Mapping[str, str], user: Any) -> Who:
    """Who sends these cookies, signed in as ``user``."""
    device = device_of(cookies)
    return Who(device or uuid.uuid4(), _account(user), kept=device is not None)


def tab_token(device: uuid.UUID) -> str:
    """What a tab without cookies hands in to be known again."""
    return _tabs.sign(device.hex)


def of_tab_token(token: str) -> Who | None:
    """The visitor whose token it is."""
    try:
        return Who(uuid.UUID(_tabs.unsign(token)), kept=False)
    except (signing.BadSignature, ValueError):
        return None


def renew(request: HttpRequest) -> uuid.UUID:
    """Make the browser a new visitor: what was known of it as a visitor belongs to somebody else now."""
    device = uuid.uuid4()
    stay(request, device)
    return device


def stay(request: HttpRequest, device: uuid.UUID) -> None:
    """Have the browser be that visitor from now on."""
    request._device_to_keep = device  # type: ignore[attr-defined]  # read by device_cookie


@sync_and_async_middleware
def device_cookie(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Hand new visitors their cookie, with a page or when they sign in or out, never with a part of a page."""

    def hand(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        device = getattr(request, "_device_to_keep", None)
        if device is not None and response.get("Content-Type", "").startswith("text/html"):
            response.set_cookie(
                COOKIE,
                _cookies.sign(device.hex),
                max_age=COOKIE_AGE,
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


def _who(request: HttpRequest, user: Any) -> Who:
    device: uuid.UUID | None = getattr(request, "_device_to_keep", None)
    value = request.COOKIES.get(COOKIE, "")
    known = _read(value, COOKIE_AGE)
    if device is None and (known is None or _read(value, RENEWED_AFTER) is None):
        device = known or uuid.uuid4()
        stay(request, device)
    return Who(device or known or uuid.uuid4(), _account(user), kept=known is not None)


def _generation_key(device: uuid.UUID) -> str:
    return f"device-generation:{device.hex}"


def _account(user: Any) -> int | None:
    return user.pk if user is not None and user.is_authenticated else None


def _read(value: str, age: int) -> uuid.UUID | None:
    try:
        return uuid.UUID(_cookies.unsign(value, max_age=age))
    except (signing.BadSignature, ValueError):
        return None
