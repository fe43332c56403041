"""Decides to which addresses the server may connect. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
"""Stands for the IPv4 Internet on networks without IPv4 (RFC 6052)."""
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_BLOCKED: tuple[Network, ...] = (
    # Tunnels to IPv4 addresses: 6to4 with its relays. Teredo is in the next network.
    IPv6Network("2002::/16"),
    IPv4Network("192.88.99.0/24"),
    # Protocol assignments and documentation, some of which are public in some versions of Python.
    IPv6Network("2001::/23"),
    IPv4Network("192.0.0.0/24"),
    IPv6Network("3fff::/20"),
    # Services of the virtual machine's host in Azure, at an address that is registered as public.
    IPv4Network("168.63.129.16/32"),
)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """The operator's networks: ``allowed`` ones in addition to the public ones, and ``blocked`` ones."""

    allowed: Sequence[Network] = ()
    blocked: Sequence[Network] = ()

    @classmethod
    def of(cls, allowed: Iterable[str], blocked: Iterable[str]) -> "AddressPolicy":
        """Return the policy for networks such as ``10.0.0.0/8``."""
        return cls(tuple(map(ip_network, allowed)), tuple(map(ip_network, blocked)))

    def permits(self, address: str) -> bool:
        """Return whether the server may connect to an address, as name resolution returned it."""
        try:
            parsed = _embedded(ip_address(address))
        except ValueError:
            return False
        return not _is_in(parsed, self.blocked) and (_is_in(parsed, self.allowed) or _is_public(parsed))

    def is_exempt(self, address: str) -> bool:
        """Return whether the operator allowed this address explicitly."""
        return _is_in(_embedded(ip_address(address)), self.allowed)


def _embedded(address: Address) -> Address:
    """Return the IPv4 address to which the system or a NAT64 gateway translates an IPv6 address, or the address."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address.scope_id is not None or address not in _GLOBAL_UNICAST):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not _is_in(address, _BLOCKED)


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    # An address is never in a network of the other version.
    return any(address in network for network in networks)
