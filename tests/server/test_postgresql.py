"""Tests a real server with PostgreSQL and Redis: it survives their restarts, and its backups restore."""

import asyncio
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import ClientConnection, connect

from project.configuration.database import parse_database_url, unreachable
from tests.e2e.server import ROOT, Server
from tests.postgres import PASSWORD, PostgresServer

pytestmark = pytest.mark.voice

PREPARE = """
import django; django.setup()
from django.core.management import call_command; call_command("migrate", verbosity=0)
from synthesis.models import LimitPolicyRow, Voice
Voice.objects.create(id="joe", name="Joe", language="en-US", sample_rate=22050, default=True)
LimitPolicyRow.objects.update(requests_per_minute=100000, characters_per_minute=10000000)
"""
SIGN_IN = """
import django; django.setup()
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.create_user("alice"))
print("; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()))
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    made = PostgresServer()
    made.start()
    yield made
    made.stop()


def python(data_dir: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {"DATA_DIR": str(data_dir), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "project.settings"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def served(
    postgres: PostgresServer, redis_url: str, joe_voice_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "voices").mkdir()
    (folder / "voices" / "joe").symlink_to(joe_voice_dir)
    done = python(folder, postgres.url, "-c", PREPARE)
    assert done.returncode == 0, done.stderr
    server = Server(
        folder, folder / "server.log", DATABASE_URL=postgres.url, REDIS_URL=redis_url, DATABASE_CONNECTIONS="2"
    )
    server.start()
    yield server
    server.stop()
    assert PASSWORD not in server.log.read_text()


class Tab:
    """A tab of the real server."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._number = 0

    async def ask(self, type: str, *answers: str, **fields: Any) -> dict[str, Any]:
        self._number += 1
        await self._wire.send(json.dumps({"type": type, "request_id": self._number, **fields}))
        return await self.until(*answers)

    async def until(self, *answers: str) -> dict[str, Any]:
        async with asyncio.timeout(30):
            async for frame in self._wire:
                if isinstance(frame, str) and (message := json.loads(frame))["type"] in answers:
                    return dict(message)
        raise AssertionError(f"closed with {self._wire.close_code}")

    async def save(self, number: int) -> str:
        made = await self.ask(
            "theme.create", "theme.saved", "error", id=f"00000000-0000-4000-8000-{number:012}", source="ocean-dark"
        )
        return str(made.get("code", made["type"]))


def tab(server: Server) -> connect:
    return connect(f"ws://127.0.0.1:{server.port}/ws/terminal/", compression=None, proxy=None, max_size=None)


async def test_speech_and_themes_survive_a_restart_of_postgresql(served: Server, postgres: PostgresServer) -> None:
    async with tab(served) as wire:
        alice = Tab(wire)
        assert await alice.save(1) == "theme.saved"
        postgres.stop()
        # A voice in memory speaks without the database.
        await wire.send(json.dumps({"type": "speech.create", "id": 1, "text": "Hello, alice.", "voice": "joe"}))
        assert (await alice.until("speech.done", "error"))["type"] == "speech.done"
        assert await alice.save(2) == "storage_unavailable"
        postgres.start()
        assert await alice.save(3) == "theme.saved"
    themes = "SELECT count(*) FROM themes_theme WHERE id::text LIKE '00000000-%'"
    assert postgres.query(themes) == "2"


async def test_open_streams_hold_no_connection(served: Server) -> None:
    """As many visitors' streams as DATABASE_CONNECTIONS, whose clients do not read, leave connections to others."""
    text = "A long sentence that takes a while to say, so that the server is still sending it. " * 10
    body = urlencode({"text": text, "voice": "joe"}).encode()
    head = f"POST /speech.wav HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nOrigin: http://127.0.0.1:{served.port}\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    writers = []
    for _ in range(2):
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1024)
        writer.write(head.encode() + body)
        assert b"200" in await reader.readline()
        writers.append(writer)
    async with tab(served) as wire:
        assert await Tab(wire).save(4) == "theme.saved"
    for writer in writers:
        writer.close()


