"""Who the client is."""

from tests.mutation.mutation import mutation

PROXY = "tests/server/test_trusted_proxies.py"

MUTATIONS = [
    mutation(
        "What proxies say is believed from those that are named alone.",
        "project/server/trusted_proxies.py",
        {"if peer is None or not self._trusts(peer):": "if peer is None:"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
        f"{PROXY}::test_without_trusted_proxies_no_header_is_trusted",
    ),
    mutation(
        "Of a chain only the last address counts that is no proxy of ours.",
        "project/server/trusted_proxies.py",
        {"in reversed(forwarded):": "in forwarded:"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
    ),
    mutation(
        "A chain that is broken is believed no further.",
        "project/server/trusted_proxies.py",
        {"if address is None:\n                return peer": "if address is None:\n                continue"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
    ),
    mutation(
        "A proxy is the same in IPv6's form.",
        "project/server/trusted_proxies.py",
        {'return getattr(address, "ipv4_mapped", None) or address': "return address"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
    ),
    mutation(
        "Nothing of such headers is seen any further.",
        "project/server/trusted_proxies.py",
        {' if name.lower().replace(b"_", b"-") not in FORWARDED_HEADERS': ""},
        f"{PROXY}::test_forwarded_headers_are_removed",
    ),
    mutation(
        "It is so on the way that is served.",
        "project/asgi.py",
        {"application = TrustedProxyMiddleware(": "application = (lambda served, networks: served)("},
        f"{PROXY}::test_the_asgi_application_uses_the_forwarded_address",
    ),
]
