"""Listens on a TCP or Unix socket, and answers each connection in a task."""

import asyncio
from urllib.parse import urlsplit

from core.limits import registry
from synthesis import runtime
from synthesis.api.dialects.wyoming.connection import Connection
from synthesis.api.dialects.wyoming.events import MAX_BYTES

MAX_CONNECTIONS = registry.MAX_WYOMING_CONNECTIONS.default
"""Of all clients; the policy limits those of each address or account, too."""


class WyomingServer:
    """A server at ``uri``, ``tcp://HOST:PORT`` or ``unix://PATH``, whose clients count as ``account``.

    Raises ``ValueError`` for another ``uri``.
    """

    def __init__(self, uri: str, account: int | None = None) -> None:
        parts = urlsplit(uri)
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path
        if not (parts.scheme == "tcp" and self._host and self._port is not None and not self._path.strip("/")) and not (
            parts.scheme == "unix" and self._path and not parts.netloc
        ):
            raise ValueError(f"{uri!r} is neither tcp://HOST:PORT nor unix:///PATH.")
        self._account = account
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen, and return the address. Raises ``OSError``."""
        if self._host is None:
            self._server = await asyncio.start_unix_server(self._accept, self._path, limit=MAX_BYTES)
            return f"unix://{self._path}"
        self._server = await asyncio.start_server(self._accept, self._host, self._port, limit=MAX_BYTES)
        port = self._server.sockets[0].getsockname()[1]
        return f"tcp://{f'[{self._host}]' if ':' in self._host else self._host}:{port}"

    async def stop(self) -> None:
        """Close the socket and all connections."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= MAX_CONNECTIONS:
            writer.close()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        try:
            with runtime.get_runtime().maintenance.keep_caches_fresh():
                await Connection(reader, writer, peer[0] if isinstance(peer, tuple) else None, self._account).run()
        finally:
            writer.close()
