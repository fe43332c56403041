"""The bytes of a first visit to the page, and the headers of its files, from the running server."""

import re
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest

from benchmarks.cases.page import KB, LIMIT_KB
from benchmarks.transfer import transfer
from tests.e2e.server import Server

LINK = re.compile(r'<(?:link|script)\b[^>]*?(?:href|src)="([^"]+)"')
DOCUMENT_HEADERS = {"X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"}


def links(server: Server) -> list[str]:
    """Return the addresses that the page loads at once: style sheets, modules, the icon."""
    with urlopen(server.url, timeout=30) as page:  # noqa: S310 - http only
        return [urljoin(server.url, link) for link in LINK.findall(page.read().decode())]


@pytest.mark.voice
class TestFirstVisit:
    """A browser with an empty cache opens the page."""

    def test_it_transfers_at_most_60_kilobytes(self, server: Server) -> None:
        loads = [transfer(url) for url in (server.url, *links(server))]
        sizes = {load.url.removeprefix(server.url): load.header_bytes + load.body_bytes for load in loads}
        assert sum(sizes.values()) <= LIMIT_KB * KB, sorted(sizes.items(), key=lambda item: -item[1])

    def test_only_scripts_and_styles_lack_the_headers_of_documents(self, server: Server) -> None:
        static = [url for url in links(server) if "/static/" in url]
        assert len(static) > 5
        for url in static:
            with urlopen(url, timeout=30) as answer:  # noqa: S310 - as above
                headers = answer.headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert "immutable" in headers["Cache-Control"]
            assert headers["ETag"]
            assert headers["Access-Control-Allow-Origin"] is None
            # A browser renders an SVG file as a document.
            assert DOCUMENT_HEADERS & set(headers) == (DOCUMENT_HEADERS if url.endswith(".svg") else set()), url
