"""A locked, read-only or full database: speech continues, and saving fails with ``storage_unavailable``."""

import asyncio
import json
import sqlite3
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import websockets
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from core.errors import RETRY_S, StorageUnavailableError
from core.storage.cached import Cached
from core.storage.database import START_S, _Executor
from synthesis.runtime import Runtime
from terminal.socket.work_queue import WAITING, WorkQueue
from tests.e2e.server import DATABASE, HOST, Server, copy_installation
from tests.terminal.socket_client import HEADER, tab
from tests.terminal.test_theme_session import cookie, saved
from tests.themes.users import ALICE, plain, publish
from themes.store.services import MAX_THEMES_PER_OWNER

LATEST_S = 12.0
"""Seconds until a rejection: 5 s for SQLite's lock, and 5 s for a thread."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, joe_voice_dir: Path) -> Iterator[Server]:
    """A server for this module only, which changes its database."""
    folder = tmp_path_factory.mktemp("storage")
    copy_installation(folder, joe_voice_dir)
    made = Server(folder, folder / "server.log")
    made.start()
    yield made
    made.stop()


@contextmanager
def another_process(server: Server) -> Iterator[sqlite3.Connection]:
    """Open a database connection in another process than the server."""
    with closing(sqlite3.connect(server.data_dir / DATABASE, isolation_level=None)) as database:
        yield database


@contextmanager
def locked(server: Server, how: str) -> Iterator[None]:
    """Hold the write lock."""
    with another_process(server) as database:
        database.execute(f"BEGIN {how}")
        try:
            yield
        finally:
            database.execute("ROLLBACK")


class Socket:
    """A tab of the real server."""

    def __init__(self, wire: Any) -> None:
        self._wire = wire
        self._id = 0

    async def send(self, type: str, **fields: Any) -> None:
        await self._wire.send(json.dumps({"type": type, **fields}))

    async def until(self, *types: str) -> dict[str, Any]:
        """Return the next control message of one of these types."""
        while True:
            frame = await asyncio.wait_for(self._wire.recv(), LATEST_S + 10)
            if isinstance(frame, str):
                message: dict[str, Any] = json.loads(frame)
                if message["type"] in types:
                    return message

    async def first_audio_s(self) -> float:
        """Return the seconds from a request to its first audio."""
        self._id += 1
        began = time.monotonic()
        await self.send("speech.create", id=self._id, text="Hello there.")
        while True:
            frame = await asyncio.wait_for(self._wire.recv(), 30)
            if isinstance(frame, str):
                message = json.loads(frame)
                assert message["type"] != "error" or "request_id" in message, message
            elif HEADER.unpack_from(frame)[3] == self._id:
                waited = time.monotonic() - began
                # Unplayed audio exhausts the credit for the following texts.
                await self.send("speech.cancel", id=self._id)
                await self.until("speech.cancelled")
                return waited

    async def save(self, change: int) -> dict[str, Any]:
        """Try to save a theme, and return the response."""
        await self.send("theme.create", id=str(uuid.uuid4()), theme=plain().to_dict(), request_id=change)
        while (answer := await self.until("theme.saved", "error")).get("request_id") != change:
            pass
        return answer


@asynccontextmanager
async def socket(server: Server) -> AsyncIterator[Socket]:
    async with websockets.connect(f"ws://{HOST}:{server.port}/ws/terminal/", max_size=None) as wire:
        made = Socket(wire)
        await made.until("session.created")
        yield made


@pytest.mark.voice
@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
async def test_a_database_lock_does_not_delay_speech_and_a_theme_write_times_out(served: Server, how: str) -> None:
    async with socket(served) as alice, socket(served) as bob:
        await alice.first_audio_s()
        await bob.first_audio_s()
        with locked(served, how):
            began = time.monotonic()
            saving = asyncio.create_task(alice.save(1))
            await asyncio.sleep(0)
            spoken = [await bob.first_audio_s() for _ in range(8)]
            refused = await saving
            waited = time.monotonic() - began
            # Meanwhile, the tab that saves also speaks, and a new tab can connect.
            await alice.send("theme.create", id=str(uuid.uuid4()), theme=plain().to_dict(), request_id=2)
            own = await alice.first_audio_s()
            async with socket(served) as charlie:
                late = await charlie.first_audio_s()
        assert (refused["type"], refused["code"], refused["request_id"]) == ("error", "storage_unavailable", 1)
        assert refused["retry_after"] == 5
        assert waited < LATEST_S
        assert max(*spoken, own, late) < START_S, (spoken, own, late)
        assert (await alice.save(3))["type"] == "theme.saved"


@asynccontextmanager
async def spoiled(pragma: str, undone: str) -> AsyncIterator[None]:
    """Make the serving thread's database connection read-only, or full."""

    def execute(pragma: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {pragma}")

    await database_sync_to_async(execute)(pragma)
    try:
        yield
    finally:
        await database_sync_to_async(execute)(undone)


@pytest.mark.parametrize(
    ("pragma", "undone"),
    [
        ("query_only=ON", "query_only=OFF"),
        # SQLite does not go below the current size: writes that need another page fail.
        ("max_page_count=1", "max_page_count=1000000"),
    ],
    ids=["read-only", "full"],
)
@pytest.mark.django_db(transaction=True)
async def test_a_failed_save_is_rejected_and_speech_continues(
    runtime_with_voice: Runtime, pragma: str, undone: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with spoiled(pragma, undone), tab(cookie=cookie(ALICE)) as alice:
        for change in range(1, MAX_THEMES_PER_OWNER):
            await alice.send("theme.create", id=str(uuid.uuid4()), theme=plain().to_dict(), request_id=change)
            while (answer := await alice.control())["type"] not in ("theme.saved", "error"):
                pass
            if answer["type"] == "error":
                break
        assert (answer["code"], answer["request_id"]) == ("storage_unavailable", change)
        assert answer["retry_after"] == RETRY_S
        await alice.send("speech.create", id=1, text="Hello.")
        await alice.until("speech.done", id=1)
    assert "Traceback" not in caplog.text
    async with tab(cookie=cookie(ALICE)) as alice:
        await saved(alice, 1, type="theme.create", id=str(uuid.uuid4()), theme=plain().to_dict())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/themes/new", "/accounts/sign-in/"])
@pytest.mark.parametrize(("accept", "media_type"), [("text/html", "text/html"), ("*/*", "application/json")])
def test_a_failed_save_of_a_page_has_retry_after(
    path: str, accept: str, media_type: str, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    publish("ocean-dark")
    User.objects.create_user("alice", password="down the rabbit hole")
    client = Client(raise_request_exception=False, headers={"Accept": accept})
    client.get("/themes/")
    fields = {"source": "ocean-dark", "username": "alice", "password": "down the rabbit hole"}
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only=ON")
        try:
            answer = client.post(path, fields)
        finally:
            cursor.execute("PRAGMA query_only=OFF")
    assert (answer.status_code, answer["Retry-After"]) == (503, str(RETRY_S))
    assert answer["Content-Type"].startswith(media_type)
    assert "Traceback" not in caplog.text
    if media_type == "application/json":
        assert answer.json()["error"]["code"] == "storage_unavailable"
    else:
        assert f"try again in {RETRY_S} s" in answer.text


async def test_a_stale_value_is_served_during_revalidation() -> None:
    now, go, values = 0.0, asyncio.Event(), iter(["first", "second", "third"])

    async def slow() -> str:
        value = next(values)
        if value == "second":
            await go.wait()
        return value

    cached = Cached(slow, 1.0, lambda: now)
    assert await cached.get() == "first"
    now = 1.0
    assert [await cached.get() for _ in range(3)] == ["first"] * 3
    go.set()
    await asyncio.sleep(0)
    assert await cached.get() in ("first", "second")
    now = 2.0
    assert await cached.get() == "third"


async def test_a_stale_value_is_served_if_the_database_fails() -> None:
    now, failing = 0.0, False

    async def read() -> int:
        if failing:
            raise StorageUnavailableError
        return round(now)

    cached = Cached(read, 1.0, lambda: now)
    assert await cached.get() == 0
    now, failing = 5.0, True
    assert [await cached.get(), await cached.get()] == [0, 0]
    failing = False
    # The failed read is not awaited again; the next successful read is used.
    await cached.refresh()
    assert await cached.get() == 5
    failing = True
    with pytest.raises(StorageUnavailableError):
        await Cached(read, 1.0, lambda: now).get()


async def test_the_database_queue_is_bounded(settings: Any) -> None:
    settings.DATABASE_IN_ONE_THREAD = False
    executor, hold = _Executor("test", threads=1, waiting=1), threading.Event()
    begun = [asyncio.create_task(executor.run(hold.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(StorageUnavailableError):
        await executor.run(hold.wait)
    hold.set()
    assert await asyncio.gather(*begun) == [True, True]


async def test_queued_database_work_times_out(settings: Any) -> None:
    settings.DATABASE_IN_ONE_THREAD = False
    now, begun, hold = 0.0, threading.Event(), threading.Event()

    def first() -> bool:
        begun.set()
        return hold.wait(10)

    executor = _Executor("test", threads=1, waiting=4, clock=lambda: now)
    running = asyncio.create_task(executor.run(first))
    await asyncio.to_thread(begun.wait, 10)
    late = asyncio.create_task(executor.run(lambda: "written"))
    await asyncio.sleep(0)
    now = START_S + 1
    hold.set()
    assert await running
    with pytest.raises(StorageUnavailableError):
        await late


async def test_the_work_queue_of_a_tab_is_bounded() -> None:
    failures: list[Exception] = []

    async def failed(error: Exception) -> None:
        failures.append(error)

    hold, done = asyncio.Event(), []

    async def work(number: int) -> None:
        await hold.wait()
        done.append(number)

    queue = WorkQueue(failed)
    for number in range(WAITING):
        queue.put(partial(work, number))
    with pytest.raises(StorageUnavailableError):
        queue.put(partial(work, WAITING))
    hold.set()
    await asyncio.wait_for(queue._task or asyncio.sleep(0), 10)
    assert (done, failures) == (list(range(WAITING)), [])
