"""Requests are repeated while the server is unreachable or busy."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from alphanumeric_client.config import Config
from alphanumeric_client.errors import ClientError, Exit
from alphanumeric_client.server import Server

Reply = tuple[int, dict[str, str], bytes]


class Replies(HTTPServer):
    """A server that answers with prepared responses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply] = []
        self.seen: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Replies)
        self.server.seen.append(self.path)
        status, headers, body = self.server.replies.pop(0)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def replies(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replies]:
    monkeypatch.setenv("NO_PROXY", "*")
    with Replies() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def client(url: str, clock: Clock, **fields: str) -> Server:
    return Server(Config(url, **fields), max_wait_s=30, sleep=clock.sleep, clock=clock)


def error(code: str, **details: object) -> bytes:
    return json.dumps({"error": {"message": "No.", "code": code, **details}}).encode()


VOICES: Reply = (200, {}, b'{"voices": []}')


def test_a_busy_server_is_asked_again_when_it_says(replies: Replies) -> None:
    clock = Clock()
    replies.replies = [(503, {"Retry-After": "7"}, error("busy")), (429, {}, error("limit_requests")), VOICES]
    with client(f"http://127.0.0.1:{replies.server_port}", clock) as server:
        assert server.voices() == []
    assert clock.waits[0] == 7
    assert 0.5 <= clock.waits[1] <= 1


def test_retries_end_after_the_maximum_wait(replies: Replies) -> None:
    clock = Clock()
    replies.replies = [(503, {"Retry-After": "20"}, error("busy"))] * 3
    with client(f"http://127.0.0.1:{replies.server_port}", clock) as server, pytest.raises(ClientError) as caught:
        server.voices()
    assert (caught.value.status, clock.waits) == (Exit.LIMITED, [20])


def test_an_unreachable_server(replies: Replies) -> None:
    clock = Clock()
    with client("http://127.0.0.1:9", clock) as server, pytest.raises(ClientError) as caught:
        server.voices()
    assert caught.value.status is Exit.UNREACHABLE
    # The waits grow.
    assert len(clock.waits) > 3
    assert clock.waits[-1] > clock.waits[0]
    assert clock.now <= 30


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "text"}'])
def test_another_program_answers(replies: Replies, body: bytes) -> None:
    replies.replies = [(404, {}, body)]
    with client(f"http://127.0.0.1:{replies.server_port}", Clock()) as server, pytest.raises(ClientError, match="404"):
        server.voices()


def test_redirects_are_not_followed(replies: Replies) -> None:
    replies.replies = [(302, {"Location": "/elsewhere"}, b"")]
    with (
        client(f"http://127.0.0.1:{replies.server_port}", Clock(), token="an_secret") as server,
        pytest.raises(ClientError, match="302"),
    ):
        server.voices()
    assert replies.seen == ["/v1/audio/voices"]
