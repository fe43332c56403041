"""Tests SIGTERM: the server reports "not ready", closes tabs with a reason, and completes responses of the API."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.e2e.server import DATABASE, ROOT, Server, copy_installation
from tests.e2e.waits import until

pytestmark = pytest.mark.voice
TEXT = "The river runs past the old mill and the tall trees. " * 18


@pytest.fixture
def server(joe_voice_dir: Path, tmp_path: Path) -> Iterator[Server]:
    copy_installation(tmp_path, joe_voice_dir)
    server = Server(tmp_path, tmp_path / "server.log", SHUTDOWN_DELAY_S="3")
    server.start()
    yield server
    server.stop()
    assert server.complaints() == ""


def readiness(server: Server) -> int:
    try:
        with urllib.request.urlopen(f"{server.url}readyz", timeout=5) as answer:  # noqa: S310 - our own server
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


async def test_a_stop_after_sigterm(server: Server) -> None:
    sound: list[bytes] = []
    began = threading.Event()

    def listen() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        body = json.dumps({"model": "tts-1", "voice": "joe", "input": TEXT, "response_format": "pcm"})
        connection.request("POST", "/v1/audio/speech", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        began.set()
        sound.append(response.read())

    listener = threading.Thread(target=listen)
    async with connect(f"ws://127.0.0.1:{server.port}/ws/terminal/", compression=None, proxy=None) as tab:
        assert json.loads(await tab.recv())["type"] == "session.created"
        listener.start()
        began.wait(30)
        os.kill(server.pid, signal.SIGTERM)
        until(lambda: readiness(server) == 503, within=3, what="the server is not ready while it still accepts")
        await tab.wait_closed()
    assert (tab.close_code, tab.close_reason) == (1001, "The server stops or restarts. Reconnect in 1 s.")
    listener.join(60)
    assert len(sound[0]) > 40 * 44_100
    until(lambda: not server.running, within=20, what="the server has stopped")
    wal = server.data_dir / f"{DATABASE}-wal"
    assert not wal.exists() or wal.stat().st_size == 0


def test_a_stop_during_the_preparation(tmp_path: Path) -> None:
    """Another start holds the lock; a container's process 1 would ignore the signal without a handler."""
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "PORT": "0", "DJANGO_SETTINGS_MODULE": "project.settings"}
    code = f"""
import sys
from pathlib import Path
from project.configuration.start_lock import exclusive
with exclusive(Path({str(tmp_path)!r}), print): print("held", flush=True); sys.stdin.read()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as holder:  # type: ignore[call-overload]
        assert holder.stdout.readline() == "held\n"
        with subprocess.Popen([sys.executable, "manage.py", "serve"], env=environment, **pipes) as server:  # type: ignore[call-overload]
            assert server.stdout.readline().startswith("Another start is preparing")
            server.send_signal(signal.SIGTERM)
            assert server.wait(10) == 128 + signal.SIGTERM
        holder.communicate("")
