"""The client's address, and the scheme and host it asked for, from headers of proxies in ``TRUSTED_PROXIES`` only."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from core.web.refusal_log import RefusalLog

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORWARDED_FOR = b"x-forwarded-for"
FORWARDED_PROTO = b"x-forwarded-proto"
FORWARDED_HOST = b"x-forwarded-host"
FORWARDED_PORT = b"x-forwarded-port"
FORWARDED_PREFIX = b"x-forwarded-prefix"
FORWARDED_HEADERS = frozenset(
    (
        *(FORWARDED_FOR, FORWARDED_PROTO, FORWARDED_HOST, FORWARDED_PORT, FORWARDED_PREFIX, b"forwarded"),
        *(b"forwarded-for", b"x-forwarded", b"x-real-ip", b"x-client-ip", b"x-forwarded-server", b"x-forwarded-ssl"),
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
SECURE_PROTOS = ("https", "wss")
"""Values of X-Forwarded-Proto. Some proxies send ``wss`` for websockets."""
PROXY_FAULT = "alphanumeric.proxy_fault"
"""Key of the scope with a sentence about the proxy's configuration, if a redirect to HTTPS would never end."""

_WITH_PORT = re.compile(r"\[([^]]+)\](?::\d+)?|([^:]+):\d+")

notices = RefusalLog(logging.getLogger(__name__))


class TrustedProxyMiddleware:
    """Sets the client's address, the scheme and the host in the scope, from headers of proxies in ``networks`` only.

    Of a list of hosts, ports or schemes, the first is that of the proxy which the client reached.

    It always empties ``root_path``: proxies forward a client's ``Daphne-Root-Path`` unchanged, so a trusted proxy does
    not make that header trustworthy. Only ``URL_PREFIX`` sets a prefix (``project/server/path_prefix.py``).
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
        # Whether a proxy, or a client that forges its headers, left a trace (core.api.access.is_local).
        right = {**scope, "root_path": "", "headers": kept, "forwarded": len(kept) < len(headers)}
        peer = _address((scope.get("client") or [""])[0])
        protos = [proto.lower() for proto in _header_values(headers, FORWARDED_PROTO)]
        if peer is None or not self._trusts(peer):
            if protos[:1] and protos[0] in SECURE_PROTOS and settings.BEHIND_TLS_PROXY:
                right[PROXY_FAULT] = (
                    f"The request came from {peer}, which is not in TRUSTED_PROXIES, so its X-Forwarded-Proto is "
                    f"ignored. If {peer} is the proxy, the operator adds it: TRUSTED_PROXIES={peer}."
                )
            return right
        right["client"] = [str(self._client(peer, _header_values(headers, FORWARDED_FOR))), 0]
        right["headers"] = _with_host(kept, _public_host(headers))
        if protos and protos[0] in SECURE_PROTOS:
            right["scheme"] = SECURE_SCHEMES.get(scope.get("scheme", ""), scope.get("scheme", ""))
        elif not protos and settings.BEHIND_TLS_PROXY:
            right[PROXY_FAULT] = (
                f"The proxy {peer} sends no X-Forwarded-Proto, so the server cannot know whether the client used TLS. "
                f"Its operator sets that header (nginx: proxy_set_header X-Forwarded-Proto $scheme)."
            )
        for prefix in _header_values(headers, FORWARDED_PREFIX):
            if prefix.strip("/") != settings.URL_PREFIX.strip("/"):
                notices.warn(f"The proxy {peer} serves the site below the path {prefix!r:.80}. Set URL_PREFIX to it.")
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


def _public_host(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """Return the host that the client asked for, if a trusted proxy has changed ``Host``; ``None`` if not.

    A proxy may pass on a client's own header, so a host that is not allowed is ignored.
    """
    host = next((value.decode("latin1") for name, value in headers if name.lower() == b"host"), "")
    forwarded = next(iter(_header_values(headers, FORWARDED_HOST)), "")
    if forwarded and validate_host(split_domain_port(forwarded)[0], settings.ALLOWED_HOSTS):
        host = forwarded
    port = next(iter(_header_values(headers, FORWARDED_PORT)), "")
    # A proxy behind another one names its own port, so only the port that the browser used is taken.
    origin = next(iter(_header_values(headers, b"origin")), "")
    if port.isdecimal() and origin.lower().endswith(f"://{host}:{port}".lower()):
        host = f"{host}:{port}"
    return host or None


def _with_host(headers: list[tuple[bytes, bytes]], host: str | None) -> list[tuple[bytes, bytes]]:
    if host is None:
        return headers
    return [(name, host.encode("latin1") if name.lower() == b"host" else value) for name, value in headers]


def _header_values(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> list[str]:
    values = [value.decode("latin1") for name, value in headers if name.lower() == wanted]
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _address(text: str) -> Address | None:
    text = text.strip('"')
    with_port = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address(with_port[1] or with_port[2] if with_port else text)
    except ValueError:
        return None
    # Dual-stack sockets report IPv4 clients as IPv4-mapped IPv6 addresses.
    return getattr(address, "ipv4_mapped", None) or address
