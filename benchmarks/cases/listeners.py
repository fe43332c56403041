"""Measures how many concurrent listeners, each with a different text, hear speech in real time."""

import os
from pathlib import Path

from benchmarks.load.driver import RAMP_S, Readings, Stage, capacity, measured_server, run_stage
from benchmarks.report import Benchmark, Measured, Row, Target
from benchmarks.server import ROOT, serving
from core.process.cpu import cores

STAGES = ((0.5, "socket"), (0.95, "socket"), (0.95, "http"), (2.0, "socket"))
"""Listeners as multiples of the capacity C, and how they listen. At 2 C, most wait for admission."""
OVERLOAD_RAMP_S = 3.0
FIRST_MS = 150.0
NOTES = (
    "C is the number of cores times the rate of the engine in one thread, measured in the same run.",
    "Listeners play at once and without a reserve, and run in processes of their own on the same machine.",
)


def measure(repetitions: int) -> Measured:
    """Measure each number of listeners ``repetitions`` times. Raises ``NotMeasuredError``."""
    data = Path(os.environ.get("DATA_DIR", ROOT / "var"))
    # The server creates the data that is copied next.
    with serving():
        pass
    c = cores() * capacity({"DATA_DIR": str(data)})
    rows = [Row("capacity C", "x", (c,))]
    for share, transport in STAGES:
        ramp_s = OVERLOAD_RAMP_S if share > 1 else RAMP_S
        readings = []
        for number in range(repetitions):
            with measured_server(data, {}) as (server, counters):
                stage = Stage(max(1, round(share * c)), ramp_s=ramp_s, transport=transport, seed=number + 1)
                readings.append(run_stage(server, counters, stage))
        rows += _rows(f"{share:g} C, {transport}", readings, overload=share > 1)
    return rows, NOTES


def _rows(crowd: str, readings: list[Readings], *, overload: bool) -> list[Row]:
    def row(what: str, unit: str, name: str, target: Target | None = None) -> Row:
        return Row(f"{crowd}: {what}", unit, tuple(float(getattr(reading, name)) for reading in readings), target)

    first = None if overload else Target(FIRST_MS)
    rows = [
        row("listeners", "", "listeners"),
        row("first audio p50", "ms", "first_p50_ms"),
        row("first audio p95", "ms", "first_p95_ms", first),
        row("underruns", "", "underruns", Target(0)),
        row("not done in time", "", "unfinished"),
        row("event loop's delay p95", "ms", "lag_p95_ms"),
        row("event loop per second of audio", "ms", "loop_ms_per_audio_s"),
        row("processor", "cores", "cores"),
        row("memory", "MB", "memory_mb"),
    ]
    if overload:
        rows += [row("told to wait", "", "announced"), row("waits announced right", "", "announced_right")]
    return rows


BENCHMARK = Benchmark("how many can listen at once", 1, measure)
