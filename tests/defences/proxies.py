"""Who the client is."""

from tests.defences.defence import defence

PROXY = "tests/project/test_proxy.py"

DEFENCES = [
    defence(
        "What proxies say is believed from those that are named alone.",
        "project/proxy.py",
        {"if peer is None or not self._trusts(peer):": "if peer is None:"},
        f"{PROXY}::test_only_the_word_of_our_proxies_counts",
        f"{PROXY}::test_nobody_is_believed_where_no_proxy_is_named",
    ),
    defence(
        "Of a chain only the last address counts that is no proxy of ours.",
        "project/proxy.py",
        {"in reversed(forwarded):": "in forwarded:"},
        f"{PROXY}::test_only_the_word_of_our_proxies_counts",
    ),
    defence(
        "A chain that is broken is believed no further.",
        "project/proxy.py",
        {"if address is None:\n                return peer": "if address is None:\n                continue"},
        f"{PROXY}::test_only_the_word_of_our_proxies_counts",
    ),
    defence(
        "A proxy is the same in IPv6's form.",
        "project/proxy.py",
        {'return getattr(address, "ipv4_mapped", None) or address': "return address"},
        f"{PROXY}::test_only_the_word_of_our_proxies_counts",
    ),
    defence(
        "Nothing of such headers is seen any further.",
        "project/proxy.py",
        {' if name.lower().replace(b"_", b"-") not in CLAIMS': ""},
        f"{PROXY}::test_nothing_of_it_is_seen_any_further",
    ),
    defence(
        "It is so on the way that is served.",
        "project/asgi.py",
        {"application = TrustedProxies(": "application = (lambda served, networks: served)("},
        f"{PROXY}::test_it_is_so_on_the_way_that_is_served",
    ),
]
