"""Other systems than Linux: the server and the commands without what only Linux or Unix has."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from core.process.signals import on_signals
from core.storage import file_lock as locks
from project.configuration import data_dir
from project.management.commands import serve
from scripts import dev
from tests.e2e.server import ROOT, Server, copy_installation

OTHER = "tests.project.other_platform"


class OtherServer(Server):
    """The server on another system."""

    command = ("-m", OTHER)


@pytest.fixture
def folder(tmp_path: Path, joe_voice_dir: Path) -> Path:
    copy_installation(tmp_path, joe_voice_dir)
    return tmp_path


def test_the_server_speaks_and_stops_on_another_system(folder: Path) -> None:
    """Bob's system has no fcntl, resource, /proc, affinity, SO_REUSEPORT, or signal handlers of event loops."""
    server = OtherServer(folder, folder / "server.log")
    server.start()
    try:
        body = json.dumps({"model": "tts-1", "voice": "joe", "input": "Hello, bob.", "response_format": "wav"}).encode()
        speech = urllib.request.Request(  # noqa: S310 - our own server
            f"{server.url}v1/audio/speech", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(speech, timeout=30) as answer:  # noqa: S310 - our own server
            assert len(answer.read()) > 10_000
    finally:
        process = server._process
        server.stop()
    assert process is not None
    assert process.returncode == 0
    # It says that the lock is missing, and nothing else.
    complaints = server.complaints().splitlines()
    assert all("has no locks (none on" in line for line in complaints), complaints


@pytest.mark.parametrize("command", ["check", "say"])
def test_commands_work_on_another_system(folder: Path, command: str) -> None:
    wav = folder / "speech.wav"
    rest = ["Hello, bob.", "-o", str(wav)] if command == "say" else []
    environment = {"DATA_DIR": str(folder), "PATH": "", "DJANGO_SETTINGS_MODULE": "project.settings"}
    done = subprocess.run(
        [sys.executable, "-m", OTHER, command, *rest],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert command == "check" or wav.stat().st_size > 10_000


def test_several_processes_need_a_shared_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "SO_REUSEPORT")
    assert serve.process_count("auto", 8, has_redis=True) == 1
    with pytest.raises(CommandError, match="Set SERVER_PROCESSES=1"):
        serve.process_count("2", 8, has_redis=True)


def test_without_owners_the_message_names_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(data_dir, "pwd", None)
    assert "Change its permissions" in data_dir._of_another(tmp_path, tmp_path)


async def test_signals_reach_a_loop_without_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    received = asyncio.Event()

    def unsupported(*_arguments: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(loop, "add_signal_handler", unsupported)
    # By default, this signal does nothing, so that a failure does not end the test process.
    before = signal.getsignal(signal.SIGWINCH)
    try:
        on_signals(loop, [signal.SIGWINCH], received.set)
        handler = signal.getsignal(signal.SIGWINCH)
        assert callable(handler)
        # Not with raise_signal: it also writes to the wakeup file of an earlier event loop, if one is left.
        handler(signal.SIGWINCH, None)
        await asyncio.wait_for(received.wait(), 10)
    finally:
        signal.signal(signal.SIGWINCH, before)


class WindowsLocks:
    """Byte locks as of ``msvcrt``: of each open file, and not advisory."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        self.held: dict[int, set[int]] = {}

    def locking(self, fd: int, _mode: int, count: int) -> None:
        """Lock bytes from the position of the file."""
        begin = os.lseek(fd, 0, os.SEEK_CUR)
        wanted = set(range(begin, begin + count))
        if any(wanted & theirs for theirs in self.held.values()):
            raise PermissionError(13, "Permission denied")
        self.held.setdefault(fd, set()).update(wanted)


class TakenError(Exception):
    """The lock is taken."""


def refuse() -> None:
    """Raise ``TakenError``."""
    raise TakenError


def test_locks_of_windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Servers share the lock, a restore needs it alone, and a waiting start gets it afterwards."""
    fake = WindowsLocks()
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "msvcrt", fake)
    path = tmp_path / "lock"
    with locks.file_lock(path, shared=True), locks.file_lock(path, refuse, shared=True), pytest.raises(TakenError):
        locks.file_lock(path, refuse).__enter__()
    fake.held.clear()
    with locks.file_lock(path, refuse):
        with pytest.raises(TakenError), locks.file_lock(path, refuse, shared=True):
            pass
        waits: list[Any] = []

        def release(_seconds: float) -> None:
            waits.append(1)
            fake.held.clear()

        monkeypatch.setattr(time, "sleep", release)
        with locks.file_lock(path, shared=True):
            assert waits == [1]


def test_without_any_locks_there_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    with locks.file_lock(tmp_path / "lock"):
        assert "has no locks" in caplog.text


def test_commands_without_make() -> None:
    assert dev.interpreter(Path("venv"), "win32") == Path("venv/Scripts/python.exe")
    assert dev.commands("run", "py", ["--x"]) == [["py", "manage.py", "serve", "--x"]]
    *_, spoken = dev.commands("speak", "py", [])
    assert spoken[:3] == ["py", "manage.py", "say"]
    assert dev.setup_commands("py", develop=True)[1][-1] == ".[dev]"
