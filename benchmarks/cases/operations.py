"""Measures operations: a backup under load, a restore, a stop under load, and the cost of metrics and logs."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from benchmarks.clients.background_listeners import background_listeners
from benchmarks.clients.listener import Listener, listening
from benchmarks.clients.playback import Playback
from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from benchmarks.server import ROOT, Server, serving
from benchmarks.texts import Texts

BACKUP_LISTENERS, STOP_LISTENERS = 4, 8
LENGTHS = (10,) * 8
"""Words of the sentences of a text: about half a minute."""
DRAIN_S = 8
"""``SHUTDOWN_TIMEOUT_S`` of the stop, less than the texts need, so that clients must continue on a new server."""
LARGEST_DIFFERENCE = 1
"""Between the parts before and after the stop, and the whole: windows with other boundaries differ in the last bit."""
AHEAD_S = 1.0
COST_UTTERANCES = 6
NOTES = (
    "Backup: with the time to copy. Underruns: as the server's metric counts them.",
    "Stop: from SIGTERM with texts that need longer, until the process has ended. The clients then request the rest.",
    "Metrics and logs: their processor time, measured apart, per processor time of the server for the same utterances.",
    "A rollback is not measured: its duration is that of a restore and of installing packages.",
)


@dataclass
class Part:
    """What a client has received of a text."""

    text: str
    pcm: list[bytes] = field(default_factory=list)
    finished: bool = False

    @property
    def samples(self) -> int:
        """Return the next sample that is missing."""
        return sum(map(len, self.pcm)) // 2


def measure(repetitions: int) -> Measured:
    """Measure all of them ``repetitions`` times. Raises ``NotMeasuredError``."""
    rows: dict[str, Row] = {}
    with serving():
        pass  # It creates the data that is copied next.
    for number in range(repetitions):
        with tempfile.TemporaryDirectory(prefix="operations-") as folder:
            for row in _once(Path(folder), seed=number + 1):
                before = rows[row.what].readings if row.what in rows else ()
                rows[row.what] = Row(row.what, row.unit, (*before, *row.readings), row.target)
    return list(rows.values()), NOTES


def _once(folder: Path, seed: int) -> list[Row]:
    data = folder / "data"
    shutil.copytree(Path(os.environ.get("DATA_DIR", ROOT / "var")), data, ignore=shutil.ignore_patterns("static"))
    with serving(data_dir=data) as server:
        backup, rows = _backup(server, data, folder / "backups")
        rows.append(_overhead(server, data, seed))
    restored = folder / "restored"
    began = time.perf_counter()
    _manage(restored, "restore", str(backup))
    with serving(data_dir=restored):
        rows.append(_row("restore, until ready", "s", time.perf_counter() - began, Target(30)))
    return [*rows, *_stop(data, seed)]


def _backup(server: Server, data: Path, backups: Path) -> tuple[Path, list[Row]]:
    before = _underruns(server)
    with background_listeners(server.socket_url, BACKUP_LISTENERS):
        began = time.perf_counter()
        made = _manage(data, "backup", str(backups))
        took = time.perf_counter() - began
    crowd = f"backup with {BACKUP_LISTENERS} listeners"
    return Path(made), [
        _row(crowd, "s", took, Target(5)),
        _row(f"{crowd}: underruns", "", _underruns(server) - before, Target(0)),
    ]


def _underruns(server: Server) -> float:
    with urllib.request.urlopen(f"{server.url}metrics", timeout=10) as answer:  # noqa: S310 - our own server
        found = re.search(r"^alphanumeric_underruns_total (\S+)", answer.read().decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def _overhead(server: Server, data: Path, seed: int) -> Row:
    process, texts = psutil.Process(server.pid), Texts(seed=seed)

    async def speak() -> None:
        async with listening(server.socket_url) as listener:
            for _ in range(COST_UTTERANCES):
                await listener.hear(texts.text(LENGTHS[:3]))

    before, began = sum(process.cpu_times()[:2]), time.perf_counter()
    asyncio.run(speak())
    used, took = sum(process.cpu_times()[:2]) - before, time.perf_counter() - began
    environment = os.environ | {"DATA_DIR": str(data)}
    command = [sys.executable, "-m", "benchmarks.observation_cost"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotMeasuredError(f"benchmarks.observation_cost: {done.stderr[-300:]}")
    cost = json.loads(done.stdout.splitlines()[-1])
    share = (cost["utterance_s"] * COST_UTTERANCES + cost["sampling_s"] * took) / used
    return _row("metrics and logs, share of the processor time", "%", 100 * share, Target(3))


def _stop(data: Path, seed: int) -> list[Row]:
    texts = Texts(seed=seed + 100)
    parts = [Part(texts.text(LENGTHS)) for _ in range(STOP_LISTENERS)]
    settings = {"SHUTDOWN_TIMEOUT_S": str(DRAIN_S)}
    with serving(data_dir=data, environment=settings) as server:
        took = asyncio.run(_interrupt(server, parts))
    unfinished = sum(not part.finished for part in parts)
    with serving(data_dir=data) as server:
        wrong = asyncio.run(_resume(server, parts))
    return [
        _row(f"stop with {STOP_LISTENERS} listeners", "s", took, Target(10)),
        _row("clients that continued on the new server", "", unfinished),
        _row("texts with lost or repeated samples", "", wrong, Target(0)),
    ]


async def _interrupt(server: Server, parts: Sequence[Part]) -> float:
    """Play all texts in real time, stop the server when all have begun, and return the seconds until it has ended."""
    playing = [asyncio.create_task(_play(server, part)) for part in parts]
    while not all(part.pcm for part in parts):
        await asyncio.sleep(0.05)
        if any(task.done() for task in playing):
            raise NotMeasuredError("a text ended before all had begun")
    process, began = psutil.Process(server.pid), time.perf_counter()
    os.kill(server.pid, signal.SIGTERM)
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.02)
    took = time.perf_counter() - began
    await asyncio.gather(*playing)
    return took


async def _play(server: Server, part: Part) -> None:
    playback: Playback | None = None
    async with listening(server.socket_url) as listener:
        async for audio in listener.audio(part.text):
            playback = playback or Playback(audio.sample_rate)
            part.pcm.append(audio.pcm)
            playback.receive(time.monotonic(), audio.end)
            await _report(listener, playback)
        part.finished = listener.finished


async def _report(listener: Listener, playback: Playback) -> None:
    """Report the playback, and take no more while a second is left to play."""
    while True:
        with_connection = await _played(listener, playback)
        if not with_connection or playback.left_s(time.monotonic()) <= AHEAD_S:
            return
        await asyncio.sleep(0.25)


async def _played(listener: Listener, playback: Playback) -> bool:
    from websockets.exceptions import ConnectionClosed

    try:
        await listener.played(playback.played(time.monotonic()))
    except ConnectionClosed:
        return False
    return True


async def _resume(server: Server, parts: Sequence[Part]) -> int:
    """Request the rest of each text, and return the number of texts that differ from the whole."""
    wrong = 0
    async with listening(server.socket_url) as listener:
        for part in parts:
            if not part.finished:
                async for audio in listener.audio(part.text, part.samples):
                    part.pcm.append(audio.pcm)
                    await listener.played(audio.end)
            whole = (await listener.hear(part.text)).pcm.astype(np.int32)
            heard = np.frombuffer(b"".join(part.pcm), "<i2").astype(np.int32)
            same = heard.size == whole.size and np.abs(heard - whole).max() <= LARGEST_DIFFERENCE
            wrong += not same
    return wrong


def _manage(data: Path, *arguments: str) -> str:
    environment = os.environ | {"DATA_DIR": str(data)}
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotMeasuredError(f"manage.py {arguments[0]}: {done.stderr[-300:]}")
    return done.stdout.strip()


def _row(what: str, unit: str, value: float, target: Target | None = None) -> Row:
    return Row(what, unit, (float(value),), target)


BENCHMARK = Benchmark("operations: backup, restore, stop, and the cost of metrics and logs", 1, measure)
