"""Normalizes client addresses for rate limits."""

from ipaddress import ip_address, ip_network

from django.http import HttpRequest

IPV6_PREFIX_LENGTH = 64
"""Prefix length of an IPv6 network: one customer can use every address below it."""


def rate_limit_address(request: HttpRequest) -> str:
    """Return the client address; for IPv6, its /64 network.

    Behind proxies, ``project.server.trusted_proxies`` sets ``REMOTE_ADDR``.
    """
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    # A dual-stack socket reports IPv4 clients as IPv4-mapped IPv6 addresses, which all share one /64.
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6:
        return str(ip_network((address, IPV6_PREFIX_LENGTH), strict=False).network_address)
    return str(address)
