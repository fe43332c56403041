"""Whose themes are meant: the account that is signed in, else the visitor whom a signed cookie tells from others.

The cookie needs no row in any table, so a visitor who changes nothing costs nothing.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.cache import caches
from django.http import HttpRequest

COOKIE = "device"
COOKIE_AGE = 400 * 24 * 3600
"""Seconds that the cookie lasts: what browsers allow at most."""
RENEW_COOKIE_AFTER = 30 * 24 * 3600
"""Seconds after which a page renews the cookie."""
RETIRED_KEPT_S = 24 * 3600
"""Seconds for which connections that began with a retired device identity can learn that it was retired."""

device_signer = signing.TimestampSigner(salt="themes.device")
_tabs = signing.Signer(salt="themes.tab")


@dataclass(frozen=True, slots=True)
class Identity:
    """A browser, and the account that is signed in there, if any; ``has_cookie`` is false where there was no cookie."""

    device: uuid.UUID
    user: int | None = None
    has_cookie: bool = True

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


def from_request(request: HttpRequest) -> Identity:
    """Who asks, in a synchronous view."""
    return _identify(request, request.user)


async def afrom_request(request: HttpRequest) -> Identity:
    """Who asks, in an asynchronous view."""
    return _identify(request, await request.auser())


def device_of(cookies: Mapping[str, str]) -> uuid.UUID | None:
    """Return the device identity that the cookies carry, if any is valid."""
    return _read(cookies.get(COOKIE, ""), COOKIE_AGE)


def generation(device: uuid.UUID) -> str:
    """Return a value that changes whenever the device identity is retired; a visitor has no row that could tell."""
    return str(caches["limits"].get(_generation_key(device), ""))


def retire(device: uuid.UUID) -> None:
    """End the rights of connections that began as this visitor. Call it before their group is told."""
    caches["limits"].set(_generation_key(device), uuid.uuid4().hex, RETIRED_KEPT_S)


def from_cookies(cookies: Mapping[str, str], user: Any) -> Identity:
    """Who sends these cookies, signed in as ``user``."""
    device = device_of(cookies)
    return Identity(device or uuid.uuid4(), _account(user), has_cookie=device is not None)


def tab_token(device: uuid.UUID) -> str:
    """What a tab without cookies hands in to be known again."""
    return _tabs.sign(device.hex)


def from_tab_token(token: str) -> Identity | None:
    """The visitor whose token it is."""
    try:
        return Identity(uuid.UUID(_tabs.unsign(token)), has_cookie=False)
    except (signing.BadSignature, ValueError):
        return None


def rotate_device_id(request: HttpRequest) -> uuid.UUID:
    """Make the browser a new visitor: what was known of it as a visitor belongs to somebody else now."""
    device = uuid.uuid4()
    set_device_id(request, device)
    return device


def set_device_id(request: HttpRequest, device: uuid.UUID) -> None:
    """Have the browser be that visitor from now on."""
    request._new_device_id = device  # type: ignore[attr-defined]  # read by device_cookie


def _identify(request: HttpRequest, user: Any) -> Identity:
    device: uuid.UUID | None = getattr(request, "_new_device_id", None)
    value = request.COOKIES.get(COOKIE, "")
    known = _read(value, COOKIE_AGE)
    if device is None and (known is None or _read(value, RENEW_COOKIE_AFTER) is None):
        device = known or uuid.uuid4()
        set_device_id(request, device)
    return Identity(device or known or uuid.uuid4(), _account(user), has_cookie=known is not None)


def _generation_key(device: uuid.UUID) -> str:
    return f"device-generation:{device.hex}"


def _account(user: Any) -> int | None:
    return user.pk if user is not None and user.is_authenticated else None


def _read(value: str, age: int) -> uuid.UUID | None:
    try:
        return uuid.UUID(device_signer.unsign(value, max_age=age))
    except (signing.BadSignature, ValueError):
        return None
