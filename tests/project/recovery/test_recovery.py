"""Rehearses a recovery: back up under load, destroy, restore, check; and a rollback to an earlier version."""

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from pytest_django import Settings
from websockets.asyncio.client import connect

from project.health.checks import Bounds, _within
from project.health.client import UnhealthyError
from project.management.commands.health_check import address
from tests.e2e.server import DATABASE, ROOT, Server, copy_installation

PACKAGES = (
    *("accounts", "core", "documents", "feedback", "manual", "monitoring", "project", "pronunciation", "synthesis"),
    *("terminal", "themes", "docs", "scripts", "static", "templates"),
)


def manage(data_dir: Path, *arguments: str, cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    own = {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "project.settings", **settings}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=cwd, env={**os.environ, **own}, capture_output=True, text=True, check=False)


@pytest.mark.voice
async def test_back_up_under_load_destroy_restore_and_check(joe_voice_dir: Path, tmp_path: Path) -> None:
    data_dir, backups = tmp_path / "data", tmp_path / "backups"
    data_dir.mkdir()
    copy_installation(data_dir, joe_voice_dir)
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.settimeout(60)
    server = Server(data_dir, tmp_path / "server.log", NOTIFY_SOCKET=str(tmp_path / "notify"))
    server.start()
    with manager:
        # systemd's view of the start.
        while manager.recv(500) != b"READY=1":
            pass
    url = f"ws://127.0.0.1:{server.port}/ws/terminal/"
    async with connect(url, compression=None, proxy=None, max_size=None) as alice:
        text = "The server speaks while it is backed up. " * 10
        await alice.send(json.dumps({"type": "speech.create", "id": 1, "text": text, "voice": "joe"}))
        made = await asyncio.to_thread(manage, data_dir, "backup", str(backups), "--include-key")
        assert made.returncode == 0, made.stderr
    server.kill()
    shutil.rmtree(data_dir)
    restored = manage(data_dir, "restore", made.stdout.strip())
    assert restored.returncode == 0, restored.stderr
    server.start()
    try:
        wide = ["--max-page-s", "60", "--max-first-audio-s", "60", "--max-theme-s", "60"]
        checked = manage(data_dir, "health_check", "--json", *wide, PORT=str(server.port))
        assert checked.returncode == 0, checked.stdout + checked.stderr
        report = json.loads(checked.stdout)
        assert {check["name"]: check["ok"] for check in report["checks"]} == dict.fromkeys(
            ("ready", "page", "socket", "speech", "theme", "memory", "database"), True
        )
    finally:
        server.stop()


def test_a_slow_answer_is_not_healthy() -> None:
    with pytest.raises(UnhealthyError, match=r"the first audio took 2.50 s, more than 2 s"):
        _within("the first audio", 2.5, Bounds().first_audio_s)


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://voice.test", "http://"])
def test_an_address_without_scheme_or_host_is_rejected(url: str) -> None:
    with pytest.raises(CommandError, match="is no address"):
        address(url)


def test_behind_a_tls_proxy_the_check_sends_its_headers(settings: Settings) -> None:
    settings.BEHIND_TLS_PROXY, settings.ALLOWED_HOSTS, settings.HOST = True, ["127.0.0.1", "voice.test"], "0.0.0.0"  # noqa: S104 - not bound
    url, headers = address(None)
    assert url == f"http://127.0.0.1:{settings.PORT}"
    assert (headers["Host"], headers["X-Forwarded-Proto"]) == ("voice.test", "https")


def test_the_health_check_without_a_server_fails(tmp_path: Path) -> None:
    checked = manage(tmp_path / "data", "health_check", PORT="1")
    assert checked.returncode == 1
    assert "Connection refused" in checked.stdout
    assert "not healthy: ready, page, socket, speech, theme." in checked.stderr
    assert "Traceback" not in checked.stderr


class Checkout:
    """A clone of this project with two versions: v1.0.0, and one with another migration, v2.0.0."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.data_dir, self.backups = folder / "data", folder / "backups"
        self.folder.mkdir()
        for name in (*PACKAGES, "manage.py", ".gitignore"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
            copy(ROOT / name, self.folder / name)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("v1.0.0")
        (self.folder / "themes" / "migrations" / "0099_newer.py").write_text(
            "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
            f"    dependencies = [('themes', '{self.last_migration}')]\n"
            "    operations = [migrations.CreateModel('Newer', [('id', models.AutoField(primary_key=True))])]\n"
        )

    @property
    def last_migration(self) -> str:
        return sorted((self.folder / "themes" / "migrations").glob("0*.py"))[-1].stem

    def git(self, *arguments: str) -> str:
        own = ["-c", "user.name=alice", "-c", "user.email=alice@example.org", "-c", "commit.gpgsign=false"]
        command = ["git", *own, *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self, tag: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", tag)
        self.git("tag", tag)

    def manage(self, *arguments: str) -> str:
        done = manage(self.data_dir, *arguments, cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def roll_back(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {"DATA_DIR": str(self.data_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
        command = [sys.executable, "-m", "scripts.rollback", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env={**os.environ, **own}, capture_output=True, text=True, check=False
        )

    @property
    def tables(self) -> set[str]:
        with closing(sqlite3.connect(self.data_dir / DATABASE)) as database:
            return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE name LIKE 'themes_%'")}


def test_a_rollback_restores_code_and_data_or_neither(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    newer = checkout.folder / "themes" / "migrations" / "0099_newer.py"
    aside = newer.rename(tmp_path / newer.name)
    checkout.manage("migrate", "--verbosity=0")
    first = checkout.manage("backup", str(checkout.backups))
    before = checkout.tables
    aside.rename(newer)
    checkout.commit("v2.0.0")
    checkout.manage("migrate", "--verbosity=0")
    assert checkout.tables - before == {"themes_newer"}

    unknown = checkout.roll_back("9.9.9")
    assert unknown.returncode == 1
    assert "There is no version v9.9.9. Known versions: v1.0.0, v2.0.0." in unknown.stderr
    without = checkout.roll_back("1.0.0")
    assert (without.returncode, "--backups FOLDER" in without.stderr) == (1, True)
    (checkout.folder / "manage.py").write_text("changed")
    dirty = checkout.roll_back("1.0.0", "--backups", str(checkout.backups))
    assert (dirty.returncode, "has local changes" in dirty.stderr) == (1, True)
    checkout.git("checkout", "--quiet", "manage.py")
    # The packages of the old version cannot be installed: everything is put back.
    failed = checkout.roll_back("1.0.0", "--backups", str(checkout.backups), "--setup", "false")
    assert (failed.returncode, "Code and data are as before" in failed.stderr) == (1, True), failed.stderr
    assert checkout.git("rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert "themes_newer" in checkout.tables

    done = checkout.roll_back("1.0.0", "--backups", str(checkout.backups), "--setup", "true")
    assert done.returncode == 0, done.stderr
    assert f"restore {first}" in done.stdout
    assert checkout.git("describe", "--tags") == "v1.0.0"
    assert checkout.tables == before
