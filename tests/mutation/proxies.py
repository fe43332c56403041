"""Who the client is."""

from tests.mutation.mutation import mutation

PROXY = "tests/server/test_trusted_proxies.py"

MUTATIONS = [
    mutation(
        "What proxies say is believed from those that are named alone.",
        "project/server/trusted_proxies.py",
        {"if peer is None or not self._trusts(peer):": "if peer is None:"},
        f"{PROXY}::test_only_the_word_of_our_proxies_counts",
        f"{PROXY}::test_nobody_is_believed_where_no_proxy_is_named",
    ),
    mutation(
        "Of a chain only the last address counts that is no proxy of ours.",
        "project/server/trusted_proxies.py",
        {"in reversed(forwarded):": "in forwarded:"},
        f"{PROXY}::test_only_the_word_of_our_proxies_counts",
    ),
    mutation(
        "A chain that is broken is believed no further.",
        "project/server/trusted_proxies.py",
        {"if address is None:\n                return peer": "if address is None:\n                continue"},
        f"{PROXY}::test_only_the_word_of_our_proxies_counts",
    ),
    mutation(
        "A proxy is the same in IPv6's form.",
        "project/server/trusted_proxies.py",
        {'return getattr(address, "ipv4_mapped", None) or address': "return address"},
        f"{PROXY}::test_only_the_word_of_our_proxies_counts",
    ),
    mutation(
        "Nothing of such headers is seen any further.",
        "project/server/trusted_proxies.py",
        {' if name.lower().replace(b"_", b"-") not in FORWARDED_HEADERS': ""},
        f"{PROXY}::test_nothing_of_it_is_seen_any_further",
    ),
    mutation(
        "It is so on the way that is served.",
        "project/asgi.py",
        {"application = TrustedProxyMiddleware(": "application = (lambda served, networks: served)("},
        f"{PROXY}::test_it_is_so_on_the_way_that_is_served",
    ),
]
