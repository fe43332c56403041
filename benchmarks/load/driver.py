"""Starts a measured server on a copy of the data, runs listeners in separate processes, and collects their results."""

import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.report import NotMeasuredError
from benchmarks.server import ROOT, Server, serving
from benchmarks.summary import p95

LEAD_S = 3.0
"""Seconds before the first request, to start the processes and connect."""
SENTENCE_S = 3.5
"""Seconds of a sentence of ten words."""
LISTENERS_PER_PROCESS = 50
RAMP_S = 5.0
DATABASE = "alphanumeric.sqlite3"
PER_MINUTE = ("requests_per_minute", "characters_per_minute", "requests", "characters")
CONCURRENT = ("max_concurrent_utterances", "max_connections", "utterances", "sockets")
"""Columns of the limits, with the names of this version and of older ones."""
LONGEST_TEXT = 4000
"""Highest ``max_text_length`` that the database accepts, in characters."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A number of listeners with the same kind of text, who arrive within ``ramp_s`` seconds."""

    listeners: int
    sentences: int = 8
    words: int = 10
    ramp_s: float = RAMP_S
    transport: str = "socket"
    seed: int = 1

    @property
    def limit_s(self) -> float:
        """Return the seconds from the first request to the end of the stage."""
        return self.ramp_s + self.sentences * self.words / 10 * SENTENCE_S * 1.5 + 15


@dataclass(frozen=True, slots=True)
class Readings:
    """The measurements of a stage. Memory is in MB (10^6 bytes)."""

    listeners: int
    transport: str
    heard: int
    finished: int
    first_p50_ms: float
    first_p95_ms: float
    first_max_ms: float
    underruns: int
    interrupted: int
    """Listeners with at least one underrun."""
    silent_s: float
    audio_s: float
    loop_ms_per_audio_s: float
    """Processor time of the event loop's thread, in milliseconds per second of audio."""
    loop_wakeups_per_audio_s: float
    """Voluntary context switches of that thread."""
    cores: float
    """Processor time of all threads per second of the stage."""
    lag_p95_ms: float
    lag_max_ms: float
    memory_mb: float
    handshake_tries: int
    announced: int
    """Listeners to whom the server announced a wait for admission."""
    announced_right: int
    """Those whose wait was 1/1.5 to 1.5 times the first announcement, or differed from it by at most one second."""
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def unfinished(self) -> int:
        """Return the listeners who had not received everything when the stage ended."""
        return self.listeners - self.finished

    def record(self) -> dict[str, Any]:
        """Return the readings for JSON."""
        return asdict(self)


