"""The subject of a rate limit: an account or an address."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

IPV6_PREFIX = 64
"""Prefix length of an IPv6 network that belongs to one customer."""


@dataclass(frozen=True, slots=True)
class RateLimitSubject:
    """The subject of a rate limit: an account, or for visitors the address, shared by all its clients."""

    account: int | None
    address: str

    @property
    def key(self) -> str:
        """Return the subject's key for counters."""
        return f"account.{self.account}" if self.account is not None else f"address.{self.address}"


def subject_for(account: int | None, client: str | None) -> RateLimitSubject:
    """Return the account, or the client's address; for IPv6, the network, since one customer has all its addresses."""
    try:
        address = ip_address(client or "")
    except ValueError:
        return RateLimitSubject(account, "unknown")
    # A dual-stack socket reports IPv4 clients as IPv4-mapped IPv6 addresses.
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6:
        return RateLimitSubject(account, str(ip_network((address, IPV6_PREFIX), strict=False).network_address))
    return RateLimitSubject(account, str(address))


def user_id_of(user: Any) -> int | None:
    """Return the primary key of the signed-in user, or ``None``."""
    return user.pk if user is not None and user.is_authenticated else None
