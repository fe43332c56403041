"""Controls of the client's address behind proxies."""

from tests.mutation.mutation import mutation

PROXY = "tests/server/test_trusted_proxies.py"

MUTATIONS = [
    mutation(
        "Forwarded headers are accepted only from trusted proxies.",
        "project/server/trusted_proxies.py",
        {"if peer is None or not self._trusts(peer):": "if peer is None:"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
        f"{PROXY}::test_without_trusted_proxies_no_header_is_trusted",
    ),
    mutation(
        "The client is the last address of the chain that is not a trusted proxy.",
        "project/server/trusted_proxies.py",
        {"in reversed(forwarded):": "in forwarded:"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
    ),
    mutation(
        "Parsing a forwarded chain stops at the first invalid address.",
        "project/server/trusted_proxies.py",
        {"if address is None:\n                return peer": "if address is None:\n                continue"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
    ),
    mutation(
        "A trusted proxy is recognized by its IPv4-mapped IPv6 address.",
        "project/server/trusted_proxies.py",
        {'return getattr(address, "ipv4_mapped", None) or address': "return address"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
    ),
    mutation(
        "Forwarded headers are removed from the request.",
        "project/server/trusted_proxies.py",
        {' if name.lower().replace(b"_", b"-") not in FORWARDED_HEADERS': ""},
        f"{PROXY}::test_forwarded_headers_are_removed",
    ),
    mutation(
        "The served application resolves the client's address.",
        "project/asgi.py",
        {"application = TrustedProxyMiddleware(": "application = (lambda served, networks: served)("},
        f"{PROXY}::test_the_asgi_application_uses_the_forwarded_address",
    ),
]