def capacity(environment: Mapping[str, str]) -> float:
    """Return the times real time of one core, from a separate process. Raises ``NotMeasuredError``."""
    command = [sys.executable, "-m", "benchmarks.load.capacity"]
    done = subprocess.run(  # noqa: S603 - a constant command
        command, cwd=ROOT, env=os.environ | dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotMeasuredError(f"the engine alone: {done.stderr[-300:]}")
    return float(done.stdout)


@contextmanager
def measured_server(
    data: Path, environment: Mapping[str, str], root: Path = ROOT, trace: Path | None = None
) -> Iterator[tuple[Server, Path]]:
    """Serve a copy of ``data`` from the checkout ``root`` without limits per client. Yields it and its counters' file.

    The states of admission control over time are written to ``trace``. Raises ``NotMeasuredError``.
    """
    with tempfile.TemporaryDirectory(prefix="load-") as temporary:
        copy = Path(temporary) / "data"
        shutil.copytree(data, copy, ignore=shutil.ignore_patterns("static"))
        _raise_limits(copy / DATABASE)
        counters = Path(temporary) / "counters.json"
        command = (sys.executable, str(ROOT / "benchmarks/gpu/serve.py"), str(counters), str(root))
        # PYTHONMALLOC as manage.py sets it, which this command does not run.
        settings = {"PYTHONMALLOC": "malloc", "SYNTHESIS_MAX_CONCURRENT": "10000", **environment}
        with serving(command, data_dir=copy, environment=settings) as server:
            yield server, counters
            if trace:
                shutil.copy(counters.with_suffix(".trace"), trace)


def _raise_limits(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        table = next(
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name.startswith("synthesis_limit") or name == "synthesis_policyrow"
        )
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        limits = dict.fromkeys(PER_MINUTE, 100_000_000) | dict.fromkeys(CONCURRENT, 10_000)
        limits["max_text_length"] = LONGEST_TEXT
        for column in columns & set(limits):
            connection.execute(f"UPDATE {table} SET {column} = {limits[column]}")  # noqa: S608 - constant names


def run_stage(server: Server, counters: Path | None, stage: Stage) -> Readings:
    """Run the listeners of ``stage``, and read the server's use before and after.

    ``counters`` is ``None`` for another server, whose event loop, if it has one, is not measured.
    """
    time.sleep(1.0)
    loop_before, used_before = _loop_use(server.pid), _processor_s(server.pid)
    began = time.time() + LEAD_S + stage.listeners / 100
    ears = _listen(server, stage, began)
    ended = time.time()
    loop_after, used_after = _loop_use(server.pid), _processor_s(server.pid)
    audio_s = sum(ear["audio_s"] for ear in ears) or float("nan")
    firsts = [ear["first_s"] * 1000 for ear in ears if ear["first_s"] is not None] or [float("nan")]
    lags = (counters and _lags(counters.with_suffix(".lag"), began, ended)) or [float("nan")]
    loop_s, wakeups = (after - before for after, before in zip(loop_after, loop_before, strict=True))
    if counters is None:
        loop_s = wakeups = float("nan")
    announced = [ear for ear in ears if ear["announced_s"] is not None and ear["waited_s"] is not None]
    errors = [ear["error"] for ear in ears if ear["error"]]
    return Readings(
        listeners=stage.listeners,
        transport=stage.transport,
        heard=sum(ear["first_s"] is not None for ear in ears),
        finished=sum(ear["finished"] for ear in ears),
        first_p50_ms=statistics.median(firsts),
        first_p95_ms=p95(firsts),
        first_max_ms=max(firsts),
        underruns=sum(ear["underruns"] for ear in ears),
        interrupted=sum(bool(ear["underruns"]) for ear in ears),
        silent_s=sum(ear["silent_s"] for ear in ears),
        audio_s=audio_s,
        loop_ms_per_audio_s=loop_s / audio_s * 1000,
        loop_wakeups_per_audio_s=wakeups / audio_s,
        cores=(used_after - used_before) / (ended - began),
        lag_p95_ms=p95(lags) * 1000,
        lag_max_ms=max(lags) * 1000,
        memory_mb=_memory_mb(server.pid),
        handshake_tries=sum(ear["handshake_tries"] for ear in ears),
        announced=len(announced),
        announced_right=sum(_right(ear["announced_s"], ear["waited_s"]) for ear in announced),
        errors={error: errors.count(error) for error in set(errors)},
    )


def _right(announced_s: float, waited_s: float) -> bool:
    return abs(announced_s - waited_s) <= 1 or waited_s / 1.5 <= announced_s <= waited_s * 1.5


def _listen(server: Server, stage: Stage, began: float) -> list[dict[str, Any]]:
    processes = max(1, -(-stage.listeners // LISTENERS_PER_PROCESS))
    url = server.socket_url if stage.transport == "socket" else server.url
    shared: dict[str, Any] = {
        "of": stage.listeners,
        "processes": processes,
        "sentences": stage.sentences,
        "words": stage.words,
        "start": began,
        "ramp": stage.ramp_s,
        "until": began + stage.limit_s,
        "seed": stage.seed,
        "transport": stage.transport,
    }
    running = []
    for place in range(processes):
        own = {"listeners": len(range(place, stage.listeners, processes)), "number": place}
        words = [word for name, value in (shared | own).items() for word in (f"--{name}", str(value))]
        command = [sys.executable, "-m", "benchmarks.gpu.load", url, *words]
        running.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE))  # noqa: S603 - a constant command
    ears: list[dict[str, Any]] = []
    for process in running:
        heard, _ = process.communicate(timeout=began + stage.limit_s - time.time() + 60)
        ears += json.loads(heard)
    return ears


def _loop_use(pid: int) -> tuple[float, int]:
    """Return processor seconds and voluntary context switches of the main thread, which runs the event loop."""
    task = Path(f"/proc/{pid}/task/{pid}")
    status = (task / "status").read_text().splitlines()
    switches = next(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches"))
    return int((task / "schedstat").read_text().split()[0]) / 1e9, switches


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def _lags(file: Path, began: float, ended: float) -> list[float]:
    try:
        lines = [line.split() for line in file.read_text().splitlines()]
    except OSError:
        return []
    return [float(lag) for at, lag in (line for line in lines if len(line) == 2) if began <= float(at) <= ended]
