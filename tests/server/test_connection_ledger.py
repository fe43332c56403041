"""Slow requests and slow readers: memory and duration are bounded."""

import asyncio
import json
import re
import socket
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import psutil
import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport

from project.server.connection_ledger import (
    CONNECTION_BURST,
    CONNECTION_COST,
    TRIM_AFTER_BYTES,
    ConnectionLedger,
    TrafficLimits,
)
from project.server.daphne_http import (
    CHUNK_COST,
    IDLE_S,
    MAX_BODY_BYTES,
    REQUEST_S,
    UNREAD_BYTES,
    UNREAD_S,
    LimitedHTTPFactory,
)
from project.server.daphne_responses import BackpressureServer
from project.server.tcp_options import UNSENT_BYTES, acknowledged_bytes
from tests.clock import Clock
from tests.e2e.server import HOST, Server
from tests.e2e.waits import until

ALICE, BOB, PROXY = "192.0.2.1", "192.0.2.2", "10.0.0.1"
FULL = 64 * 1024
GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


class TestLedger:
    """Tests the buffered bytes by connection, address and process."""

    @pytest.fixture
    def dropped(self) -> list[str]:
        return []

    def ledger(self, clock: Clock, released: Any = lambda: None) -> ConnectionLedger:
        return ConnectionLedger(clock, of_address=100, of_all=250, released=released)

    def test_an_address_over_its_limit_loses_its_stalest_connection(self, clock: Clock, dropped: list[str]) -> None:
        ledger = self.ledger(clock)
        for name in ("first", "second"):
            ledger.open(ALICE, lambda name=name: dropped.append(name)).set_size(40)  # type: ignore[misc]
        moving = ledger.open(ALICE, lambda: dropped.append("moving"))
        moving.set_size(10)
        ledger.open(BOB, lambda: dropped.append("bob")).set_size(90)
        moving.set_size(30)
        assert (dropped, ledger.size) == (["first"], 40 + 30 + 90)

    def test_a_process_over_its_limit_drops_a_connection_of_the_largest_address(
        self, clock: Clock, dropped: list[str]
    ) -> None:
        ledger = self.ledger(clock)
        for name, address, size in (
            ("bob", BOB, 60),
            ("one", ALICE, 50),
            ("two", ALICE, 50),
            ("more", "192.0.2.3", 95),
        ):
            ledger.open(address, lambda name=name: dropped.append(name)).set_size(size)  # type: ignore[misc]
        assert dropped == ["one"]

    def test_a_connection_over_the_limit_is_dropped(self, clock: Clock, dropped: list[str]) -> None:
        ledger = self.ledger(clock)
        alone = ledger.open(ALICE, lambda: dropped.append("alone"))
        alone.set_size(101)
        alone.set_size(1)
        assert (dropped, ledger.size) == (["alone"], 0)

    def test_closed_and_empty_connections_leave_no_state(self, clock: Clock) -> None:
        ledger = self.ledger(clock)
        alice, bob = ledger.open(ALICE, lambda: None), ledger.open(BOB, lambda: None)
        alice.set_size(10)
        bob.set_size(10)
        alice.close()
        bob.set_size(0)
        assert (ledger.size, dict(ledger._held), dict(ledger._sizes)) == (0, {}, {})

    def test_connections_of_a_proxy_are_bounded_by_the_process_alone(self, clock: Clock, dropped: list[str]) -> None:
        ledger = self.ledger(clock)
        for number in range(3):
            ledger.open(None, lambda number=number: dropped.append(str(number))).set_size(90)  # type: ignore[misc]
        assert dropped == ["0"]

    def test_released_memory_triggers_a_trim(self, clock: Clock) -> None:
        asked: list[int] = []
        ledger = ConnectionLedger(clock, released=lambda: asked.append(1))
        one = ledger.open(ALICE, lambda: None)
        one.set_size(TRIM_AFTER_BYTES)
        one.close()
        assert asked == []
        two = ledger.open(ALICE, lambda: None)
        two.set_size(1)
        two.close()
        assert asked == [1]


