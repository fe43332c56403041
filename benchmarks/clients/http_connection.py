"""A minimal HTTP/1.1 client that yields a response's body as it arrives, so that its bytes can be timed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

LARGEST_READ = 64 * 1024


class HttpConnection:
    """One TCP connection, for one request after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    async def post(
        self, path: str, body: bytes, media_type: str = "application/json", read_bytes: int = LARGEST_READ
    ) -> AsyncIterator[bytes]:
        """Yield the response's body as it arrives, at most ``read_bytes`` at a time.

        Raises ``ValueError`` with the status line if the status is not 200, or ``EOFError`` if the server closes.
        """
        head = (f"POST {path} HTTP/1.1", f"Host: {self._host}", f"Content-Type: {media_type}")
        self._writer.write("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        if " 200 " not in status:
            raise ValueError(status)
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if fields.get("transfer-encoding") == "chunked":
            while size := int(await self._reader.readline(), 16):
                async for part in self._exactly(size, read_bytes):
                    yield part
                await self._reader.readline()
            await self._reader.readline()
        else:
            async for part in self._exactly(int(fields["content-length"]), read_bytes):
                yield part

    async def _exactly(self, size: int, read_bytes: int) -> AsyncIterator[bytes]:
        while size:
            part = await self._reader.read(min(size, read_bytes))
            if not part:
                raise EOFError("the server closed the connection")
            size -= len(part)
            yield part


@asynccontextmanager
async def connected(
    url: str, receive_bytes: int | None = None, source: str | None = None
) -> AsyncIterator[HttpConnection]:
    """Yield a new connection to the server of ``url``, from the address ``source``.

    ``receive_bytes`` limits the system's receive buffer. With the default buffer of some megabytes, a server would
    notice no slow reader.
    """
    address = urlsplit(url)
    raw = socket.socket()
    raw.setblocking(False)  # noqa: FBT003 - the name of the socket's method says it
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if receive_bytes:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    if source:
        raw.bind((source, 0))
    try:
        await asyncio.get_running_loop().sock_connect(raw, (address.hostname, address.port))
    except BaseException:
        raw.close()
        raise
    reader, writer = await asyncio.open_connection(sock=raw, limit=receive_bytes or LARGEST_READ)
    try:
        yield HttpConnection(reader, writer, address.netloc)
    finally:
        writer.close()
