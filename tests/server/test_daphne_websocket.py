"""Sockets that flood, do not read, or are idle are closed, without affecting others."""

import asyncio
import base64
import os
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import daphne.server
import psutil
import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection
from twisted.internet.testing import MemoryReactor, StringTransport
from twisted.python.failure import Failure

from core.close_codes import IDLE_TIMEOUT, POLICY_VIOLATION
from project.server import connection_ledger, daphne_websocket
from project.server.connection_ledger import TrafficLimits
from project.server.daphne_websocket import (
    FRAMES_PER_TURN,
    IDLE_TIMEOUT_S,
    MAX_RECEIVE_QUEUE_BYTES,
    MAX_SEND_BUFFER_BYTES,
    LimitedWebSocketFactory,
    LimitedWebSocketProtocol,
)
from tests.e2e.server import HOST, Server
from tests.e2e.waits import until

MANY_TABS = 600
TEXT = 0x81
CLOSE = 0x88
PING = 0x89
PONG = 0x8A
BEGINS = 0x01
GOES_ON = 0x00
COMPRESSED = 0xC1
LET_IN = b"HTTP/1.1 101 Switching Protocols"
DENIED = b"HTTP/1.1 403 Access denied"


def frame(payload: bytes, kind: int = TEXT) -> bytes:
    """Return a masked frame."""
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
    return bytes([kind]) + size + bytes(4) + payload


def handshake(port: int) -> bytes:
    """Return a websocket handshake."""
    lines = (
        "GET /ws/terminal/ HTTP/1.1",
        f"Host: {HOST}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
    )
    return "\r\n".join([*lines, "", ""]).encode()


class Wire:
    """A raw connection."""

    def __init__(self, server: Server, address: str, *, window: int | None = None) -> None:
        self._socket = socket.socket()
        if window:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self._socket.bind((address, 0))
        self._socket.settimeout(20)
        self._socket.connect((HOST, server.port))
        self._socket.sendall(handshake(server.port))
        self.answer = self._socket.recv(64).split(b"\r\n")[0]

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def ends(self, data: bytes) -> bool:
        """Return whether the connection is dropped while ``data`` is sent repeatedly."""
        try:
            for _ in range(1000):
                self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return True
        return False

    @property
    def is_disconnected(self) -> bool:
        """Return whether the server has closed the connection, without reading from it."""
        waiting = select.poll()
        waiting.register(self._socket, 0)
        return bool(waiting.poll(0))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def wires(server: Server) -> Iterator[list[Wire]]:
    """Return the connections to close after the test."""
    opened: list[Wire] = []
    yield opened
    for wire in opened:
        wire.close()


def resident(server: Server) -> float:
    return float(psutil.Process(server.pid).memory_info().rss)


