"""Request headers that Daphne or Autobahn would misinterpret."""

import pytest

from tests.e2e.server import Server
from tests.server.test_daphne_http import answer, asked, head

UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {'A' * 22}==",
    "Sec-WebSocket-Version: 13",
)


def handshake_with(*lines: str, path: str = "/ws/terminal/") -> bytes:
    """Return a handshake that is accepted unless these header lines are rejected."""
    return head(*UPGRADE, *lines, method="GET", path=path)


@pytest.mark.voice
class TestScriptPrefix:
    """The script prefix, which Daphne reads from a header and Django removes from the path."""

    @pytest.mark.parametrize("name", ["Daphne-Root-Path", "DAPHNE-ROOT-PATH", "Daphne_Root_Path"])
    def test_no_header_sets_the_script_prefix_of_a_page(self, server: Server, name: str) -> None:
        assert answer(server, head(f"{name}: /x", method="GET", path="/x/healthz")) == b"HTTP/1.1 404 Not Found"
        # Daphne decodes it as ASCII, and logs a traceback if that fails.
        for value in ("/x", "ÿ", "%ff"):
            assert answer(server, asked(f"{name}: {value}")) == b"HTTP/1.1 200 OK"

    @pytest.mark.parametrize("prefix", ["/x", "/ws", "%ff"])
    def test_no_header_sets_the_script_prefix_of_a_socket(self, server: Server, prefix: str) -> None:
        assert answer(server, handshake_with(f"Daphne-Root-Path: {prefix}")) == b"HTTP/1.1 101 Switching Protocols"


def posted(*lines: str, body: bytes = b"a=b") -> bytes:
    """Return a request with a body."""
    return head(f"Content-Length: {len(body)}", *lines, path="/themes/read") + body


MULTIPART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n'
BAD = b"HTTP/1.1 400 Bad Request"
REFUSED = {
    "two hosts": head("Host: evil.example", method="GET", path="/"),
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two origins": posted("Origin: http://127.0.0.1", "Origin: http://evil.example"),
    "two media types": posted("Content-Type: text/plain", "Content-Type: multipart/form-data; boundary=b"),
    "two upgrades": handshake_with("Upgrade: h2c"),
    "absolute": head(method="GET", path="http://127.0.0.1/healthz"),
    "two slashes": head(method="GET", path="//healthz"),
    "no slash": head(method="GET", path="healthz"),
    "asterisk": head(method="OPTIONS", path="*"),
    "authority": head(method="GET", path="127.0.0.1:80"),
    "delete character": head(method="GET", path="/\x7f"),
    "absolute handshake": handshake_with(path="http://evil.example/ws/terminal/"),
    "handshake with two slashes": handshake_with(path="//evil.example/ws/terminal/"),
    "handshake with a fragment": handshake_with(path="/ws/terminal/#x"),
    "handshake with a body": handshake_with("Content-Length: 4") + b"body",
    "handshake of HTTP/1.0": handshake_with().replace(b"HTTP/1.1", b"HTTP/1.0"),
    "posted handshake": handshake_with().replace(b"GET", b"POST"),
    "subprotocol in no ASCII": handshake_with("Sec-WebSocket-Protocol: ÿ"),
    "subprotocol twice": handshake_with("Sec-WebSocket-Protocol: <b>, <b>"),
    "extension in no ASCII": handshake_with("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=ÿ"),
    "extension out of range": handshake_with("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99"),
    "origin in no ASCII": handshake_with("Origin: http://ÿ"),
    "origin of half an address": handshake_with("Origin: http://[::1"),
    "origin with a wrong port": handshake_with("Origin: http://127.0.0.1:99999999"),
    "host with a wrong port": handshake_with().replace(b"Host: 127.0.0.1", b"Host: 127.0.0.1:<b>"),
    "version of thousands of digits": handshake_with().replace(b"Version: 13", b"Version: " + b"9" * 5000),
    "unknown encoding of a parameter": posted("Content-Type: text/plain; x*=none''%41"),
    "encoding that decodes nothing": posted("Content-Type: text/plain; charset*=undefined''%41"),
    "null in an encoding": posted("Content-Type: text/plain; charset*=utf-8''%00"),
    "encoding that is no charset": posted("Content-Type: multipart/form-data; boundary=b; charset=zip", body=MULTIPART),
    "charset of names": posted("Content-Type: multipart/form-data; boundary=b; charset=idna", body=MULTIPART),
    "form in UTF-16": posted("Content-Type: application/x-www-form-urlencoded; charset=utf-16"),
    "media type in no ASCII": posted("Content-Type: ÿ/ÿ"),
    "media type without end": posted("Content-Type: " + "a;" * 7000),
}


def complaints(server: Server, before: int) -> list[str]:
    """Return the log lines after ``before`` bytes, except the one about the ready voice."""
    lines = server.log.read_bytes()[before:].decode().splitlines()
    return [line for line in lines if "is ready" not in line]


@pytest.mark.voice
class TestHeads:
    """Heads that a library cannot decode, or parses differently from a proxy, are rejected without a log line."""

    @pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
    def test_an_invalid_head_gets_the_standard_reason_phrase(self, server: Server, request_: bytes) -> None:
        before = server.log.stat().st_size
        assert answer(server, request_) == BAD
        assert complaints(server, before) == []

    @pytest.mark.parametrize("method", ["post", "TRACE", "A" * 12_000, "A'B"])
    def test_unknown_methods_get_501(self, server: Server, method: str) -> None:
        assert answer(server, head(method=method)) == b"HTTP/1.1 501 Not Implemented"

    @pytest.mark.parametrize(
        "lines",
        [
            ("Cookie: ÿ=ÿ", "Cookie: a=b", "User-Agent: ÿ", "Referer: http://127.0.0.1/"),
            ("Accept: ÿ;;=,,", "Accept-Encoding: ÿ", "If-Modified-Since: ÿ, , :", "Range: bytes=-"),
            ("Authorization: Basic x", "X-City: São Paulo", "X_Forwarded_For: ÿ", "X-Forwarded-For: ÿ"),
            ("Content-Type: application/json; charset=UTF-8", "Expect: nothing", "X: a\r\n b"),
        ],
        ids=str,
    )
    def test_headers_that_no_library_decodes_are_accepted(self, server: Server, lines: tuple[str, ...]) -> None:
        assert answer(server, asked(*lines)) == b"HTTP/1.1 200 OK"
        assert answer(server, handshake_with(*lines)) == b"HTTP/1.1 101 Switching Protocols"

    def test_a_form_is_not_parsed_before_the_limits(self, server: Server) -> None:
        nested = b"".join(
            b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (depth, depth + 1)
            for depth in range(7000)
        )
        # Twisted's parser raises a RecursionError, and the connection closes without a response.
        got = answer(server, posted("Content-Type: multipart/form-data; boundary=b0", body=nested))
        assert got == b"HTTP/1.1 400 Bad Request"

    def test_a_long_path_is_logged_in_short(self, server: Server) -> None:
        before = server.log.stat().st_size
        assert answer(server, head(method="GET", path="/" + "x" * 15_000)) == b"HTTP/1.1 404 Not Found"
        assert [len(line) < 1000 for line in complaints(server, before)] == [True]
