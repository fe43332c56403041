"""Identifies the owner of themes: the signed-in account, or else the visitor, by a signed cookie.

A visitor needs no database row until the first change.
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
"""Lifetime of the cookie in seconds, the maximum that browsers allow."""
RENEW_COOKIE_AFTER = 30 * 24 * 3600
"""Seconds after which a page renews the cookie."""
RETIRED_KEPT_S = 24 * 3600
"""Seconds for which connections that began with a retired device identity can learn that it was retired."""

device_signer = signing.TimestampSigner(salt="themes.device")
_tabs = signing.Signer(salt="themes.tab")


@dataclass(frozen=True, slots=True)
class Identity:
    """A browser and its signed-in account, if any; ``has_cookie`` is false if the request had no valid cookie."""

    device: uuid.UUID
    user: int | None = None
    has_cookie: bool = True

    @property
    def is_persistent(self) -> bool:
        """Return whether the client's next request has the same identity, by its account or its cookie."""
        return self.user is not None or self.has_cookie

    @property
    def owner_fields(self) -> dict[str, Any]:
        """Return the owner as fields of a model with ``user`` for accounts and ``device`` for visitors."""
        return {"user_id": self.user} if self.user is not None else {"device": self.device}

    @property
    def owner_key(self) -> str:
        """Return the owner's key in group names and caches."""
        return f"account.{self.user}" if self.user is not None else f"visitor.{self.device.hex}"

    @property
    def owner_group(self) -> str:
        """Return the channel group of all tabs of the owner."""
        return f"themes.{self.owner_key}"

    @property
    def device_group(self) -> str:
        """Return the channel group of all tabs of this browser."""
        return f"themes.device.{self.device.hex}"


def from_request(request: HttpRequest) -> Identity:
    """Identify the client, in a synchronous view."""
    return _identify(request, request.user)


async def afrom_request(request: HttpRequest) -> Identity:
    """Identify the client, in an asynchronous view."""
    return _identify(request, await request.auser())


def device_of(cookies: Mapping[str, str]) -> uuid.UUID | None:
    """Return the device identity that the cookies carry, if any is valid."""
    return _read(cookies.get(COOKIE, ""), COOKIE_AGE)


def generation(device: uuid.UUID) -> str:
    """Return a value that changes when the device identity is retired; a visitor may have no row to store it in."""
    return str(caches["limits"].get(_generation_key(device), ""))


def retire(device: uuid.UUID) -> None:
    """Revoke the rights of connections that began as this visitor. Call it before notifying their group."""
    caches["limits"].set(_generation_key(device), uuid.uuid4().hex, RETIRED_KEPT_S)


def from_cookies(cookies: Mapping[str, str], user: Any) -> Identity:
    """Return the identity of a client with these cookies, signed in as ``user``."""
    device = device_of(cookies)
    return Identity(device or uuid.uuid4(), _account(user), has_cookie=device is not None)


def tab_token(device: uuid.UUID) -> str:
    """Return the signed token by which a tab without cookies is recognized after a reconnect."""
    return _tabs.sign(device.hex)


def from_tab_token(token: str) -> Identity | None:
    """Return the token's visitor, ``None`` if the signature is invalid."""
    try:
        return Identity(uuid.UUID(_tabs.unsign(token)), has_cookie=False)
    except (signing.BadSignature, ValueError):
        return None


def rotate_device_id(request: HttpRequest) -> uuid.UUID:
    """Set a new device identity, because the themes of the old identity belong to an account or another user now."""
    device = uuid.uuid4()
    set_device_id(request, device)
    return device


def set_device_id(request: HttpRequest, device: uuid.UUID) -> None:
    """Set the browser's device identity; the middleware sends the cookie."""
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
