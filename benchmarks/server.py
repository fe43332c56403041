"""Starts the server with its usual command, on its own port, with the data of the environment."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.report import NotMeasuredError

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
SERVE = (sys.executable, "manage.py", "serve")

# The first start installs the voice, which takes one to two minutes.
START_TIMEOUT_S = 600.0
# Seconds between polls: the largest error of a measured start.
POLL_INTERVAL_S = 0.02


@dataclass(frozen=True, slots=True)
class Server:
    """A ready server, and the seconds of wall time from its command until it was ready."""

    pid: int
    port: int
    started_s: float

    @property
    def url(self) -> str:
        """Return the URL of the page."""
        return f"http://{HOST}:{self.port}/"

    @property
    def socket_url(self) -> str:
        """Return the URL of the socket."""
        return f"ws://{HOST}:{self.port}/ws/terminal/"


@contextmanager
def serving(
    command: Sequence[str] = SERVE,
    data_dir: Path | None = None,
    environment: Mapping[str, str] | None = None,
    ready_path: str = "/readyz",
    timeout_s: float = START_TIMEOUT_S,
) -> Iterator[Server]:
    """Start ``command`` in the project's folder, wait until the server is ready, and stop it after use.

    ``data_dir`` is used instead of the ``DATA_DIR`` of the environment; ``environment`` holds further settings.
    The server is ready when ``ready_path`` returns 200. ``command`` finds its address in ``HOST`` and ``PORT``.

    Raises ``NotMeasuredError`` if it exits or times out.
    """
    port = _free_port()
    settings = {"HOST": HOST, "PORT": str(port), "ALLOWED_HOSTS": HOST, "LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1"}
    settings |= environment or {}
    if data_dir is not None:
        settings["DATA_DIR"] = str(data_dir)
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=ROOT,
            env=os.environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # make starts children, so the process group is stopped.
            start_new_session=True,
        )
        try:
            _wait(process, port, ready_path, timeout_s)
            yield Server(process.pid, port, time.perf_counter() - began)
        except NotMeasuredError as error:
            # The server's errors are only in its log.
            raise NotMeasuredError(f"{error} (the server's log ends: {_last_words(log)})") from error
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, ready_path: str, timeout_s: float) -> None:
    until = time.perf_counter() + timeout_s
    while not is_ready(port, ready_path):
        if process.poll() is not None:
            raise NotMeasuredError(f"the server ended with {process.returncode}")
        if time.perf_counter() > until:
            raise NotMeasuredError(f"the server was not ready after {timeout_s:.0f} s")
        time.sleep(POLL_INTERVAL_S)


def is_ready(port: int, path: str = "/readyz") -> bool:
    """Return whether the server on ``port`` answers ``path`` with 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    return " / ".join(log.read().decode(errors="replace").split("\n")[-4:]).strip(" /")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            continue
        return
