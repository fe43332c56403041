"""Identifies the caller of an API request: a token, a signed-in browser, or a visitor."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from core.api.errors import ApiError
from core.api.tokens import PREFIX, AccessToken, find_token
from core.limits.subjects import RateLimitSubject, subject_for, user_id_of
from core.web.same_site import is_same_origin

MISSING = "This server requires a token, in the header Authorization: Bearer. Create one at /accounts/tokens/."


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request; ``token`` is ``None`` for visitors and signed-in browsers."""

    subject: RateLimitSubject
    token: AccessToken | None = None
    unknown_token: bool = False
    """Whether a visitor sent ``Authorization`` with a value that is no token of this server."""

    @property
    def is_visitor(self) -> bool:
        """Return whether the caller has no account."""
        return self.subject.account is None


async def identify(request: HttpRequest, scope: str) -> Caller:
    """Return the caller, whose token, if any, permits ``scope``.

    Clients of OpenAI's API send a placeholder as the key of servers without keys, so a value that is not a token of
    this server is treated as none; ``require_account`` rejects it where a token is required.
    Raises ``ApiError`` ``token_unknown``, ``token_expired`` or ``scope_missing``, or ``StorageUnavailableError``.
    """
    secret = bearer(request) or request.headers.get("xi-api-key", "").strip()
    address = request.META.get("REMOTE_ADDR")
    if secret.startswith(PREFIX):
        token = await find_token(secret)
        if scope not in token.scopes:
            raise ApiError("scope_missing", f"This token does not have the scope {scope}.", scope=scope)
        return Caller(subject_for(token.account, address, token.quota), token)
    # A page of an allowed origin acts with its token or as a visitor, never as the user of the browser.
    account = user_id_of(await request.auser()) if "Origin" not in request.headers or _is_own(request) else None
    return Caller(subject_for(account, address), unknown_token=bool(secret))


def require_account(caller: Caller) -> None:
    """Reject a visitor. Raises ``ApiError`` ``token_missing`` or ``token_unknown``."""
    if caller.is_visitor:
        if caller.unknown_token:
            raise ApiError("token_unknown", "This token is unknown or was revoked. Create one at /accounts/tokens/.")
        raise ApiError("token_missing", MISSING)


def bearer(request: HttpRequest) -> str:
    """Return the credentials of the ``Authorization`` header without the scheme ``Bearer``; empty if there are none."""
    scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def is_local(request: HttpRequest) -> bool:
    """Return whether a program on this machine sent the request directly.

    Never true where a proxy is configured, where a proxy left a trace in the request, or for a host name that is not
    this machine's loopback name: a proxy on this machine also connects from a loopback address.
    """
    if getattr(request, "scope", {}).get("forwarded"):
        return False
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    return is_loopback(request.META.get("REMOTE_ADDR", "")) and host in settings.LOCAL_HOST_NAMES


def is_loopback(peer: str) -> bool:
    """Return whether the address ``peer`` is a loopback address; never true where a proxy is configured."""
    if settings.BEHIND_TLS_PROXY or settings.TRUSTED_PROXIES:
        return False
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return bool((getattr(address, "ipv4_mapped", None) or address).is_loopback)


def _is_own(request: HttpRequest) -> bool:
    return is_same_origin(request.headers["Origin"], request.headers.get("Host", ""))
