"""Runs a Redis server, which several serving processes need: of the machine, or from the archive."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.gpu.record import SkipError
from benchmarks.server import HOST

PROGRAMS = ("redis-server", "valkey-server")
FOLDER = "KIT_REDIS"
"""Environment variable with a folder that holds a program and the libraries that it needs."""
START_S = 10.0
LIBRARIES_OF_SYSTEM = ("linux-vdso", "libc.", "libm.", "ld-linux", "libpthread.", "libdl.", "librt.")


@contextmanager
def redis_server(temporary: Path) -> Iterator[str]:
    """Run a server without persistence and yield its URL. Raises ``SkipError`` if there is none that starts."""
    packed = Path(os.environ.get(FOLDER, "/nonexistent"))
    environment = dict(os.environ)
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None and (packed / PROGRAMS[0]).exists():
        program = str(packed / PROGRAMS[0])
        environment["LD_LIBRARY_PATH"] = str(packed)
    if program is None:
        raise SkipError("several processes need Redis, and neither this machine nor the archive has it")
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    folder = temporary / "redis"
    folder.mkdir(exist_ok=True)
    command = [program, "--port", str(port), "--bind", HOST, "--save", "", "--dir", str(folder)]
    with (folder / "log").open("w+b") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 - a fixed command
        try:
            _wait(process, port, folder / "log")
            yield f"redis://{HOST}:{port}/0"
        finally:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.02)
    raise SkipError(f"Redis did not start: {log.read_text(errors='replace')[-300:]}")


def pack_redis(folder: Path) -> None:
    """Copy the server of this machine, and the libraries that it needs, to ``folder``; do nothing if there is none."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        print("no Redis here: the archive cannot measure several processes behind one port")
        return
    folder.mkdir()
    shutil.copy2(program, folder / PROGRAMS[0])
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607 - fixed
    for line in listed.splitlines():
        name, _, rest = line.strip().partition(" => ")
        if rest and not name.startswith(LIBRARIES_OF_SYSTEM):
            shutil.copy2(rest.split()[0], folder / name)
