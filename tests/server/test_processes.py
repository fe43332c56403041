"""Two serving processes with Redis: one port, shared limits, and speech that survives a crash."""

import asyncio
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidMessage

from tests.e2e.server import DATABASE, Server, copy_installation
from tests.e2e.waits import until

pytestmark = pytest.mark.voice
HEADER = struct.Struct("<BBHIII")
ROOT = Path(__file__).parents[2]
BOB = "127.0.0.2"
"""An address of its own, because rate limits count the requests of the other tests by address."""
TEXT = "The river runs past the old mill and the tall trees. " * 6


@pytest.fixture(scope="module")
def server(joe_voice_dir: Path, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run two processes, each on half of the cores; the last test stops them."""
    folder = tmp_path_factory.mktemp("processes")
    copy_installation(folder, joe_voice_dir)
    server = Server(folder, folder / "log", REDIS_URL=redis_url, SERVER_PROCESSES="2")
    server.start()
    until(lambda: len(ready(server)) == 2, within=60, what="both processes can speak")
    yield server
    server.stop()
    unexpected = [line for line in server.complaints().splitlines() if "exited with code -9" not in line]
    assert unexpected == []


def allow(server: Server, *, requests: int) -> None:
    with closing(sqlite3.connect(server.data_dir / DATABASE)) as database:
        database.execute("UPDATE synthesis_limitpolicyrow SET requests_per_minute = ?", [requests])
        database.commit()


def visitor(server: Server) -> str:
    """Return the cookie of a new visitor."""
    with urllib.request.urlopen(server.url, timeout=5) as page:  # noqa: S310 - our own server
        return str(page.headers["Set-Cookie"]).split(";")[0]


def processes(server: Server) -> list[dict[str, Any]]:
    """Return the rows of ``/readyz``; retries if the process that accepted the connection exits."""
    try:
        return _processes(server)
    except (ConnectionError, urllib.error.URLError):
        return _processes(server)


def _processes(server: Server) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{server.url}readyz", timeout=5) as answer:  # noqa: S310 - our own server
        rows: list[dict[str, Any]] = json.loads(answer.read())["processes"]
        return rows


def ready(server: Server) -> list[int]:
    return [row["pid"] for row in processes(server) if row["state"] == "ready"]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def tab(server: Server, **options: Any) -> connect:
    return connect(f"ws://127.0.0.1:{server.port}/ws/terminal/", compression=None, proxy=None, **options)


def pid_of(socket_: ClientConnection, pids: list[int]) -> int:
    """Return the process id at the other end of a connection."""
    port = socket_.local_address[1]
    for pid in pids:
        # Addresses are empty tuples for sockets that are not connected.
        links = psutil.Process(pid).net_connections("tcp4")
        if any(link.raddr and link.raddr[1] == port for link in links):
            return pid
    raise AssertionError(f"no process holds the connection from port {port}")


async def reconnect(server: Server) -> ClientConnection:
    """Connect, with retries like the page: pending connections of the killed process are reset."""
    while True:
        try:
            return await tab(server)
        except (OSError, InvalidMessage):
            await asyncio.sleep(0.05)


async def in_both(stack: AsyncExitStack, server: Server, pids: list[int], **options: Any) -> list[ClientConnection]:
    """Open a tab in each process; the kernel distributes connections, so a few tries suffice."""
    found: dict[int, ClientConnection] = {}
    for _ in range(40):
        socket_ = await stack.enter_async_context(tab(server, **options))
        found.setdefault(pid_of(socket_, pids), socket_)
        if len(found) == 2:
            return list(found.values())
    raise AssertionError("all connections went to one process")


async def message(socket_: ClientConnection, type_: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        async for frame in socket_:
            if isinstance(frame, str) and (got := json.loads(frame))["type"] == type_:
                found: dict[str, Any] = got
                return found
    raise AssertionError(f"no {type_}")


async def listen(
    socket_: ClientConnection, *, until_sample: int | None = None, start: int = 0, began: asyncio.Event | None = None
) -> bytes:
    """Return the PCM of an utterance from sample ``start``, and report it as played."""
    await socket_.send(json.dumps({"type": "speech.create", "id": 1, "text": TEXT, "voice": "joe", "start": start}))
    pcm = b""
    async with asyncio.timeout(60):
        async for frame in socket_:
            if isinstance(frame, bytes):
                pcm += frame[HEADER.size :]
                at = start + len(pcm) // 2
                if began is not None:
                    began.set()
                if until_sample is not None and at >= until_sample:
                    return pcm
                await socket_.send(json.dumps({"type": "speech.played", "id": 1, "sample": at}))
            elif json.loads(frame)["type"] == "speech.done":
                return pcm
    raise AssertionError("it did not end")


async def test_speech_resumes_after_a_process_is_killed(server: Server) -> None:
    pids = ready(server)
    async with tab(server) as alice:
        before = await listen(alice, until_sample=44_100)
        _kill(pid_of(alice, pids))
        async with asyncio.timeout(30), await reconnect(server) as again:
            await message(again, "session.created")
            rest = await listen(again, until_sample=66_150, start=len(before) // 2)
    async with tab(server) as bob:
        whole = await listen(bob, until_sample=66_150)
    heard = before + rest
    pairs = zip(memoryview(heard).cast("h"), memoryview(whole).cast("h"), strict=False)
    assert max(abs(one - other) for one, other in pairs) <= 1
    until(lambda: len(ready(server)) == 2, within=60, what="the killed process was replaced")


def quota(server: Server) -> tuple[int, int]:
    """Return the used requests of ``BOB``, and the seconds until the window resets."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10, source_address=(BOB, 0))
    connection.request("POST", "/v1/audio/speech", body=b"{}", headers={"Content-Type": "application/json"})
    headers = connection.getresponse().headers
    connection.close()
    found = re.search(r"q=(\d+)", headers["RateLimit-Policy"]), re.search(r"t=(\d+)", headers["RateLimit"])
    assert found[0]
    assert found[1]
    return int(found[0][1]), int(found[1][1])


async def test_limits_are_exact_over_processes(server: Server) -> None:
    allow(server, requests=40)
    until(lambda: all(quota(server)[0] == 40 for _ in range(12)), what="both processes have read the new limit")
    until(lambda: quota(server)[1] > 10, within=15, what="the minute is long enough")
    pids = ready(server)
    async with AsyncExitStack() as stack:
        tabs = await in_both(stack, server, pids, local_addr=(BOB, 0))
        accepted = 0
        for number in range(60):
            socket_ = tabs[number % 2]
            await socket_.send(json.dumps({"type": "speech.create", "id": number + 1, "text": "Hi.", "start": 10**6}))
        for socket_ in tabs:
            for _ in range(30):
                async with asyncio.timeout(20):
                    async for frame in socket_:
                        kind = json.loads(frame)["type"] if isinstance(frame, str) else ""
                        if kind in ("speech.queued", "error"):
                            accepted += kind == "speech.queued"
                            break
    assert accepted == 40
    allow(server, requests=100_000)


async def test_a_theme_change_reaches_the_other_process(server: Server) -> None:
    pids = ready(server)
    async with AsyncExitStack() as stack:
        one, other = await in_both(stack, server, pids, additional_headers={"Cookie": visitor(server)})
        await message(other, "session.created")
        await one.send(json.dumps({"type": "theme.set", "request_id": 1, "mode": "light"}))
        assert (await message(other, "theme.changed"))["mode"] == "light"


async def test_a_rolling_restart_rejects_no_connection(server: Server) -> None:
    before = set(ready(server))
    os.kill(server.pid, signal.SIGHUP)
    tries = 0
    while set(ready(server)) & before or len(ready(server)) != 2:
        async with asyncio.timeout(30), tab(server) as alice:
            await message(alice, "session.created")
        tries += 1
        # Fewer handshakes a second than one address may make.
        await asyncio.sleep(0.05)
    assert tries


def test_several_processes_need_redis(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "SERVER_PROCESSES": "2", "REDIS_URL": ""}
    environment["DJANGO_SETTINGS_MODULE"] = "project.settings"
    command = [sys.executable, "manage.py", "serve"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 1
    assert result.stderr.strip().startswith("CommandError: SERVER_PROCESSES=2 needs REDIS_URL")


def test_a_port_in_use_is_reported_in_one_sentence(tmp_path: Path, redis_url: str, joe_voice_dir: Path) -> None:
    copy_installation(tmp_path, joe_voice_dir)
    with socket.create_server(("127.0.0.1", 0)) as other:
        environment = {
            **os.environ,
            "DATA_DIR": str(tmp_path),
            "SERVER_PROCESSES": "2",
            "REDIS_URL": redis_url,
            "PORT": str(other.getsockname()[1]),
            "DJANGO_SETTINGS_MODULE": "project.settings",
        }
        command = [sys.executable, "manage.py", "serve"]
        result = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
    assert result.returncode == 1
    assert "is in use or not permitted" in result.stderr.splitlines()[-1]


async def test_a_stop_lets_speech_finish_and_leaves_one_whole_database_file(server: Server) -> None:
    async with tab(server) as alice, tab(server) as bob:
        await message(bob, "session.created")
        began = asyncio.Event()
        speaking = asyncio.create_task(listen(alice, began=began))
        await asyncio.wait([speaking, asyncio.ensure_future(began.wait())], return_when=asyncio.FIRST_COMPLETED)
        os.kill(server.pid, signal.SIGTERM)
        async with asyncio.timeout(5):
            await bob.wait_closed()
        assert bob.close_code == 1001
        assert len(await speaking) > 15 * 44_100
    until(lambda: not server.running, within=20, what="the server has stopped")
    assert not server.data_dir.joinpath(f"{DATABASE}-wal").exists() or not (
        server.data_dir.joinpath(f"{DATABASE}-wal").stat().st_size
    )
