"""Browsers that have signed in to an account before: whoever hammers its name elsewhere cannot keep these out.

The cookie is one of its own. ``device`` cannot serve: it makes the browser a new visitor at every sign-in and sign-out,
so that nothing of the account is left, and this has to outlive just those. It opens nothing, and names nobody: it only
has the tries of this browser at this name counted apart from the tries of strangers.
"""

import secrets
import unicodedata
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

COOKIE = "known"
COOKIE_AGE = 400 * 24 * 3600
"""Seconds that the cookie lasts: what browsers allow at most."""
NAMES = 8
"""Accounts that share a browser; the one that has not signed in for longest makes room."""

_SALT = "accounts.known"


def normal(name: str) -> str:
    """The name as it is counted: however it is typed, it is one."""
    return unicodedata.normalize("NFKC", name).casefold()


def counted(request: HttpRequest, name: str) -> str | None:
    """Under what the tries of this browser at that name are counted; ``None`` where it is a stranger's."""
    browser, names = _read(request)
    return f"{browser}:{normal(name)}" if _digest(browser, name) in names else None


def remember(request: HttpRequest, response: HttpResponseBase, name: str) -> None:
    """Have the browser be known to the account."""
    browser, names = _read(request)
    digest = _digest(browser, name)
    kept = [digest, *(other for other in names if other != digest)][:NAMES]
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


def _digest(browser: str, name: str) -> str:
    return salted_hmac(_SALT, f"{browser}:{normal(name)}", algorithm="sha256").hexdigest()[:32]
