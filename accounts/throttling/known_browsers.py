"""Recognizes browsers that have signed in to an account before, so that attackers elsewhere cannot lock them out.

The cookie is separate from ``device``, which changes at every sign-in and sign-out: this one must outlive both. It
grants no access and contains no name. It only gives this browser its own attempt counter for the account.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from accounts import names

COOKIE = "known"
COOKIE_AGE = 400 * 24 * 3600
"""Lifetime of the cookie in seconds, the maximum that browsers allow."""
ACCOUNTS = 8
"""Accounts remembered per browser; the least recently used one is evicted."""

_SALT = "accounts.throttling.known_browsers.id"


def throttle_key(request: HttpRequest, name: str) -> str | None:
    """Return the attempt counter's key for this browser and account, ``None`` if the browser is not known to it."""
    browser, accounts = _read(request)
    account = names.account_id(name)
    return f"{browser}:{account}" if account is not None and _digest(browser, account) in accounts else None


def remember_browser(request: HttpRequest, response: HttpResponseBase, account: int) -> None:
    """Set the cookie that makes the browser known to the account. Stores the id, since names can change owners."""
    browser, accounts = _read(request)
    digest = _digest(browser, account)
    kept = [digest, *(other for other in accounts if other != digest)][:ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps([browser, kept], salt=_SALT),
        max_age=COOKIE_AGE,
        path=settings.SESSION_COOKIE_PATH,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    """Return the cookie's browser id and account digests; without a valid cookie a new id and no digests."""
    try:
        sent: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_AGE)
    except signing.BadSignature:
        return secrets.token_hex(16), []
    return sent[0], sent[1]


def _digest(browser: str, account: int) -> str:
    return salted_hmac(_SALT, f"{browser}:{account}", algorithm="sha256").hexdigest()[:32]
