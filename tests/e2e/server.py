"""The real server in a separate process, started with its usual command."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.e2e.waits import until

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "alphanumeric.sqlite3"
HOST = "127.0.0.1"
COMPLAINTS = ("WARNING", "ERROR", "CRITICAL", "Traceback", "Error:")
EXPECTED = ("django.request: ", "CSP violation: ")
"""Logged error responses and CSP reports, which the tests check themselves."""
START_S = 120


class Server:
    """``manage.py serve`` on a port that does not change when it restarts."""

    command: Sequence[str] = (str(ROOT / "manage.py"),)
    """Arguments of the interpreter before ``serve``."""

    def __init__(self, data_dir: Path, log: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.log = log
        self._settings = settings
        self.port = _free_port()
        self.url = f"http://{HOST}:{self.port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, and wait until it is ready."""
        own = {"DATA_DIR": str(self.data_dir), "HOST": HOST, "PORT": str(self.port), **self._settings}
        # pytest sets the test settings in the environment, which serve static files differently.
        environment = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "project.settings"}
        with self.log.open("ab") as log:
            command = [sys.executable, *self.command, "serve"]
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        until(self._is_ready, within=START_S, what="the server is ready")
        if "DATABASE_URL" in self._settings:
            return
        # The tests send more requests per minute than a user.
        with closing(sqlite3.connect(self.data_dir / DATABASE)) as database:
            database.execute(
                "UPDATE synthesis_limitpolicyrow SET requests_per_minute = 100000, characters_per_minute = 10000000"
            )
            database.commit()

    def kill(self) -> None:
        """Kill the server, as a power failure would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop the server, as Ctrl+C does."""
        self._end(signal.SIGINT)

    @property
    def running(self) -> bool:
        """Return whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Return the id of the server process."""
        assert self._process is not None
        return self._process.pid

    def complaints(self) -> str:
        """Return the log lines at WARNING or above, including tracebacks; empty without problems."""
        lines = self._logged().splitlines()
        bad = [
            line
            for line in lines
            if any(word in line for word in COMPLAINTS) and not any(words in line for words in EXPECTED)
        ]
        return "\n".join(bad)

    def _is_ready(self) -> bool:
        if not self.running:
            raise AssertionError(f"the server exited: {self._logged()[-4000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}readyz", timeout=5) as answer:  # noqa: S310 - our own server
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _logged(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def copy_installation(data_dir: Path, voice: Path) -> None:
    """Link the installed ``voice`` into a new ``data_dir``, and copy the database next to it."""
    (data_dir / "voices").symlink_to(voice.parent)
    source, copy = voice.parents[1] / DATABASE, data_dir / DATABASE
    with closing(sqlite3.connect(source)) as theirs, closing(sqlite3.connect(copy)) as ours:
        theirs.backup(ours)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
