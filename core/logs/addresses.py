"""Shortens the addresses of clients for the log, to the networks that the operator allows."""

from ipaddress import ip_address, ip_network

from django.conf import settings


def logged_address(address: str | None) -> str:
    """Return the network of a client: ``LOG_IPV4_PREFIX`` or ``LOG_IPV6_PREFIX`` bits of its address."""
    try:
        client = ip_address(address or "")
    except ValueError:
        return "unknown"
    client = getattr(client, "ipv4_mapped", None) or client
    bits = settings.LOG_IPV4_PREFIX if client.version == 4 else settings.LOG_IPV6_PREFIX
    network = ip_network((client, bits), strict=False)
    return str(client) if bits == client.max_prefixlen else str(network)
