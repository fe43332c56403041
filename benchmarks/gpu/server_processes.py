"""Starts and stops the benchmark's server processes, and reads their counters."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks.gpu.record import Record
from benchmarks.server import HOST, ROOT, is_ready

READY_WITHIN_S = 90.0
STAGGER_S = 0.3
"""Seconds between the starts of two processes, which all write to the same database when they start."""
GRAPHS_S = 12.0
"""Seconds in which a process captures the remaining CUDA graphs in the background."""


@dataclass(slots=True)
class Serving:
    """One server: a process, or one with several serving processes as children."""

    process: subprocess.Popen[bytes]
    port: int
    counters: Path
    log: IO[bytes]
    began: float
    ready_s: float | None = None

    @property
    def pids(self) -> list[int]:
        """Return the processes of the server."""
        pid = self.process.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            return [pid]
        return [pid, *map(int, children)]

    @property
    def counted(self) -> list[dict[str, Any]]:
        """Return the counters that its processes have written."""
        found = []
        for file in self.counters.parent.glob(f"{self.counters.stem}*.json"):
            with suppress(OSError, ValueError):
                found.append(json.loads(file.read_text()))
        return found

    @property
    def is_ready(self) -> bool:
        """Return whether all of its serving processes are ready."""
        serving = max(1, len(self.pids) - 1)
        # Each process writes its counters once a second, with the engine as soon as the voice is loaded.
        return is_ready(self.port) and (serving == 1 or sum(bool(one["engines"]) for one in self.counted) >= serving)


def start_all(options: argparse.Namespace, record: Record, data: Path, temporary: Path, serving: list[Serving]) -> None:
    """Start a server twice, to measure a first and a later start, and then all others, up to readiness.

    Replaces the contents of ``serving`` by the ready servers.
    """
    # The first start collects the static files, which later starts do not.
    for name in ("first start", "start"):
        server = start(options, data, temporary, options.port)
        serving[:] = [server]
        wait_ready(serving)
        record.add(name, ready_s=server.ready_s, **memory_of(serving))
        if name == "first start":
            stop_all(serving)
    began = time.perf_counter()
    for index in range(1, options.processes):
        time.sleep(STAGGER_S)
        serving.append(start(options, data, temporary, options.port + index))
    try:
        wait_ready(serving)
    except RuntimeError as error:
        record.add("failed", step="start of one server", error=str(error)[-600:])
    failed = [server for server in serving if server.ready_s is None]
    serving[:] = [server for server in serving if server.ready_s is not None]
    stop_all(failed)
    record.add("all started", processes=len(serving), seconds=time.perf_counter() - began)
    time.sleep(GRAPHS_S if options.device == "cuda" else 1)


def start_shared(
    options: argparse.Namespace, record: Record, data: Path, temporary: Path, serving: list[Serving], redis_url: str
) -> None:
    """Start one server with ``SERVER_PROCESSES=options.shared`` behind one port, up to readiness of all of them.

    Replaces the contents of ``serving``.
    """
    settings = {"SERVER_PROCESSES": options.shared, "REDIS_URL": redis_url}
    serving[:] = [start(options, data, temporary, options.port, settings)]
    wait_ready(serving)
    record.add("shared", SERVER_PROCESSES=options.shared, ready_s=serving[0].ready_s, **memory_of(serving))
    time.sleep(GRAPHS_S if options.device == "cuda" else 1)


def start(
    options: argparse.Namespace, data: Path, temporary: Path, port: int, more: Mapping[str, str] | None = None
) -> Serving:
    """Start a server on ``port`` with ``more`` settings."""
    counters = temporary / f"counters-{port}.json"
    settings = {
        "DATA_DIR": str(data),
        "HOST": HOST,
        "PORT": str(port),
        "ALLOWED_HOSTS": HOST,
        "LOG_LEVEL": "WARNING",
        "PYTHONMALLOC": "malloc",
        "OMP_NUM_THREADS": "1",
        "SYNTHESIS_ENGINE": "cuda",
        "SYNTHESIS_MAX_CONCURRENT": "10000",
        "SYNTHESIS_GPU_PRECISION": options.precision,
        "SYNTHESIS_BATCH_WAIT_MS": str(options.batch_wait_ms),
        "MEMORY_LIMIT_MB": "100000",
        "KIT_DEVICE": options.device,
        **(more or {}),
    }
    log = (temporary / f"server-{port}.log").open("w+b")
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "benchmarks.gpu.serve", str(counters)],
        cwd=ROOT,
        env=os.environ | settings,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    return Serving(process, port, counters, log, time.perf_counter())


def wait_ready(serving: Sequence[Serving]) -> None:
    """Wait until all servers are ready. Raises ``RuntimeError`` if some are not ready in time."""
    until = time.perf_counter() + READY_WITHIN_S
    failed: list[Serving] = []
    while waiting := [server for server in serving if server.ready_s is None and server not in failed]:
        for server in waiting:
            if server.process.poll() is not None or time.perf_counter() > until:
                failed.append(server)
            elif server.is_ready:
                server.ready_s = time.perf_counter() - server.began
        time.sleep(0.02)
    if failed:
        failed[0].log.seek(0)
        words = failed[0].log.read().decode(errors="replace")[-2000:]
        raise RuntimeError(f"{len(failed)} servers did not become ready: {words}")


def stop_all(serving: Sequence[Serving]) -> None:
    """Stop the servers with SIGTERM, or SIGKILL after 10 seconds."""
    for server in serving:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGTERM)
    for server in serving:
        try:
            server.process.wait(10)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


def read_counters(serving: Sequence[Serving]) -> dict[str, float]:
    """Return the sums of the monotonic counters over all servers."""
    sums: dict[str, float] = {}
    for counted in (one for server in serving for one in server.counted):
        pool = counted["pool"]
        values = {"jobs": pool["jobs"], "waited_s": pool["waited_s"]}
        for engine in counted["engines"]:
            for program, used in engine.get("programs", {}).items():
                for name in ("batches", "items", "device_s"):
                    values[f"{program}_{name}"] = used[name]
            values["rebuilt"] = engine["rebuilt"]
        for name, value in values.items():
            sums[name] = sums.get(name, 0) + value
    return sums


def counters_between(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Return the increase of the counters, with the mean batch size and waiting time."""
    grown = {name: round(value - before.get(name, 0), 3) for name, value in after.items()}
    for program in ("encoder", "flow", "decoder"):
        if grown.get(f"{program}_batches"):
            grown[f"{program}_mean_batch"] = grown[f"{program}_items"] / grown[f"{program}_batches"]
    if grown.get("jobs"):
        grown["wait_ms_per_job"] = grown.get("waited_s", 0) / grown["jobs"] * 1000
    return grown


