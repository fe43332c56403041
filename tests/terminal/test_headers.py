"""Request headers that a library in front of the application turns into something else than a header."""

import pytest

from tests.e2e.server import Server
from tests.terminal.test_bodies import answer, asked, head

UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {'A' * 22}==",
    "Sec-WebSocket-Version: 13",
)


def shaken(*lines: str, path: str = "/ws/terminal/") -> bytes:
    """A WebSocket handshake that is accepted, unless something is wrong with these lines of its head."""
    return head(*UPGRADE, *lines, method="GET", path=path)


@pytest.mark.voice
class TestScriptPrefix:
    """Daphne reads it from a header, Django and Channels take it off the path."""

    @pytest.mark.parametrize("name", ["Daphne-Root-Path", "DAPHNE-ROOT-PATH", "Daphne_Root_Path"])
    def test_no_header_sets_it_for_a_page(self, server: Server, name: str) -> None:
        assert answer(server, head(f"{name}: /x", method="GET", path="/x/healthz")) == b"HTTP/1.1 404 Not Found"
        # Daphne decodes it as ASCII, and logs a traceback where it cannot.
        for value in ("/x", "ÿ", "%ff"):
            assert answer(server, asked(f"{name}: {value}")) == b"HTTP/1.1 200 OK"

    @pytest.mark.parametrize("prefix", ["/x", "/ws", "%ff"])
    def test_no_header_sets_it_for_a_socket(self, server: Server, prefix: str) -> None:
        assert answer(server, shaken(f"Daphne-Root-Path: {prefix}")) == b"HTTP/1.1 101 Switching Protocols"
