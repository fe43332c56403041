"""Tabs of one owner on real WebSockets, limited to themes."""

import asyncio
import http.client
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.report import NotMeasuredError
from benchmarks.server import HOST, Server

PATIENCE_S = 20.0


def visitor(server: Server) -> str:
    """Return the cookie of a new visitor. Raises ``NotMeasuredError``."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=10)
    connection.request("GET", "/")
    cookie = connection.getresponse().getheader("Set-Cookie")
    connection.close()
    if cookie is None:
        raise NotMeasuredError("the page set no cookie")
    return cookie.split(";")[0]


class Tab:
    """One tab: its latest theme state, and the changes that it sends."""

    def __init__(self, socket: ClientConnection, snapshot: dict[str, Any]) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        self.theme: dict[str, Any] = snapshot["theme"]
        self.arrived = time.perf_counter()
        self.largest_push = 0
        self.pushes = 0
        self.saved: dict[int, int] = {}

    async def change(self, type_: str, **fields: Any) -> int:
        """Send a change. Returns its number."""
        number = next(self._numbers)
        await self._socket.send(json.dumps({"type": type_, "request_id": number, **fields}))
        return number

    async def revision_of(self, number: int) -> int:
        """Return the revision under which a change was saved."""
        await self._until(lambda: number in self.saved)
        return self.saved[number]

    async def at(self, revision: int) -> None:
        """Wait for a state of at least that revision."""
        await self._until(lambda: self.theme["revision"] >= revision)

    async def _until(self, so: Any) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not so():
                self._news.clear()
                await self._news.wait()

    async def follow(self) -> None:
        """Receive messages until the socket closes."""
        async for frame in self._socket:
            message = json.loads(frame)
            if message["type"] == "theme.changed":
                self.arrived = time.perf_counter()
                self.pushes += 1
                self.largest_push = max(self.largest_push, len(frame))
                if message["revision"] > self.theme["revision"]:
                    self.theme = message
            elif message["type"] == "theme.saved":
                self.saved[message["request_id"]] = message["revision"]
            elif message["type"] == "error":
                raise NotMeasuredError(f"{message['code']}: {message['message']}")
            self._news.set()


@asynccontextmanager
async def tab(server: Server, cookie: str) -> AsyncIterator[Tab]:
    """Yield an open tab of the owner with that cookie."""
    async with connect(server.socket_url, additional_headers={"Cookie": cookie}, max_size=None) as socket:
        opened = Tab(socket, json.loads(await socket.recv()))
        following = asyncio.create_task(opened.follow())
        try:
            yield opened
        finally:
            following.cancel()