class TestConnectionRate:
    def open(self, traffic: TrafficLimits, address: str) -> bool:
        factory = LimitedHTTPFactory(BackpressureServer(lambda: None, endpoints=["tcp:0"], traffic=traffic))
        factory.traffic = traffic
        return factory.buildProtocol(IPv4Address("TCP", address, 1)) is not None

    def test_an_address_that_reconnects_too_often_is_closed_unread(self, clock: Clock) -> None:
        traffic = TrafficLimits(clock=clock)
        assert all(self.open(traffic, ALICE) for _ in range(int(CONNECTION_BURST)))
        assert not self.open(traffic, ALICE)
        assert self.open(traffic, BOB)
        clock.now += 1
        assert self.open(traffic, ALICE)

    def test_a_trusted_proxy_may_open_any_number(self, clock: Clock) -> None:
        traffic = TrafficLimits(lambda host, _headers: None, clock)
        assert all(self.open(traffic, PROXY) for _ in range(int(CONNECTION_BURST) + 1))


class Wire:
    """An HTTP connection without a network, to an application that answers with ``parts``."""

    def __init__(
        self, clock: Clock, parts: list[bytes], *, length: int | None = None, address: str = ALICE, status: int = 200
    ) -> None:
        self.sent = 0
        self.requests: list[bytes] = []
        self._parts = parts
        self._length = length
        self._status = status
        self.traffic = TrafficLimits(self._client_of, clock)
        self.server = BackpressureServer(self._answer, endpoints=["tcp:0"], traffic=self.traffic)
        self.server.connections = {}
        factory = LimitedHTTPFactory(self.server)
        factory.traffic = self.traffic
        self.protocol = factory.buildProtocol(None)
        self.transport: Any = StringTransport(peerAddress=IPv4Address("TCP", address, 1))  # type: ignore[no-untyped-call]
        self.protocol.makeConnection(self.transport)

    def _client_of(self, host: str, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        forwarded = dict(headers).get(b"X-Client")
        return host if host != PROXY else forwarded.decode() if forwarded else None

    @property
    def channel(self) -> Any:
        return self.protocol._channel

    @property
    def is_disconnected(self) -> bool:
        return bool(self.transport.disconnecting)

    async def _answer(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message["more_body"]:
                break
        self.requests.append(body)
        headers = [] if self._length is None else [(b"content-length", str(self._length).encode())]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        for part in self._parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            self.sent += 1
        await send({"type": "http.response.body"})

    async def receive(self, data: bytes) -> None:
        self.protocol.dataReceived(data)
        for _ in range(20):
            await asyncio.sleep(0)

    async def fill(self) -> None:
        """Fill the buffer, as the transport signals above 64 KB."""
        self.channel.pauseProducing()
        await asyncio.sleep(0)

    async def drain(self) -> None:
        """Empty the buffer, as the transport signals."""
        self.transport.clear()
        self.channel.resumeProducing()
        for _ in range(20):
            await asyncio.sleep(0)


class PendingWire(Wire):
    """A connection to an application that never answers."""

    async def _answer(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await asyncio.Event().wait()


class TestReaders:
    """Responses that the client reads slowly, or never."""

    @pytest.fixture
    def link(self) -> Iterator[tuple[socket.socket, socket.socket]]:
        """Return the ends of a TCP connection."""
        with socket.create_server((HOST, 0)) as listening:
            there = socket.create_connection(listening.getsockname())
            here, _ = listening.accept()
        with here, there:
            yield here, there

    async def test_send_waits_for_buffer_space(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x" * FULL] * 3)
        await wire.fill()
        await wire.receive(GET)
        assert (wire.sent, wire.transport.value()) == (0, b"")
        await wire.drain()
        assert wire.sent == 3

    async def test_a_client_that_does_not_read_is_dropped(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        await wire.receive(GET)
        await wire.fill()
        clock.now += UNREAD_S
        # More output of the same response is no progress of the client.
        await wire.fill()
        wire.traffic.ledger.sweep()
        assert not wire.is_disconnected
        clock.now += 1
        wire.traffic.ledger.sweep()
        assert wire.is_disconnected

    async def test_a_client_that_reads_is_not_dropped(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        await wire.receive(GET)
        for _ in range(2):
            await wire.fill()
            clock.now += UNREAD_S
            await wire.drain()
        wire.traffic.ledger.sweep()
        assert not wire.is_disconnected

    async def test_a_client_on_a_slow_link_is_not_dropped(
        self, clock: Clock, link: tuple[socket.socket, socket.socket]
    ) -> None:
        wire = Wire(clock, [b"x"])
        here, there = link
        wire.transport.getHandle = lambda: here
        await wire.fill()
        await wire.receive(GET)
        for _ in range(2):
            before = acknowledged_bytes(wire.transport)
            here.sendall(bytes(UNREAD_BYTES))
            there.recv(UNREAD_BYTES, socket.MSG_WAITALL)
            until(lambda: acknowledged_bytes(wire.transport) - before == UNREAD_BYTES, within=10, what="received")  # noqa: B023
            clock.now += UNREAD_S + 1
            wire.traffic.ledger.sweep()
            assert not wire.is_disconnected
        here.sendall(bytes(UNREAD_BYTES - 1))
        clock.now += UNREAD_S + 1
        wire.traffic.ledger.sweep()
        assert wire.is_disconnected

    async def test_the_system_holds_little_of_a_streamed_response(
        self, clock: Clock, link: tuple[socket.socket, socket.socket]
    ) -> None:
        here, _ = link
        unsent = []
        for length in (1, None):
            wire = Wire(clock, [b"x"], length=length)
            wire.transport.getHandle = lambda: here
            await wire.receive(GET)
            unsent.append(here.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT))
        assert unsent[1] == UNSENT_BYTES != unsent[0]

    async def test_the_last_part_of_a_response_has_a_deadline(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        await wire.receive(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert wire.channel.buffered.writing_until == clock.now + UNREAD_S

    async def test_a_response_that_ends_early_closes_the_connection(self, clock: Clock) -> None:
        for length, ends in ((2, True), (1, False)):
            wire = Wire(clock, [b"x"], length=length)
            await wire.receive(GET)
            assert wire.is_disconnected is ends

    async def test_unread_responses_are_charged(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        assert wire.traffic.ledger.size == CONNECTION_COST
        await wire.fill()
        assert wire.traffic.ledger.size > CONNECTION_COST + FULL
        await wire.drain()
        assert wire.traffic.ledger.size == CONNECTION_COST
        wire.channel.connectionLost(None)
        assert wire.traffic.ledger.size == 0


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    """Return the connections to close after the test."""
    opened: list[socket.socket] = []
    yield opened
    for one in opened:
        one.close()


def ask(server: Server, request: bytes, sockets: list[socket.socket], *, read: bool = True) -> bytes:
    """Return the complete response, or nothing."""
    made = socket.socket()
    sockets.append(made)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, FULL if read else 4096)
    made.bind(("127.0.0.41", 0))
    made.settimeout(60)
    made.connect((HOST, server.port))
    made.sendall(request)
    return b"".join(iter(lambda: made.recv(FULL), b"")) if read else b""


def head(line: str, *lines: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", f"Host: {HOST}", "Connection: close", *lines, "", ""]).encode()


@pytest.mark.voice
def test_slow_readers_of_a_recording_use_little_memory(server: Server, sockets: list[socket.socket]) -> None:
    form = urlencode({"text": "Nobody will ever listen to that. " * 12, "speed": "0.5"}).encode()
    kind = "Content-Type: application/x-www-form-urlencoded"
    page = ask(server, head("POST /", kind, f"Content-Length: {len(form)}") + form, sockets)
    found = re.search(rb"/spoken/[\w.-]+", page)
    assert found
    path = found[0].decode()
    recording = len(ask(server, head(f"GET {path}"), sockets))
    assert recording > 1024 * 1024
    process = psutil.Process(server.pid)
    before = process.memory_info().rss
    for _ in range(50):
        ask(server, head(f"GET {path}"), sockets, read=False)
    until(lambda: len(process.net_connections()) >= 50, within=10, what="all are connected")
    # A request from another address gets a response afterward.
    ask(server, head("GET /healthz"), sockets)
    assert process.memory_info().rss - before < 50 * recording / 3


class TestSenders:
    """Slow, incomplete, chunked and pipelined requests."""

    @pytest.mark.parametrize("path", [b"/v1/audio/speech", b"//v1/audio/speech?x=1"])
    @pytest.mark.parametrize(
        ("line", "status", "code"),
        [
            (b"Content-Length: %d" % (MAX_BODY_BYTES + 1), b"413", "body_too_large"),
            (b"Content-Length: 1\r\nTransfer-Encoding: identity", b"400", "request_invalid"),
            (b"Host: there", b"400", "request_invalid"),
        ],
    )
    async def test_programs_get_rejections_as_json(
        self, clock: Clock, path: bytes, line: bytes, status: bytes, code: str
    ) -> None:
        wire = Wire(clock, [])
        await wire.receive(GET.replace(b"GET / ", b"POST %s " % path)[:-2] + line + b"\r\n\r\n")
        begin, _, body = wire.transport.value().partition(b"\r\n\r\n")
        assert begin.startswith(b"HTTP/1.1 %s " % status)
        assert b"Content-Type: application/json" in begin
        assert json.loads(body)["error"]["code"] == code

    async def test_browsers_get_rejections_as_text(self, clock: Clock) -> None:
        wire = Wire(clock, [])
        await wire.receive(GET[:-2] + b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1))
        assert wire.transport.value().endswith(b"KB. Go back and send less.\n")

    POST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\n"
    CHUNKED = b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"

    @pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nX: ", POST, CHUNKED + b"100\r\n"], ids=repr)
    async def test_slow_requests_time_out(self, clock: Clock, begin: bytes) -> None:
        wire = Wire(clock, [b"x"])
        await wire.receive(begin)
        for _ in range(3):
            clock.now += REQUEST_S / 3
            wire.traffic.ledger.sweep()
            assert not wire.is_disconnected
            await wire.receive(b"x" if begin else b"")
        clock.now += 1
        wire.traffic.ledger.sweep()
        assert wire.is_disconnected

    async def test_idle_connections_time_out(self, clock: Clock) -> None:
        for begin, ends in ((b"", True), (b"GET / ", False)):
            wire = Wire(clock, [b"x"])
            await wire.receive(GET)
            clock.now += IDLE_S
            if begin:
                await wire.receive(begin)
            clock.now += 1
            wire.traffic.ledger.sweep()
            assert wire.is_disconnected is ends

    async def test_a_slow_response_does_not_time_out(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        await wire.fill()
        await wire.receive(GET)
        wire.channel.buffered.writing_until = None
        clock.now += 1000
        wire.traffic.ledger.sweep()
        assert not wire.is_disconnected

    async def test_received_body_bytes_are_charged(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        await wire.receive(self.POST + b"x" * 99_999)
        assert wire.traffic.ledger.size == CONNECTION_COST + 99_999
        await wire.receive(b"x")
        assert (len(wire.requests[0]), wire.traffic.ledger.size) == (100_000, CONNECTION_COST)

    async def test_bodies_use_no_temporary_file(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        await wire.receive(self.CHUNKED)
        assert isinstance(wire.channel.requests[0].content, BytesIO)

    async def test_a_proxied_request_is_charged_to_the_forwarded_address(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"], address=PROXY)
        assert wire.channel.buffered.address is None
        await wire.receive(self.POST.replace(b"Host", b"X-Client: 192.0.2.1\r\nHost"))
        assert wire.channel.buffered.address == ALICE
        await wire.receive(b"x" * 100_000)
        assert wire.channel.buffered.address is None

    async def test_tiny_chunks_are_rejected_and_parsing_stops(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        chunk = b"1\r\nx\r\n"
        most = MAX_BODY_BYTES // (CHUNK_COST + 1)
        await wire.receive(self.CHUNKED + chunk * most)
        assert wire.transport.value() == b""
        rest = wire.channel._transferDecoder
        await wire.receive(chunk * 10_000)
        assert wire.transport.value().startswith(b"HTTP/1.1 413 ")
        assert wire.is_disconnected
        assert len(rest._buffer) > 9_000 * len(chunk)

    @pytest.mark.parametrize("status", [429, 200])
    async def test_a_rejection_closes_the_connection(self, clock: Clock, status: int) -> None:
        wire = Wire(clock, [b"x"], status=status)
        await wire.receive(GET * 5)
        for _ in range(5):
            await wire.receive(b"")
        assert wire.transport.value().count(b"HTTP/1.1 ") == (1 if status == 429 else 5)

    async def test_a_server_error_closes_the_connection(self, clock: Clock) -> None:
        wire = PendingWire(clock, [])
        await wire.receive(GET * 5)
        wire.channel.requests[0].handle_exception(RuntimeError("the application failed"))
        for _ in range(5):
            await wire.receive(b"")
        assert wire.transport.value().count(b"HTTP/1.1 ") == wire.transport.value().count(b"HTTP/1.1 500") == 1
        assert wire.is_disconnected

    async def test_pipelined_requests_are_charged(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        await wire.fill()
        before = wire.traffic.ledger.size
        await wire.receive(GET)
        await wire.receive(GET * 10)
        assert wire.traffic.ledger.size - before == 10 * len(GET)

    async def test_twisted_does_not_parse_forms(self, clock: Clock) -> None:
        wire = Wire(clock, [b"x"])
        form = b"a&" * 1000
        kind = b"Content-Type: application/x-www-form-urlencoded"
        await wire.fill()
        await wire.receive(
            b"POST / HTTP/1.1\r\nHost: localhost\r\n%b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(form), form)
        )
        assert (wire.requests, wire.channel.requests[0].args) == ([form], {})
