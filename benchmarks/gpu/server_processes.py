"""Starts and stops the benchmark's server processes, and reads their counters."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.gpu.record import Record
from benchmarks.server import HOST, ROOT, is_ready

READY_WITHIN_S = 90.0
STAGGER_S = 0.3
"""Seconds between the starts of two processes, which all write to the same database when they start."""
GRAPHS_S = 12.0
"""Seconds in which a process captures the remaining CUDA graphs in the background."""


@dataclass(slots=True)
class Serving:
    """One server process."""

    process: subprocess.Popen[bytes]
    port: int
    counters: Path
    log: IO[bytes]
    began: float
    ready_s: float | None = None


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


def start(options: argparse.Namespace, data: Path, temporary: Path, port: int) -> Serving:
    """Start one server process on ``port``."""
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
            elif is_ready(server.port):
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
    for server in serving:
        try:
            counted = json.loads(server.counters.read_text())
        except (OSError, ValueError):
            continue
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


def memory_of(serving: Sequence[Serving]) -> dict[str, float]:
    """Return the number of servers, and the sum of their resident memory in MB."""
    pages = sum(int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) for server in serving)
    return {"servers": len(serving), "resident_mb": round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)}


def processor_s(serving: Sequence[Serving]) -> float:
    """Return the processor seconds that the servers have used."""
    ticks = 0
    for server in serving:
        fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def busy_s() -> float:
    """Return the processor seconds in use, summed over all processors."""
    user, nice, system, _idle, _waiting, irq, soft, *_ = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(map(int, (user, nice, system, irq, soft))) / os.sysconf("SC_CLK_TCK")
