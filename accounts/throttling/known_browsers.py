"""Browsers that have signed in to an account before: whoever hammers its name elsewhere cannot keep these out.

The cookie is one of its own. ``device`` cannot serve: it makes the browser a new visitor at every sign-in and sign-out,
so that nothing of the account is left, and this has to outlive just those. It opens nothing, and names nobody: it only
has the tries of this browser at this name counted apart from the tries of strangers.
"""

import secrets
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from accounts import names

COOKIE = "known"
COOKIE_AGE = 400 * 24 * 3600
"""Seconds that the cookie lasts: what browsers allow at most."""
ACCOUNTS = 8
"""Accounts that share a browser; the one that has not signed in for longest makes room."""

_SALT = "accounts.throttling.known_browsers.id"


def throttle_key(request: HttpRequest, name: str) -> str | None:
    """Under what the tries of this browser at that name are counted; ``None`` where it is a stranger's."""
    browser, accounts = _read(request)
    account = names.account_id(name)
    return f"{browser}:{account}" if account is not None and _digest(browser, account) in accounts else None


def remember_browser(request: HttpRequest, response: HttpResponseBase, account: int) -> None:
    """Have the browser be known to the account of that id: names can change owners, and fold to one another."""
    browser, accounts = _read(request)
    digest = _digest(browser, account)
    kept = [digest, *(other for other in accounts if other != digest)][:ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps([browser, kept], salt=_SALT),
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    """A browser that has no cookie of ours gets a name that it keeps only if it signs in."""
    try:
        sent: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_AGE)
    except signing.BadSignature:
        return secrets.token_hex(16), []
    return sent[0], sent[1]


def _digest(browser: str, account: int) -> str:
    return salted_hmac(_SALT, f"{browser}:{account}", algorithm="sha256").hexdigest()[:32]