def test_speech_of_signed_in_browsers_holds_no_connection(served: Server, postgres: PostgresServer) -> None:
    """Twice as many concurrent requests as DATABASE_CONNECTIONS, and requests after a restart of PostgreSQL."""
    signed_in = python(served.data_dir, postgres.url, "-c", SIGN_IN)
    assert signed_in.returncode == 0, signed_in.stderr
    cookie = {"Cookie": signed_in.stdout.strip()}
    form = urlencode({"text": "Hello, alice. " * 20, "voice": "joe"}).encode()
    speech = json.dumps({"input": "Hello, alice.", "voice": "joe"}).encode()
    origin = {"Origin": served.url.rstrip("/")}
    saved = urllib.request.Request(f"{served.url}speech.wav", form, {**cookie, **origin})  # noqa: S310 - our own
    api = urllib.request.Request(  # noqa: S310 - our own
        f"{served.url}v1/audio/speech", speech, {**cookie, **origin, "Content-Type": "application/json"}
    )
    for requests in ([saved] * 4, [api] * 4):
        assert statuses(requests) == [200] * 4
    postgres.stop()
    postgres.start()
    assert statuses([api, saved]) == [200, 200]


def statuses(requests: list[urllib.request.Request]) -> list[int]:
    """Send requests at the same time, and return the statuses of their responses."""

    def status(request: urllib.request.Request) -> int:
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - our own
                response.read()
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(status, requests))


def test_pages_are_served_with_two_connections(served: Server, postgres: PostgresServer) -> None:
    for _ in range(10):
        with urllib.request.urlopen(f"{served.url}accounts/sign-in/", timeout=20) as page:  # noqa: S310 - our own
            assert page.status == 200
    open_now = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'alphanumeric'"
    assert 1 <= int(postgres.query(open_now)) <= 2


def test_a_backup_of_the_running_server_restores(served: Server, postgres: PostgresServer, tmp_path: Path) -> None:
    done = python(served.data_dir, postgres.url, "manage.py", "backup", str(tmp_path / "backups"))
    assert done.returncode == 0, done.stderr
    folder = done.stdout.strip()
    running = python(tmp_path / "new", postgres.url, "manage.py", "restore", folder, "--overwrite")
    assert (running.returncode, "Stop the servers" in running.stderr) == (1, True)
    served.stop()
    before = postgres.query("SELECT count(*) FROM themes_theme")
    postgres.query("DELETE FROM themes_theme; CREATE TABLE of_a_newer_version (id int)")
    refused = python(tmp_path / "new", postgres.url, "manage.py", "restore", folder)
    assert (refused.returncode, "Add --overwrite" in refused.stderr) == (1, True)
    restored = python(tmp_path / "new", postgres.url, "manage.py", "restore", folder, "--overwrite")
    assert restored.returncode == 0, restored.stderr
    assert postgres.query("SELECT count(*) FROM themes_theme") == before
    assert postgres.query("SELECT to_regclass('of_a_newer_version')") == ""
    kept = re.search(r"previous data is in (\S+)\.", restored.stdout)
    assert kept
    assert (Path(kept[1]) / "database.dump").stat().st_size > 0
    other = python(tmp_path / "other", "", "manage.py", "restore", folder)
    assert (other.returncode, "DATABASE_URL=postgresql" in other.stderr) == (1, True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda url: re.sub(r":\d+/", ":1/", url), "Start PostgreSQL there"),
        (lambda url: re.sub(r"made.*@", "wrong@", url), "Correct the user or the password"),
        (lambda url: re.sub(r"/terminal$", "/absent", url), "Create it, or correct its name"),
        (lambda url: url.replace("127.0.0.1", "name.invalid"), "Correct the host"),
    ],
)
def test_an_unreachable_database_is_one_sentence(postgres: PostgresServer, change: Any, sentence: str) -> None:
    line = unreachable(parse_database_url(change(postgres.url)))
    assert line
    assert sentence in line
    assert "\n" not in line
    assert PASSWORD not in line


def test_serve_stops_with_the_sentence(tmp_path: Path) -> None:
    done = python(tmp_path, "postgresql://alice@127.0.0.1:1/terminal", "manage.py", "serve")
    assert done.returncode == 1
    assert "Start PostgreSQL there" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
