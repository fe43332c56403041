"""Large bodies and ambiguous framing (request smuggling) over a real connection."""

import socket

import pytest
from twisted.web.http import HTTPChannel
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from project.management.commands.serve import MAX_MESSAGE_BYTES
from project.server.daphne_http import MAX_BODY_BYTES
from tests.e2e.server import HOST, Server


def answer(server: Server, *parts: bytes) -> bytes:
    """Return the status line; empty if the connection was closed without a response."""
    with socket.create_connection((HOST, server.port), timeout=20) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            return connection.recv(4096).split(b"\r\n")[0]
        except ConnectionResetError:
            return b""


def read_until_closed(server: Server, part: bytes) -> bytes:
    """Return all data until the server closes the connection."""
    with socket.create_connection((HOST, server.port), timeout=20) as connection:
        connection.sendall(part)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def head(*lines: str, method: str = "POST", path: str = "/v1/audio/speech") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {HOST}", *lines, "", ""]).encode()


def asked(*lines: str) -> bytes:
    """Return a request that gets 200 unless these header lines are rejected."""
    return head(*lines, method="GET", path="/healthz")


def refused(line: bytes) -> bool:
    """Return whether the request was rejected, or got no response."""
    return line == b"" or line.startswith(b"HTTP/1.1 4")


@pytest.mark.voice
class TestMessages:
    """Websocket messages, limited before they reach the application."""

    @pytest.mark.parametrize("parts", [1, 17])
    def test_a_message_over_the_limit_closes_the_socket(self, server: Server, parts: int) -> None:
        part = "x" * (MAX_MESSAGE_BYTES // parts + 1)
        with connect(f"ws://{HOST}:{server.port}/ws/terminal/") as socket:
            socket.recv()
            socket.send([part] * parts if parts > 1 else part)
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=10)

    def test_a_message_within_the_limit_is_handled(self, server: Server) -> None:
        with connect(f"ws://{HOST}:{server.port}/ws/terminal/") as socket:
            socket.recv()
            socket.send("x" * MAX_MESSAGE_BYTES)
            assert "frame_too_large" in str(socket.recv(timeout=10))


@pytest.mark.voice
class TestBodies:
    """Request bodies, limited while they arrive."""

    def test_a_large_content_length_is_rejected_at_once(self, server: Server) -> None:
        assert answer(server, head(f"Content-Length: {MAX_BODY_BYTES + 1}")) == b"HTTP/1.1 413 Content Too Large"

    def test_a_large_chunked_body_is_rejected(self, server: Server) -> None:
        chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        got = answer(server, head("Transfer-Encoding: chunked"), *[chunk] * (MAX_BODY_BYTES // 0x10000 + 2))
        assert got == b"HTTP/1.1 413 Content Too Large"

    def test_a_large_file_is_rejected_before_it_arrives(self, server: Server) -> None:
        path = "/documents/extract?type=txt"
        half_a_gigabyte = head(f"Content-Length: {500 * 2**20}", path=path)
        assert answer(server, half_a_gigabyte) == b"HTTP/1.1 413 Content Too Large"
        chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        got = answer(server, head("Transfer-Encoding: chunked", path=path), *[chunk] * (MAX_BODY_BYTES // 0x10000 + 2))
        assert got == b"HTTP/1.1 413 Content Too Large"

    def test_a_file_beyond_the_limit_of_other_bodies_is_read(self, server: Server) -> None:
        text = b"word " * (MAX_BODY_BYTES // 4)
        request = head(f"Content-Length: {len(text)}", path="/documents/extract?type=txt") + text
        assert answer(server, request) == b"HTTP/1.1 200 OK"

    def test_a_small_body_is_accepted(self, server: Server) -> None:
        got = answer(server, head("Content-Length: 2", "Content-Type: application/json"), b"{}")
        assert got == b"HTTP/1.1 400 Bad Request"

    def test_large_headers_are_rejected(self, server: Server) -> None:
        most = HTTPChannel.totalHeadersSize // 1000
        assert most == 16
        fitting, beyond = most - 2, most + 2
        assert answer(server, asked(*[f"X-{number}: {'x' * 990}" for number in range(fitting)])) == b"HTTP/1.1 200 OK"
        got = answer(server, asked(*[f"X-{number}: {'x' * 990}" for number in range(beyond)]))
        assert refused(got), got

    def test_expect_continue_gets_one_response(self, server: Server) -> None:
        got = read_until_closed(server, head(f"Content-Length: {MAX_BODY_BYTES + 1}", "Expect: 100-continue"))
        assert got.count(b"HTTP/1.1 ") == 1
        assert b"default-src 'none'" in got

    def test_429_has_its_reason_phrase(self, server: Server) -> None:
        report = head("Content-Length: 2", path="/csp-report") + b"{}"
        assert b"HTTP/1.1 429 Too Many Requests" in [answer(server, report) for _ in range(80)]


@pytest.mark.voice
class TestSmuggling:
    """Requests that a proxy and the server might parse differently are rejected."""

    @pytest.mark.parametrize(
        "lines",
        [
            ("Content-Length: 5", "Content-Length: 6"),
            ("Content-Length: 5", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
            ("Transfer-Encoding: identity", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: identity", "Content-Length: 5"),
            ("Transfer-Encoding: chunked, identity",),
            ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: xchunked",),
            ("Content-Length: +5",),
            ("Content-Length: 0x5",),
            ("Content-Length : 5",),
        ],
        ids=str,
    )
    def test_ambiguous_framing_is_rejected(self, server: Server, lines: tuple[str, ...]) -> None:
        # Only the framing is rejected: /healthz returns 200 for any body.
        got = answer(server, asked(*lines), b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        assert got == b"HTTP/1.1 400 Bad Request"

    @pytest.mark.parametrize("lines", [(), ("Content-Length: 5",), ("Transfer-Encoding: chunked",)], ids=str)
    def test_unambiguous_framing_is_accepted(self, server: Server, lines: tuple[str, ...]) -> None:
        assert answer(server, asked(*lines), b"0\r\n\r\n") == b"HTTP/1.1 200 OK"

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1@evil.example", "127.0.0.1 evil", ""])
    def test_other_hosts_are_rejected(self, server: Server, host: str) -> None:
        assert answer(server, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).startswith(b"HTTP/1.1 400")

    def test_unknown_websocket_paths_are_rejected(self, server: Server) -> None:
        wishes = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {'A' * 22}==")
        request = head(*wishes, "Sec-WebSocket-Version: 13", method="GET", path="/ws/elsewhere/")
        assert answer(server, request).startswith(b"HTTP/1.1 403")

    @pytest.mark.parametrize("path", ["/static/../manage.py", "/static/%2e%2e/manage.py", "/..//etc/passwd", "/%00"])
    def test_path_traversal_is_rejected(self, server: Server, path: str) -> None:
        assert answer(server, head(method="GET", path=path)).split(b" ")[1] in (b"404", b"400")