@pytest.mark.voice
class TestFlood:
    """Messages that arrive faster than the server processes them."""

    @pytest.mark.parametrize(("payload", "address"), [(b"x", "127.0.0.21"), (b"x" * 60_000, "127.0.0.22")])
    def test_a_flood_is_dropped_before_it_uses_memory(
        self, server: Server, wires: list[Wire], payload: bytes, address: str
    ) -> None:
        before = resident(server)
        assert self.open_handshake(server, wires, address) == LET_IN
        assert wires[0].ends(frame(payload) * (65536 // len(frame(payload)) + 1))
        assert resident(server) - before < 4 * MAX_RECEIVE_QUEUE_BYTES
        # The flooding address is blocked; others are not.
        until(lambda: self.open_handshake(server, wires, address) == DENIED, within=5, what="the address is refused")
        assert self.open_handshake(server, wires, "127.0.0.23") == LET_IN

    def open_handshake(self, server: Server, wires: list[Wire], address: str) -> bytes:
        wires.append(Wire(server, address))
        return wires[-1].answer


@pytest.mark.voice
def test_a_socket_with_unread_output_is_dropped(server: Server, wires: list[Wire]) -> None:
    before = resident(server)
    wires.append(Wire(server, "127.0.0.24", window=4096))

    def is_cut_off() -> bool:
        # Each response has about 80 KB. More at a time than the tab's queue of database work
        # holds would be rejected.
        with suppress(OSError):
            wires[0].send(2 * frame(b'{"type":"theme.list"}'))
        return wires[0].is_disconnected

    until(is_cut_off, within=60, what="the connection is cut off")
    # Some of it is what the first lists load.
    assert resident(server) - before < 32 * MAX_SEND_BUFFER_BYTES


@pytest.mark.voice
def test_memory_of_closed_tabs_returns_to_the_system(server: Server, wires: list[Wire]) -> None:
    before = resident(server)
    wires += [Wire(server, f"127.0.0.{26 + number % 3}") for number in range(MANY_TABS)]
    took = resident(server) - before
    assert took > MANY_TABS * 10_000
    for wire in wires:
        wire.close()
    until(lambda: resident(server) - before < took / 2, within=30, what="most of it is given back")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that the test advances."""
    at = [1000.0]
    monkeypatch.setattr(LimitedWebSocketProtocol, "clock", staticmethod(lambda: at[0]))
    return at


@pytest.fixture
async def silent(now: list[float]) -> LimitedWebSocketProtocol:
    """An open socket of an application that sends nothing, without a network."""
    return await opened(now)


async def opened(
    now: list[float], address: str = "192.0.2.1", factory: LimitedWebSocketFactory | None = None
) -> LimitedWebSocketProtocol:
    """Open another socket of the same ``factory``."""
    made: LimitedWebSocketProtocol = (factory or idle_factory(now)).buildProtocol(None)
    made._raw_query_string = b""
    transport = StringTransport(peerAddress=IPv4Address("TCP", address, 1))  # type: ignore[no-untyped-call]  # Twisted's
    # As after an upgrade from the HTTP channel.
    transport.registerProducer(object(), True)  # type: ignore[no-untyped-call]
    made.makeConnection(transport)
    made.dataReceived(handshake(80))
    await turn()
    made.transport.clear()
    return made


def idle_factory(now: list[float]) -> LimitedWebSocketFactory:
    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await asyncio.Event().wait()

    server = daphne.server.Server(application, endpoints=["tcp:0"])
    server.connections = {}
    factory = LimitedWebSocketFactory(server)
    factory.traffic = TrafficLimits(clock=lambda: now[0])
    return factory


async def turn() -> None:
    """Run the pending callbacks of the event loop."""
    for _ in range(3):
        await asyncio.sleep(0)


KINDS = [frame(b"", PING), frame(b"", PONG), frame(b"x" * 125, PONG), frame(b"", GOES_ON), frame(b"x", GOES_ON)]


class TestFrames:
    """Frames that never reach the application, counted by the parser."""

    async def send(self, socket: LimitedWebSocketProtocol, kind: bytes, number: int) -> bytes:
        """Return the responses to this many frames in one read."""
        if kind[0] == GOES_ON:
            socket.dataReceived(frame(b"x", BEGINS))
        socket.dataReceived(kind * number)
        for _ in range(number):
            await asyncio.sleep(0)
        said: bytes = socket.transport.value()
        return said

    @pytest.mark.parametrize("kind", KINDS, ids=repr)
    async def test_a_frame_flood_closes_with_1008(self, silent: LimitedWebSocketProtocol, kind: bytes) -> None:
        said = await self.send(silent, kind, int(daphne_websocket.FRAME_BURST) + 1)
        assert said.endswith(bytes([CLOSE, 2]) + struct.pack(">H", POLICY_VIOLATION))
        assert silent.transport.producerState == "paused"
        assert silent.data == b""

    @pytest.mark.parametrize("kind", KINDS, ids=repr)
    async def test_frames_within_the_rate_are_accepted(
        self, silent: LimitedWebSocketProtocol, now: list[float], kind: bytes
    ) -> None:
        said = await self.send(silent, kind, int(daphne_websocket.FRAME_BURST) - 1)
        now[0] += 1
        silent.transport.clear()
        said = await self.send(silent, frame(b"", PONG), int(daphne_websocket.FRAMES_PER_SECOND) - 1)
        assert (said, silent.transport.producerState) == (b"", "producing")

    async def test_parsing_yields_to_the_event_loop_and_pauses_reading(self, silent: LimitedWebSocketProtocol) -> None:
        silent.dataReceived(frame(b"", PING) * (FRAMES_PER_TURN * 2 + 1))
        # The header of the last frame in this turn was already parsed.
        assert silent.transport.value().count(b"\x8a\x00") == FRAMES_PER_TURN - 1
        assert silent.transport.producerState == "paused"
        await turn()
        assert silent.transport.value().count(b"\x8a\x00") == FRAMES_PER_TURN * 2 + 1
        assert silent.transport.producerState == "producing"

    async def test_the_frame_rate_of_an_address_covers_all_its_sockets(
        self, now: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connection_ledger, "FRAME_BURST", 100.0)
        monkeypatch.setattr(connection_ledger, "DELAY_S", 1e-9)
        factory = idle_factory(now)
        alice, again = [await opened(now, factory=factory) for _ in range(2)]
        bob = await opened(now, "192.0.2.2", factory)
        for _ in range(101):
            await self.send(alice, frame(b"", PONG), 1)
        # Frames parsed in one turn are counted at the start of the next.
        await self.send(again, frame(b"", PONG), 1)
        assert (await self.send(again, frame(b"", PING), 1), again.transport.producerState) == (b"", "paused")
        assert await self.send(bob, frame(b"", PING), 1) == b"\x8a\x00"
        now[0] += 1
        await asyncio.sleep(0.01)
        assert again.transport.value() == b"\x8a\x00"

    async def test_compressed_frames_are_rejected(self, silent: LimitedWebSocketProtocol) -> None:
        silent.dataReceived(frame(b"x", COMPRESSED))
        assert silent.transport.disconnecting

    async def test_answers_to_pings_count_as_unread(self, silent: LimitedWebSocketProtocol, now: list[float]) -> None:
        silent._send_buffer.pauseProducing()
        for _ in range(MAX_SEND_BUFFER_BYTES // 127 + 1):
            now[0] += 1
            assert not silent.transport.disconnecting
            silent.dataReceived(frame(b"x" * 125, PING))
        assert silent.transport.disconnecting


class TestIdleTimeout:
    """The idle timeout: a suspended tab reconnects by itself."""

    def sent(self, made: LimitedWebSocketProtocol) -> bytes:
        made.check_timeouts()
        said: bytes = made.transport.value()
        return said

    async def test_an_idle_socket_is_closed_after_ten_minutes(
        self, silent: LimitedWebSocketProtocol, now: list[float]
    ) -> None:
        now[0] += IDLE_TIMEOUT_S
        assert self.sent(silent) == b""
        now[0] += 1
        assert self.sent(silent)[:4] == bytes([CLOSE, 2]) + struct.pack(">H", IDLE_TIMEOUT)

    async def test_a_message_resets_the_idle_timeout(self, silent: LimitedWebSocketProtocol, now: list[float]) -> None:
        now[0] += IDLE_TIMEOUT_S
        silent.dataReceived(frame(b'{"type":"session.ping"}'))
        now[0] += IDLE_TIMEOUT_S
        assert self.sent(silent) == b""
        now[0] += 1
        assert self.sent(silent)[:1] == bytes([CLOSE])


async def test_a_client_may_disconnect_at_any_byte_of_a_frame(now: list[float]) -> None:
    factory = idle_factory(now)
    whole = frame(b'{"type":"speech.create","id":1,"text":"Hello there."}')
    for count in range(len(whole) + 1):
        socket = await opened(now, factory=factory)
        socket.dataReceived(whole[:count])
        socket.connectionLost(Failure(ConnectionDone()))  # type: ignore[no-untyped-call]  # Twisted's
        received = []
        while not socket.application_queue.empty():
            received.append(socket.application_queue.get_nowait()["type"])
        # The application gets a complete message or none, and then the end.
        assert received == ["websocket.receive"] * (count == len(whole)) + ["websocket.disconnect"]
    assert factory.traffic.ledger.size == 0


class TestSending:
    """Frames that the server sends."""

    @pytest.mark.parametrize("size", [1, 125, 126, 0xFFFF, 0x10000])
    @pytest.mark.parametrize("is_binary", [True, False])
    async def test_a_frame_is_the_same_as_autobahns(
        self, silent: LimitedWebSocketProtocol, size: int, *, is_binary: bool
    ) -> None:
        content: bytes | str = b"x" * size if is_binary else "x" * (size - 1) + "."
        for send in (silent.serverSend, super(LimitedWebSocketProtocol, silent).serverSend):
            send(content, is_binary)
        sent = silent.transport.value()
        assert len(sent) > 2 * size
        assert sent[: len(sent) // 2] == sent[len(sent) // 2 :]

    @pytest.fixture
    def connection(self) -> Iterator[tuple[Any, socket.socket]]:
        """A connection whose reactor does nothing by itself, and its client."""
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setblocking(False)
        # Any, because Twisted's classes are only partly typed.
        connect: Any = Connection
        reactor: Any = MemoryReactor
        connection = connect(ours, Protocol(), reactor())
        connection.connected = 1
        yield connection, theirs
        ours.close()
        theirs.close()

    def test_data_is_sent_at_once(self, connection: tuple[Any, socket.socket]) -> None:
        server, client = connection
        daphne_websocket._write(server, b"hello")
        assert client.recv(100) == b"hello"
        assert server.reactor.getWriters() == []

    def test_what_the_socket_does_not_take_is_buffered_in_order(self, connection: tuple[Any, socket.socket]) -> None:
        server, client = connection
        sent = [bytes([number]) * 100_000 for number in range(20)]
        for data in sent:
            daphne_websocket._write(server, data)
        assert server.reactor.getWriters() == [server]
        received = b""
        while len(received) < 2_000_000:
            received += client.recv(1 << 20)
            if server.reactor.getWriters():
                server.doWrite()
        assert received == b"".join(sent)

    def test_a_lost_connection_is_noticed_at_the_next_attempt(self, connection: tuple[Any, socket.socket]) -> None:
        server, client = connection
        client.close()
        daphne_websocket._write(server, b"hello")
        assert server.reactor.getWriters() == [server]
        assert isinstance(server.doWrite(), Exception)
