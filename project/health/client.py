"""A small blocking HTTP and websocket client, without packages that are only installed for development."""

import base64
import http.client
import json
import os
import socket
import ssl
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

MAX_FRAME_BYTES = 16 * 1024 * 1024
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10


class UnhealthyError(Exception):
    """A check failed; the message says what was observed."""


@dataclass(frozen=True, slots=True)
class Target:
    """The server to check. ``headers`` are those that its proxy would add."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 20.0

    @property
    def parts(self) -> SplitResult:
        """Return the parts of the URL."""
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        """Return the value of the header ``Host``."""
        return self.headers.get("Host", self.parts.netloc)

    def path(self, name: str) -> str:
        """Return the path of a page, below the path of the URL."""
        return self.parts.path.rstrip("/") + name

    def connect(self) -> socket.socket:
        """Open a connection, with TLS for https. Raises ``OSError``."""
        secure = self.parts.scheme == "https"
        host = self.parts.hostname or ""
        opened = socket.create_connection((host, self.parts.port or (443 if secure else 80)), self.timeout_s)
        return ssl.create_default_context().wrap_socket(opened, server_hostname=host) if secure else opened


def get(target: Target, name: str) -> tuple[int, str]:
    """Return status and body of a page; redirects are not followed. Raises ``UnhealthyError``."""
    connection = http.client.HTTPConnection(target.parts.hostname or "", timeout=target.timeout_s)
    try:
        connection.sock = target.connect()
        connection.request(
            "GET", target.path(name), headers={"Host": target.host, "Accept": "text/html", **target.headers}
        )
        response = connection.getresponse()
        location = response.headers.get("Location")
        body = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise UnhealthyError(f"GET {name}: {error or type(error).__name__}") from None
    finally:
        connection.close()
    if location:
        raise UnhealthyError(f"GET {name}: status {response.status}, redirected to {location}. Pass that URL: --url")
    return response.status, body


class Tab:
    """A websocket as a tab has it (RFC 6455). Raises ``UnhealthyError`` for every failure. Use it in ``with``."""

    def __init__(self, target: Target) -> None:
        try:
            self._socket = target.connect()
            self._file = self._socket.makefile("rb")
            self._handshake(target)
        except OSError as error:
            raise UnhealthyError(f"the websocket does not connect: {error or type(error).__name__}") from None

    def __enter__(self) -> "Tab":
        """Return the tab."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()

    def send(self, type: str, **fields: Any) -> None:  # noqa: A002 - the protocol's name
        """Send a control message."""
        self._send_frame(_TEXT, json.dumps({"type": type, **fields}).encode())

    def receive(self) -> dict[str, Any] | bytes:
        """Return the next control message, or the next audio frame as bytes."""
        while True:
            try:
                code, payload = self._read_frame()
            except OSError as error:
                raise UnhealthyError(f"the websocket gave no answer: {error or type(error).__name__}") from None
            if code == _PING:
                self._send_frame(_PONG, payload)
            elif code == _CLOSE:
                reason = payload[2:].decode(errors="replace")
                raise UnhealthyError(
                    f"the server closed the websocket: {int.from_bytes(payload[:2])} {reason}".rstrip()
                )
            elif code == _BINARY:
                return payload
            elif code == _TEXT:
                return dict(json.loads(payload))

    def expect(self, *types: str) -> dict[str, Any]:
        """Return the next message of one of these types. An ``error`` message is a failure."""
        while True:
            message = self.receive()
            if isinstance(message, bytes):
                continue
            if message["type"] == "error":
                raise UnhealthyError(f"{message['code']}: {message['message']}")
            if message["type"] in types:
                return message

    def _handshake(self, target: Target) -> None:
        path, scheme = target.path("/ws/terminal/"), target.parts.scheme
        headers = {
            "Host": target.host,
            **target.headers,
            "Origin": f"{target.headers.get('X-Forwarded-Proto', scheme)}://{target.host}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._socket.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
        status = self._file.readline(4096).decode(errors="replace").strip()
        while self._file.readline(8192).strip():
            pass
        if " 101 " not in f"{status} ":
            raise UnhealthyError(f"the websocket handshake was answered with: {status or 'nothing'}")

    def _send_frame(self, code: int, payload: bytes) -> None:
        mask = os.urandom(4)
        size = len(payload)
        length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        try:
            self._socket.sendall(bytes([0x80 | code]) + length + mask + masked)
        except OSError as error:
            raise UnhealthyError(f"the websocket is broken: {error}") from None

    def _read_frame(self) -> tuple[int, bytes]:
        """Return opcode and payload. The server sends no fragments, and masks nothing."""
        first, second = self._read(2)
        size = second & 0x7F
        if size == 126:
            size = int.from_bytes(self._read(2))
        elif size == 127:
            size = int.from_bytes(self._read(8))
        if size > MAX_FRAME_BYTES:
            raise UnhealthyError(f"the server sent a frame of {size} bytes")
        return first & 0x0F, self._read(size)

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise UnhealthyError("the server closed the connection")
        return data
