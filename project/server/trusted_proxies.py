"""The client's address and scheme behind a reverse proxy, from headers of proxies in ``TRUSTED_PROXIES`` only."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORWARDED_FOR = b"x-forwarded-for"
FORWARDED_PROTO = b"x-forwarded-proto"
FORWARDED_HEADERS = frozenset(
    (
        *(FORWARDED_FOR, FORWARDED_PROTO, b"forwarded", b"forwarded-for", b"x-forwarded", b"x-real-ip", b"x-client-ip"),
        *(b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-prefix", b"x-forwarded-server", b"x-forwarded-ssl"),
        *(b"x-forwarded-scheme", b"x-forwarded-protocol", b"x-url-scheme", b"front-end-https"),
        *(b"x-cluster-client-ip", b"true-client-ip", b"cf-connecting-ip", b"fastly-client-ip"),
        *(b"x-original-url", b"x-rewrite-url", b"x-original-host", b"x-host"),
        *(b"daphne-root-path", b"script-name", b"x-script-name", b"path-info"),
        *(b"remote-user", b"x-remote-user", b"x-forwarded-user", b"remote-addr", b"remote-host"),
        *(b"x-http-method", b"x-http-method-override", b"x-method-override"),
    )
)
"""Headers that claim a client address, host, path, user or method.

The middleware removes all of them, in any case, with hyphens or underscores, so no other code can trust one by mistake.
"""

SECURE_SCHEMES = {"http": "https", "ws": "wss"}


class TrustedProxyMiddleware:
    """Sets the client's address and scheme in the scope, from the headers of proxies in ``networks`` only.

    It always empties ``root_path``: proxies forward a client's ``Daphne-Root-Path`` unchanged, so a trusted proxy does
    not make that header trustworthy. The site is served at the root of its host.
    """

    def __init__(self, application: Application, networks: Iterable[str]) -> None:
        self._application = application
        self._networks = [ip_network(network) for network in networks]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Call the application with the corrected scope."""
        await self._application(self._apply_forwarded(scope) if "headers" in scope else scope, receive, send)

    def client_of(self, host: str, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """Return the client's address behind the TCP peer ``host``; ``None`` for a proxy that names no client."""
        peer = _address(host)
        if peer is None:
            return None
        client = self._client(peer, _header_values(headers, FORWARDED_FOR)) if self._trusts(peer) else peer
        return None if self._trusts(client) else str(client)

    def _apply_forwarded(self, scope: dict[str, Any]) -> dict[str, Any]:
        headers = scope["headers"]
        kept = [(name, value) for name, value in headers if name.lower().replace(b"_", b"-") not in FORWARDED_HEADERS]
        right = {**scope, "root_path": "", "headers": kept}
        peer = _address((scope.get("client") or [""])[0])
        if peer is None or not self._trusts(peer):
            return right
        right["client"] = [str(self._client(peer, _header_values(headers, FORWARDED_FOR))), 0]
        if _header_values(headers, FORWARDED_PROTO)[-1:] == ["https"]:
            right["scheme"] = SECURE_SCHEMES.get(scope.get("scheme", ""), scope.get("scheme", ""))
        return right

    def _client(self, peer: Address, forwarded: Sequence[str]) -> Address:
        """Return the last address in the chain that is not a trusted proxy; the client can forge those before it."""
        for hop in reversed(forwarded):
            address = _address(hop)
            if address is None:
                return peer
            peer = address
            if not self._trusts(peer):
                return peer
        return peer

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _header_values(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> list[str]:
    values = [value.decode("latin1") for name, value in headers if name.lower() == wanted]
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    # Dual-stack sockets report IPv4 clients as IPv4-mapped IPv6 addresses.
    return getattr(address, "ipv4_mapped", None) or address
