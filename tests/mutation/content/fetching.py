"""Controls of documents from URLs."""

from tests.mutation.mutation import mutation

TESTS = "tests/documents/test_fetching.py"
ADDRESSES = "documents/fetching/addresses.py"
FETCHER = "documents/fetching/fetcher.py"
VIEWS = "documents/fetching/views.py"
PUBLIC = f"{TESTS}::test_only_public_addresses_are_permitted"
INVALID = f"{TESTS}::test_invalid_urls_are_refused"
SIZE = f"{TESTS}::test_the_size_is_limited_also_after_decompression"
TOO_LARGE = "        if len(data) > most:\n            raise _too_large(most)\n"

MUTATIONS = [
    mutation(
        "The server fetches no URL from a private address (server-side request forgery).",
        ADDRESSES,
        {"_is_public(parsed))": "True)"},
        PUBLIC,
    ),
    mutation(
        "An IPv4 address in an IPv6 address is checked as the IPv4 address.",
        ADDRESSES,
        {"        return address.ipv4_mapped\n": "        return address\n"},
        PUBLIC,
    ),
    mutation("Tunnels to IPv4 addresses are refused.", ADDRESSES, {"and not _is_in(address, _BLOCKED)": ""}, PUBLIC),
    mutation("IPv6 addresses with a zone are refused.", ADDRESSES, {"address.scope_id is not None or ": ""}, PUBLIC),
    mutation(
        "Networks that the operator blocks are refused.",
        ADDRESSES,
        {"not _is_in(parsed, self.blocked) and (": "("},
        PUBLIC,
    ),
    mutation(
        "Every address of a name is checked.",
        FETCHER,
        {"not all(map(self._is_permitted, found))": "not any(map(self._is_permitted, found))"},
        f"{TESTS}::test_a_name_is_resolved_once_and_its_every_address_is_checked",
    ),
    mutation(
        "The connection goes to the address that was checked (DNS rebinding).",
        FETCHER,
        {
            "return await self._backend.connect_tcp(address, port,": (
                "return await self._backend.connect_tcp((await self._resolve(host, port))[0], port,"
            )
        },
        f"{TESTS}::test_a_name_is_resolved_once_and_its_every_address_is_checked",
    ),
    mutation(
        "The server does not contact itself at a public address.",
        FETCHER,
        {" or not is_own(address)": " or True"},
        f"{TESTS}::test_the_servers_own_public_address_is_not_contacted",
    ),
    mutation(
        "Each redirect is checked as the URL itself.",
        FETCHER,
        {"target = self.check(answer, target)": "target = target.join(answer)"},
        f"{TESTS}::test_redirects_are_followed_and_each_is_checked",
    ),
    mutation(
        "Redirects are limited.",
        FETCHER,
        {"range(MAX_REDIRECTS + 1)": "range(50)"},
        f"{TESTS}::test_redirects_are_followed_and_each_is_checked",
    ),
    mutation("URLs with credentials are refused.", FETCHER, {"if target.userinfo:": "if False:"}, INVALID),
    mutation("URLs lead to the allowed ports only.", FETCHER, {"if port not in self._ports:": "if False:"}, INVALID),
    mutation(
        "URLs with a backslash, which parsers read differently, are refused.",
        FETCHER,
        {' or "\\\\" in url:': ":"},
        INVALID,
    ),
    mutation(
        "A page that is too large is refused.",
        FETCHER,
        {f"{TOO_LARGE}    return": "    return"},
        SIZE,
    ),
    mutation(
        "A page is decompressed up to the limit (decompression bomb).",
        FETCHER,
        {
            "unpacker.decompress(data, most + 1)": "unpacker.decompress(data)",
            f"{TOO_LARGE}        if not": "        if not",
        },
        SIZE,
    ),
    mutation(
        "A fetch has a time limit.",
        FETCHER,
        {"asyncio.timeout(self._total_s)": "asyncio.timeout(None)"},
        f"{TESTS}::test_a_silent_or_slow_server_is_given_up",
    ),
    mutation(
        "A fetch has a time limit without a byte.",
        FETCHER,
        {'"read": idle_s': '"read": None'},
        f"{TESTS}::test_a_silent_or_slow_server_is_given_up",
    ),
    mutation(
        "The certificate must be that of the host in the URL.",
        FETCHER,
        {"host=target.raw_host, port=port": 'host=b"bob.example", port=port'},
        f"{TESTS}::test_tls_checks_the_name_and_not_the_address",
    ),
    mutation(
        "The encoding of a page is one of text.",
        FETCHER,
        {"_CHARSETS.fullmatch(charset)": "charset"},
        f"{TESTS}::test_types_and_encodings_are_those_of_the_header",
    ),
    mutation(
        "URLs are opened only where the operator allows it.",
        VIEWS,
        {"if not settings.DOCUMENT_URLS_ENABLED:": "if False:"},
        f"{TESTS}::test_urls_are_off_by_default",
    ),
    mutation(
        "URLs are counted per account or address.",
        VIEWS,
        {'        await charge(_opened, user, PER_MINUTE, "addresses")\n': ""},
        f"{TESTS}::test_urls_of_a_minute_and_at_a_time_are_limited",
    ),
    mutation(
        "URLs that are fetched at a time are limited.",
        VIEWS,
        {"with _places.of(user):": "if True:"},
        f"{TESTS}::test_urls_of_a_minute_and_at_a_time_are_limited",
    ),
    mutation(
        "Other sites cannot let the server fetch a URL.",
        VIEWS,
        {"@same_site_only\n": ""},
        f"{TESTS}::test_a_page_is_returned_as_text",
    ),
]
