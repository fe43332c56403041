"""The network address of whoever asks, as far as it is one customer's."""

from ipaddress import ip_address, ip_network

from django.http import HttpRequest

IPV6_PREFIX_LENGTH = 64
"""Bits of an IPv6 address that one customer cannot choose; the rest is theirs to change with every try."""


def rate_limit_address(request: HttpRequest) -> str:
    """The address, of IPv6 its /64 network. Behind proxies ``project.server.trusted_proxies`` sets ``REMOTE_ADDR``."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    # A socket of both families names those of the older one in the newer's form, all of them in one network.
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6:
        return str(ip_network((address, IPV6_PREFIX_LENGTH), strict=False).network_address)
    return str(address)
