"""Documents from URLs: which addresses the server contacts, and what it accepts from them."""

import asyncio
import gzip
import json
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient

from core.limits import registry
from documents.errors import DocumentError
from documents.fetching import fetcher as fetching
from documents.fetching import views
from documents.fetching.addresses import AddressPolicy
from documents.fetching.fetcher import Fetcher, is_own, resolve
from documents.places import Places

HTML = b"<title>A page</title><main><h1>News</h1><p>It works.</p></main>"
MOST = 1000
LOOPBACK = AddressPolicy.of(["127.0.0.1/32"], [])
PRIVATE = [
    *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1"),  # noqa: S104 - an address to refuse
    *("240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "192.88.99.1", "168.63.129.16", "192.0.0.8"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
    # IPv4 addresses in IPv6 addresses: mapped, compatible, NAT64 (also of private networks), 6to4 and Teredo.
    *("::ffff:127.0.0.1", "::ffff:a01:203", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::808:808"),
    *("2002:7f00:1::1", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *("2606:4700:4700::1111%1", "not an address", ""),
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Site:
    """A web server on 127.0.0.1, which records the requests."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.pages: dict[str, bytes] = {}
        self.closed = asyncio.Event()
        self.port = 0

    def page(self, path: str, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        """Add a page; the names of headers have underscores."""
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines])
        self.pages[path] = head.encode() + b"\r\n\r\n" + body

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; one to an unknown path gets no answer."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            path = head.split()[1]
            if path in ("/late", "/slow"):
                await self._answer_slowly(writer, pauses=1 if path == "/late" else 50)
            elif path in self.pages:
                writer.write(self.pages[path])
                await writer.drain()
            else:
                await reader.read()
        finally:
            self.closed.set()
            writer.close()

    async def _answer_slowly(self, writer: asyncio.StreamWriter, pauses: int) -> None:
        """Answer a second later: after one pause, or with a byte after each."""
        for number in range(pauses):
            await asyncio.sleep(1 / pauses)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {pauses}\r\nContent-Type: text/plain\r\n\r\n"
            writer.write((head if not number else "").encode() + b"x")
            await writer.drain()


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()


def fetcher_for(site: Site, policy: AddressPolicy = LOOPBACK, **options: Any) -> Fetcher:
    """Return a fetcher for which all names are those of the site."""

    async def to_site(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    return Fetcher(policy, [site.port], **{"resolve": to_site, **options})


async def code(fetcher: Fetcher, url: str, most: int = MOST) -> str:
    with pytest.raises(DocumentError) as caught:
        await fetcher.fetch(url, most)
    return caught.value.code


def test_only_public_addresses_are_permitted() -> None:
    policy = AddressPolicy()
    assert [address for address in PRIVATE if policy.permits(address)] == []
    assert [address for address in PUBLIC if not policy.permits(address)] == []
    own = AddressPolicy.of(["10.0.0.0/8"], ["10.9.0.0/16", "8.8.8.0/24"])
    permitted = [
        one
        for one in ("10.1.1.1", "::ffff:10.1.1.1", "10.9.1.1", "8.8.8.8", "::ffff:8.8.8.8", "1.1.1.1")
        if own.permits(one)
    ]
    assert permitted == ["10.1.1.1", "::ffff:10.1.1.1", "1.1.1.1"]


async def test_no_form_of_a_private_address_is_contacted() -> None:
    async with serving() as site:
        site.page("/", HTML, Content_Type="text/html")
        strict = Fetcher(AddressPolicy(), [site.port])
        names = (
            *("127.0.0.1", "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "127.1"),
            "localhost",
        )
        for host in (*names, "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "[::]"):
            # Octal octets are no address for the parser of URLs.
            expected = "url_invalid" if host == "0177.0.0.1" else "url_private"
            assert await code(strict, f"http://{host}:{site.port}/") == expected, host
        assert site.requests == []


async def test_a_name_is_resolved_once_and_its_every_address_is_checked() -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def rebinding(_host: str, _port: int) -> list[str]:
        return answers.pop(0)

    async def mixed(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1", "10.0.0.1"]

    async with serving() as site:
        site.page("/", HTML, Content_Type="text/html")
        url = f"http://bob.example:{site.port}/"
        found = await fetcher_for(site, resolve=rebinding).fetch(url, MOST)
        assert (found.data, found.extension) == (HTML, "html")
        # The second answer was not asked for: the connection went to the address that was checked.
        assert len(answers) == 1
        assert await code(fetcher_for(site, resolve=mixed), url) == "url_private"
        assert len(site.requests) == 1


def test_an_address_of_this_machine_is_recognized() -> None:
    assert is_own("127.0.0.1")
    assert not is_own("192.0.2.1")


async def test_the_servers_own_public_address_is_not_contacted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "is_own", lambda _address: True)

    async def public(_host: str, _port: int) -> list[str]:
        return ["8.8.8.8"]

    assert await code(Fetcher(AddressPolicy(), resolve=public), "http://alice.example/") == "url_private"


async def test_the_request_names_the_product_and_carries_nothing_else() -> None:
    async with serving() as site:
        site.page("/a%20b?q=1", b"Text.", Content_Type="text/plain", Set_Cookie="a=b")
        fetcher = fetcher_for(site)
        for _ in range(2):
            await fetcher.fetch(f"http://bob.example:{site.port}/a b?q=1#part", MOST)
        assert site.requests[0] == site.requests[1]
        head = site.requests[0]
        assert head.startswith(f"GET /a%20b?q=1 HTTP/1.1\r\nHost: bob.example:{site.port}\r\nUser-Agent: Alphanumeric ")
        assert {line.split(":")[0] for line in head.split("\r\n")[1:] if line} == {
            *("Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"),
        }


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as site:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        site.page("/", HTML, Content_Type="text/html")
        assert (await fetcher_for(site).fetch(f"http://bob.example:{site.port}/", MOST)).data == HTML


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        *((url, "url_invalid") for url in ("", "example.com", "/etc/passwd", "file:///etc/passwd", "ftp://a.example/")),
        *((url, "url_invalid") for url in ("gopher://a.example:80/_x", "http:///x", "http://a.example\\@b.example/")),
        *(
            (url, "url_invalid")
            for url in ("http://a%00b.example/", "http://[fe80::1%25eth0]/", "http://a\r\nb.example/")
        ),
        ("http://" + "a" * 2000, "url_invalid"),
        ("javascript:alert(1)", "url_invalid"),
        ("http://[::1", "url_invalid"),
        ("http://alice:secret@a.example/", "url_credentials"),
        ("http://alice@a.example/", "url_credentials"),
        *((f"http://a.example:{port}/", "url_port") for port in (22, 8000, 65536)),
    ],
)
async def test_invalid_urls_are_refused(url: str, expected: str) -> None:
    assert await code(Fetcher(AddressPolicy()), url) == expected


async def test_redirects_are_followed_and_each_is_checked() -> None:
    async with serving() as site:
        fetcher = fetcher_for(site)
        base = f"http://bob.example:{site.port}"
        site.page("/end", HTML, Content_Type="text/html")
        site.page("/1", status="302 Found", Location="/2?x")
        site.page("/2?x", status="308 Moved", Location=f"//charlie.example:{site.port}/end")
        assert (await fetcher.fetch(f"{base}/1", MOST)).data == HTML
        assert [head.split("Host: ")[1].split(":")[0] for head in site.requests] == [
            *["bob.example"] * 2,
            "charlie.example",
        ]

        site.page("/loop", status="301 Moved", Location="/loop")
        before = len(site.requests)
        assert await code(fetcher, f"{base}/loop") == "url_redirects"
        assert len(site.requests) - before == 1 + registry.MAX_URL_REDIRECTS.default
        for target, expected in (
            ("file:///etc/passwd", "url_invalid"),
            ("http://alice:secret@bob.example/", "url_credentials"),
            ("http://bob.example:22/", "url_port"),
        ):
            site.page("/away", status="302 Found", Location=target)
            assert await code(fetcher, f"{base}/away") == expected


async def test_a_redirect_to_a_private_address_is_refused() -> None:
    async def by_name(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "bob.example" else await resolve(host, port)

    async with serving() as site:
        for target in ("169.254.169.254", "10.0.0.1", "[::1]", "[fd00::1]"):
            site.page("/", status="302 Found", Location=f"http://{target}:{site.port}/latest/meta-data")
            url = f"http://bob.example:{site.port}/"
            assert await code(fetcher_for(site, resolve=by_name), url) == "url_private"


async def test_the_size_is_limited_also_after_decompression() -> None:
    async with serving() as site:
        fetcher = fetcher_for(site)
        base = f"http://bob.example:{site.port}"
        site.page("/stated", b"x" * (MOST + 1), Content_Type="text/plain")
        assert await code(fetcher, f"{base}/stated") == "document_too_large"
        site.pages["/unstated"] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * (MOST + 1)
        assert await code(fetcher, f"{base}/unstated") == "document_too_large"
        site.page("/bomb", gzip.compress(b"x" * 500_000), Content_Type="text/plain", Content_Encoding="gzip")
        assert await code(fetcher, f"{base}/bomb") == "document_too_large"
        site.page("/packed", gzip.compress(b"Text."), Content_Type="text/plain", Content_Encoding="gzip")
        assert (await fetcher.fetch(f"{base}/packed", MOST)).data == b"Text."
        site.page("/cut", gzip.compress(b"Text.")[:-9], Content_Type="text/plain", Content_Encoding="gzip")
        site.page("/damaged", b"Text.", Content_Type="text/plain", Content_Encoding="gzip")
        site.page("/other", b"Text.", Content_Type="text/plain", Content_Encoding="br")
        for path in ("/cut", "/damaged", "/other"):
            assert await code(fetcher, f"{base}{path}") == "url_failed"


async def test_types_and_encodings_are_those_of_the_header() -> None:
    async with serving() as site:
        fetcher = fetcher_for(site)
        base = f"http://bob.example:{site.port}"
        for kind in ("image/png", "video/mp4", "application/zip", "application/json"):
            site.page("/", b"x", Content_Type=kind)
            assert await code(fetcher, f"{base}/") == "document_type_unsupported"
        site.page("/", status="404 Not Found")
        assert await code(fetcher, f"{base}/") == "url_status"
        for path, kind, extension in (
            ("/book.epub", "application/octet-stream", "epub"),
            ("/notes.md", "text/plain; charset=utf-8", "md"),
            ("/paper.pdf", "text/html", "html"),
            ("/", "application/pdf", "pdf"),
        ):
            site.page(path, b"x", Content_Type=kind)
            assert (await fetcher.fetch(base + path, MOST)).extension == extension
        site.page("/", "Grüße".encode("latin-1"), Content_Type="text/html; charset=ISO-8859-1")
        assert (await fetcher.fetch(f"{base}/", MOST)).data.decode() == "Grüße"
        # A codec of Python that is no encoding of text.
        site.page("/", b"abc", Content_Type="text/html; charset=punycode")
        assert (await fetcher.fetch(f"{base}/", MOST)).data == b"abc"


async def test_a_silent_or_slow_server_is_given_up() -> None:
    async with serving() as site:
        url = f"http://bob.example:{site.port}/late"
        assert await code(fetcher_for(site, idle_s=0.05), url) == "url_timeout"
        assert await code(fetcher_for(site, total_s=0.05), url.replace("late", "slow")) == "url_timeout"
        site.pages["/cut"] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Type: text/plain\r\n\r\nx"
        site.pages["/noise"] = b"SSH-2.0-OpenSSH_9.2\r\n\r\n"
        for path in ("cut", "noise"):
            assert await code(fetcher_for(site), f"http://bob.example:{site.port}/{path}") == "url_failed"

    async def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    assert await code(fetcher_for(site, resolve=unknown), url) == "url_unreachable"
    # The server is closed.
    assert await code(fetcher_for(site), url) == "url_unreachable"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a file with a key and a self-signed certificate for ``bob.example``."""
    path = tmp_path / "certificate.pem"
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=bob",
    ]
    names = ["-addext", "subjectAltName=DNS:bob.example"]
    subprocess.run(
        [*request, *names, "-keyout", path.with_suffix(".key"), "-out", path], check=True, capture_output=True
    )
    return path


async def test_tls_checks_the_name_and_not_the_address(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, certificate.with_suffix(".key"))
    names: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    trusting = ssl.create_default_context(cafile=certificate)
    async with serving(tls) as site:
        site.page("/", HTML, Content_Type="text/html")
        fetcher = fetcher_for(site, ssl_context=lambda: trusting)
        assert (await fetcher.fetch(f"https://bob.example:{site.port}/", MOST)).data == HTML
        assert await code(fetcher, f"https://charlie.example:{site.port}/") == "url_unreachable"
        assert await code(fetcher_for(site), f"https://bob.example:{site.port}/") == "url_unreachable"
        assert names == ["bob.example", "charlie.example", "bob.example"]


async def opened(client: AsyncClient, body: Any, **headers: str) -> Any:
    return await client.post("/documents/fetch", json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
async def site(settings: Any) -> AsyncIterator[Site]:
    async with serving() as site:
        settings.DOCUMENT_URLS_ENABLED = True
        settings.DOCUMENT_URL_ALLOWED_NETWORKS = ["127.0.0.1/32"]
        settings.DOCUMENT_URL_PORTS = [site.port]
        views.fetcher.cache_clear()
        yield site
        views.fetcher.cache_clear()


@pytest.mark.django_db(transaction=True)
async def test_a_page_is_returned_as_text(async_client: AsyncClient, site: Site) -> None:
    site.page("/", HTML, Content_Type="text/html")
    response = await opened(async_client, {"url": f" http://127.0.0.1:{site.port}/ "})
    assert response.status_code == 200
    assert response.json()["document"]["paragraphs"] == ["News", "It works."]
    assert (
        await opened(async_client, {"url": f"http://127.0.0.1:{site.port}/"}, Origin="https://evil.example")
    ).status_code == 403
    bodies: list[Any] = [[], {}, {"url": 5}]
    for body in bodies:
        assert (await opened(async_client, body)).json()["error"]["code"] == "url_invalid"


@pytest.mark.django_db(transaction=True)
async def test_urls_are_off_by_default(async_client: AsyncClient) -> None:
    response = await opened(async_client, {"url": "http://127.0.0.1/"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "url_disabled")
    assert "data-urls" not in (await async_client.get("/")).content.decode()


@pytest.mark.django_db(transaction=True)
async def test_urls_of_a_minute_and_at_a_time_are_limited(
    async_client: AsyncClient, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "data-urls" in (await async_client.get("/")).content.decode()
    monkeypatch.setattr(views, "_places", Places(per_user=0, total=1))
    url = {"url": f"http://127.0.0.1:{site.port}/"}
    assert (await opened(async_client, url)).json()["error"]["code"] == "limit_documents"
    monkeypatch.setattr(views, "_places", Places(per_user=1, total=0))
    assert (await opened(async_client, url)).json()["error"]["code"] == "busy"
    monkeypatch.setattr(views, "PER_MINUTE", 0)
    response = await opened(async_client, url)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "limit_documents")
    assert site.requests == []


async def test_a_cancelled_fetch_closes_the_connection() -> None:
    async with serving() as site:
        fetching = asyncio.create_task(fetcher_for(site).fetch(f"http://bob.example:{site.port}/silent", MOST))
        while not site.requests:
            await asyncio.sleep(0.01)
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
        await site.closed.wait()
