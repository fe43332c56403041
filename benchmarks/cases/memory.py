"""Measures the memory of the server when it is ready, and after a hundred different utterances."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.clients.listener import listening
from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from benchmarks.server import serving
from benchmarks.texts import SHAPES, Texts

LIMIT_MB = 250.0
MB = 1_000_000

NOTES = (
    "MB: a million bytes. Resident: all pages in memory, including shared pages; unique: private pages only.",
    "Peak: over the whole run, including the start.",
)


def measure(utterances: int) -> Measured:
    """Measure a new server that synthesizes ``utterances`` texts of all shapes. Raises ``NotMeasuredError``."""
    with serving() as server:
        ready = _rows("when ready", server.pid)
        asyncio.run(_speak(server.socket_url, utterances))
        spoken = _rows(f"after {utterances} utterances", server.pid)
        rows = [*ready, *spoken, _peak(server.pid), _torch(server.pid)]
    return rows, NOTES


async def _speak(socket_url: str, utterances: int) -> None:
    texts = Texts(seed=2)
    async with listening(socket_url) as listener:
        for lengths in itertools.islice(itertools.cycle(SHAPES.values()), utterances):
            await listener.hear(texts.text(lengths))


def _rows(when: str, pid: int) -> list[Row]:
    used = [process.memory_full_info() for process in _processes(pid)]
    return [
        Row(f"resident, {when}", "MB", (sum(memory.rss for memory in used) / MB,), Target(LIMIT_MB, below=True)),
        Row(f"unique, {when}", "MB", (sum(memory.uss for memory in used) / MB,)),
    ]


def _peak(pid: int) -> Row:
    kibibytes = [float(line.split()[1]) for line in _proc(pid, "status") if line.startswith("VmHWM:")]
    return Row("resident, peak", "MB", (sum(kibibytes) * 1024 / MB,))


def _torch(pid: int) -> Row:
    libraries = {line.split()[-1] for line in _proc(pid, "maps") if "/libtorch" in line}
    return Row("loaded torch libraries", "", (float(len(libraries)),), Target(0.0))


def _processes(pid: int) -> Iterator[psutil.Process]:
    server = psutil.Process(pid)
    yield server
    yield from server.children(recursive=True)


def _proc(pid: int, name: str) -> list[str]:
    """Return the lines of ``/proc/PID/name`` of the server and its children."""
    try:
        files = [Path("/proc", str(process.pid), name) for process in _processes(pid)]
        return [line for file in files for line in file.read_text(errors="replace").splitlines()]
    except OSError as error:
        raise NotMeasuredError(f"this system does not report the memory of a process: {error}") from error


BENCHMARK = Benchmark("memory of the serving process", 100, measure)
