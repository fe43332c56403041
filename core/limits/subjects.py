"""The subject of a rate limit: an account or an address."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from django.http import HttpRequest

IPV6_PREFIX = 64
"""Prefix length of an IPv6 network that belongs to one customer."""


@dataclass(frozen=True, slots=True)
class TokenQuota:
    """The limits of one access token, in addition to those of its account; ``None``: no limit of its own."""

    key: str
    requests_per_minute: int | None = None
    characters_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class RateLimitSubject:
    """The subject of a rate limit: an account, or for visitors the address, shared by all its clients."""

    account: int | None
    address: str
    token: TokenQuota | None = None

    @property
    def key(self) -> str:
        """Return the subject's key for counters."""
        return f"account.{self.account}" if self.account is not None else f"address.{self.address}"


def subject_for(account: int | None, client: str | None, token: TokenQuota | None = None) -> RateLimitSubject:
    """Return the account, or the client's address; for IPv6, the network, since one customer has all its addresses."""
    return RateLimitSubject(account, _counted_address(client or ""), token)


@lru_cache(maxsize=1024)
def _counted_address(client: str) -> str:
    """Return the address to count. Cached: each frame of a websocket is counted, too."""
    try:
        address = ip_address(client)
    except ValueError:
        return "unknown"
    # A dual-stack socket reports IPv4 clients as IPv4-mapped IPv6 addresses.
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6:
        return str(ip_network((address, IPV6_PREFIX), strict=False).network_address)
    return str(address)


def address_key(_group: str, request: HttpRequest) -> str:
    """Return the client's address as a key of django-ratelimit."""
    return subject_for(None, request.META.get("REMOTE_ADDR")).address


def user_id_of(user: Any) -> int | None:
    """Return the primary key of the signed-in user, or ``None``."""
    return user.pk if user is not None and user.is_authenticated else None