def admission_between(serving: Sequence[Serving], began: float, ended: float) -> dict[str, float]:
    """Return what admission control measured in a period, in ``time.time()``.

    ``capacity`` is the number of listeners that it would have admitted: for each process, those that ran when most did,
    divided by their load, times the target load. Empty if nothing ran.
    """
    busiest = [most for server in serving for most in _busiest(server, began, ended) if most["load"]]
    if not busiest:
        return {}
    capacities = [one["running"] / one["load"] * one["target"] for one in busiest]
    return {
        "running": sum(one["running"] for one in busiest),
        "waiting": sum(one["waiting"] for one in busiest),
        "largest_load": max(one["load"] for one in busiest),
        "capacity": round(sum(capacities)),
    }


def _busiest(server: Serving, began: float, ended: float) -> Iterator[dict[str, float]]:
    """Yield the state of each process when most utterances ran; ``waiting`` is the largest number."""
    for file in server.counters.parent.glob(f"{server.counters.stem}*.trace"):
        states = []
        for line in file.read_text().splitlines():
            # The last line may be incomplete.
            with suppress(ValueError):
                one = json.loads(line)
                if began <= one["at"] <= ended:
                    states.append(one["admission"])
        if states:
            most = max(states, key=lambda state: state["running"])
            yield most | {"waiting": max(state["waiting"] for state in states)}


def memory_of(serving: Sequence[Serving]) -> dict[str, float]:
    """Return the number of processes, and the sum of their resident memory in MB."""
    pids = [pid for server in serving for pid in server.pids]
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return {"processes": len(pids), "resident_mb": round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)}


def processor_s(serving: Sequence[Serving]) -> float:
    """Return the processor seconds that the servers have used."""
    ticks = 0
    for pid in (pid for server in serving for pid in server.pids):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def busy_s() -> float:
    """Return the processor seconds in use, summed over all processors."""
    user, nice, system, _idle, _waiting, irq, soft, *_ = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(map(int, (user, nice, system, irq, soft))) / os.sysconf("SC_CLK_TCK")
