"""Restricts the admin to the networks in ``ADMIN_ALLOWED_NETWORKS``; other clients get 404."""

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.urls import set_urlconf
from django.utils.decorators import sync_and_async_middleware
from environs import ValidationError

PUBLIC_URLCONF = "project.urls_public"


def parse_networks(names: list[str]) -> list[IPv4Network | IPv6Network]:
    """Parse networks in CIDR notation. Raises ``ValidationError``, which names the invalid one."""
    return [_network(name.strip()) for name in names]


def _network(name: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(name)
    except ValueError:
        pass
    try:
        meant = ip_network(name, strict=False)
    except ValueError:
        raise ValidationError(f"{name} is not a network, such as 10.0.0.0/8, or an address.") from None
    raise ValidationError(f"{name} is an address with the size of a network. Write {meant}, or {name.split('/')[0]}.")


@sync_and_async_middleware
def admin_network_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Route requests from other networks by a URL configuration that has no admin.

    The path is not compared with the admin's: a comparison and the URL resolver could read one path differently.
    """

    def select_urlconf(request: HttpRequest) -> None:
        if settings.ADMIN_ALLOWED_NETWORKS and not _is_allowed(request.META.get("REMOTE_ADDR", "")):
            request.urlconf = PUBLIC_URLCONF

    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> Any:
            select_urlconf(request)
            try:
                return await get_response(request)
            finally:
                set_urlconf(None)

        return handle_async

    def handle(request: HttpRequest) -> Any:
        select_urlconf(request)
        try:
            return get_response(request)
        finally:
            # Restores the full URL configuration for code that runs after the response.
            set_urlconf(None)

    return handle


def _is_allowed(client: str) -> bool:
    try:
        address = ip_address(client)
    except ValueError:
        return False
    # Dual-stack sockets report IPv4 clients as IPv4-mapped IPv6 addresses.
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in parse_networks(settings.ADMIN_ALLOWED_NETWORKS))
