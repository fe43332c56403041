"""Who is rate-limited: an account, or an address."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

IPV6_PREFIX = 64
"""Bits of an IPv6 address that are one customer's."""


@dataclass(frozen=True, slots=True)
class RateLimitSubject:
    """Who is counted: an account, or, of those without one, all who share an address."""

    account: int | None
    address: str

    @property
    def key(self) -> str:
        """The name under which is counted."""
        return f"account.{self.account}" if self.account is not None else f"address.{self.address}"


def subject_for(account: int | None, client: str | None) -> RateLimitSubject:
    """The account, or the client's address: of IPv6 the network, of which one customer has all addresses."""
    try:
        address = ip_address(client or "")
    except ValueError:
        return RateLimitSubject(account, "unknown")
    # A socket of both families names those of the older one in the newer's form.
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6:
        return RateLimitSubject(account, str(ip_network((address, IPV6_PREFIX), strict=False).network_address))
    return RateLimitSubject(account, str(address))


def user_id_of(user: Any) -> int | None:
    """The number of the account that is signed in."""
    return user.pk if user is not None and user.is_authenticated else None
