"""Measures how long ``make run`` takes until the server is ready, with everything installed."""

import shutil

from benchmarks.report import Benchmark, Measured, Row, Target
from benchmarks.server import ROOT, SERVE, serving

LIMIT_S = 4.0

MADE = "Started with 'make run'."
SERVED = "Started with 'manage.py serve' and this Python, because make or the .venv of 'make setup' is missing."


def measure(repetitions: int) -> Measured:
    """Measure ``repetitions`` starts, after one uncounted start that may install. Raises ``NotMeasuredError``."""
    make = shutil.which("make")
    prepared = make is not None and (ROOT / ".venv/bin/python").exists()
    command = (make, "run") if make and prepared else SERVE
    readings = tuple([_start(command) for _ in range(repetitions + 1)][1:])
    return [Row("command to ready", "s", readings, Target(LIMIT_S, below=True))], (MADE if prepared else SERVED,)


def _start(command: tuple[str, ...]) -> float:
    with serving(command) as server:
        return server.started_s


BENCHMARK = Benchmark("start time of the server", 10, measure)
