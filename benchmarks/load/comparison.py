"""``python -m benchmarks.load.comparison``: compare this server with Piper's and Coqui's under the same listeners.

Each number of listeners plays in real time, first over this server's socket, then over its HTTP API, then from each
other server, all with the same voice and texts. A server's larger numbers are left out after a number at which more
than half of its listeners were interrupted or the median of first audio exceeded ``GIVE_UP_MS``.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.document import write_block
from benchmarks.load.driver import Readings, Stage, measured_server, run_stage
from benchmarks.machine import load_warning, machine
from benchmarks.peers.servers import PEERS, peer_server
from benchmarks.plot import Chart, Series, svg
from benchmarks.report import NotMeasuredError, markdown_table
from benchmarks.server import ROOT, Server

NAMES = {"socket": "Alphanumeric, socket", "http": "Alphanumeric, HTTP"} | {
    key: f"{peer.name}'s HTTP server" for key, peer in PEERS.items()
}
FILES = ROOT / "docs" / "images" / "listeners"
"""The plot and all readings, with the suffixes ``.svg`` and ``.json``."""
GIVE_UP_MS = 5000.0
WARM_UP_SEED = 1000
COLUMNS = {
    "listeners": "listeners",
    "first_p50_ms": "first audio p50, ms",
    "first_p95_ms": "p95, ms",
    "underruns": "underruns",
    "interrupted": "in listeners",
    "unfinished": "not done in time",
    "cores": "cores",
    "memory_mb": "MB",
    "loop_ms_per_audio_s": "event loop, ms per s of audio",
    "lag_p95_ms": "its delay p95, ms",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one server did with its numbers of listeners, and why larger numbers are missing, if they are."""

    server: str
    readings: Sequence[Readings]
    missing: str = ""

    def record(self) -> dict[str, Any]:
        """Return the measurement for JSON, where a value that does not exist is ``null``."""
        readings = [_without_nan(reading.record()) for reading in self.readings]
        return {"server": NAMES[self.server], "missing": self.missing, "stages": readings}


def main() -> int:
    """Measure, print the table, and write the files. Returns 1 if a server could not be measured at all."""
    options = _parser().parse_args()
    facts = machine()
    _say("\n".join(f"{name:<14} {value}" for name, value in facts.items()))
    if warning := load_warning():
        _say(warning)
    stage = Stage(1, options.sentences, 10, options.ramp)
    listeners = options.listeners
    if options.check:
        stage, listeners = Stage(1, 1, 4, 0.1), [2]
    measurements: list[Measurement] = []
    conditions = {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": facts,
        "warning": warning,
        "command": f"python -m benchmarks.load.comparison {' '.join(sys.argv[1:])}".strip(),
    }
    for server in options.servers:
        measurements.append(measure(server, listeners, stage, options.data))
        _say(_text([measurements[-1]]))
        # Saved after each server, so that an interrupted run keeps its results.
        _save(measurements, conditions, options.json, write=options.write)
    _say("\n" + _text(measurements))
    return int(any(not measurement.readings for measurement in measurements))


def _save(
    measurements: Sequence[Measurement], conditions: Mapping[str, Any], json_file: Path | None, *, write: bool
) -> None:
    record = {**conditions, "servers": [measurement.record() for measurement in measurements]}
    for file in filter(None, (json_file, FILES.with_suffix(".json") if write else None)):
        file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if write:
        FILES.with_suffix(".svg").write_text(plot(measurements), encoding="utf-8")
        write_block("comparison", markdown(measurements, conditions))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.comparison", description=__doc__)
    parser.add_argument("--servers", type=_servers, default=list(NAMES), help=f"of {','.join(NAMES)} (default: all)")
    parser.add_argument("--listeners", type=_numbers, default=[1, 8, 16, 24], help="numbers, separated by commas")
    parser.add_argument("--sentences", type=int, default=3, help="sentences of ten words in each text (3.5 s each)")
    parser.add_argument("--ramp", type=float, default=2.0, help="seconds within which all listeners ask")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DATA_DIR", ROOT / "var")))
    parser.add_argument("--check", action="store_true", help="two listeners with a short text, to test the program")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--write", action="store_true", help="write table, plot and readings to docs")
    return parser


def _servers(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in NAMES]:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; servers are {', '.join(NAMES)}")
    return names


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def measure(server: str, listeners: Sequence[int], stage: Stage, data: Path) -> Measurement:
    """Measure ``server`` with each number of ``listeners``. A reason replaces what could not be measured."""
    readings: list[Readings] = []
    try:
        with _running(server, data) as (running, counters):
            run_stage(running, counters, Stage(1, 1, 4, 0.1, server, WARM_UP_SEED))
            for number, size in enumerate(listeners, 1):
                one = Stage(size, stage.sentences, stage.words, stage.ramp_s, server, number)
                readings.append(run_stage(running, counters, one))
                if _overloaded(readings[-1]):
                    left = [str(size) for size in listeners[number:]]
                    return Measurement(server, readings, f"overloaded: {', '.join(left)} left out" if left else "")
    except NotMeasuredError as error:
        return Measurement(server, readings, str(error))
    return Measurement(server, readings)


@contextmanager
def _running(server: str, data: Path) -> Iterator[tuple[Server, Path | None]]:
    if server in PEERS:
        with peer_server(server, data) as running:
            yield running, None
    else:
        with measured_server(data, {}) as measured:
            yield measured


def _overloaded(readings: Readings) -> bool:
    interrupted = readings.interrupted > readings.listeners / 2
    return interrupted or not readings.first_p50_ms < GIVE_UP_MS


def _without_nan(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in record.items()}


def _cells(readings: Readings) -> list[str]:
    return [_number(float(getattr(readings, column))) for column in COLUMNS]


def _number(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if value >= 100 or value.is_integer() else f"{value:.3g}"


def _text(measurements: Sequence[Measurement]) -> str:
    lines = [["", *COLUMNS.values()]]
    for measurement in measurements:
        lines += [[NAMES[measurement.server], *_cells(readings)] for readings in measurement.readings]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join([*table, *_missing(measurements)])


def _missing(measurements: Sequence[Measurement]) -> list[str]:
    return [f"{NAMES[each.server]}: {each.missing}" for each in measurements if each.missing]


def markdown(measurements: Sequence[Measurement], conditions: Mapping[str, Any]) -> str:
    """Return the plot, the table and the conditions in Markdown."""
    rows = [[NAMES[each.server], *_cells(readings)] for each in measurements for readings in each.readings]
    run = f"`{conditions['command']}`, {conditions['taken']}, {conditions['machine']['machine']}."
    return "\n\n".join(
        part
        for part in (
            f"![First audio, underruns, processor and memory by number of listeners](images/{FILES.name}.svg)",
            markdown_table(["", *COLUMNS.values()], rows),
            f"{run} {conditions['warning']}".strip(),
            "\n".join(f"- {line}." for line in _missing(measurements)),
        )
        if part
    )


def plot(measurements: Sequence[Measurement]) -> str:
    """Return the plot as SVG."""

    def chart(title: str, column: str, *, dashed: str = "", logarithmic: bool = False) -> Chart:
        lines = []
        for style, each in enumerate(measurements):
            lines += [
                Series(NAMES[each.server], _points(each.readings, name), style, dashed=name == dashed)
                for name in filter(None, (dashed, column))
            ]
        return Chart(title, lines, logarithmic)

    lines = [
        f"{NAMES[each.server]}: first audio p95 with "
        + ", ".join(f"{one.listeners} listeners {_number(one.first_p95_ms)} ms" for one in each.readings)
        for each in measurements
        if each.readings
    ]
    charts = (
        chart("First audio, ms: p95, and p50 dashed", "first_p95_ms", dashed="first_p50_ms", logarithmic=True),
        chart("Underruns", "underruns"),
        chart("Processor, cores", "cores"),
        chart("Resident memory, MB", "memory_mb"),
    )
    title = "Listeners in real time: this server, and the HTTP servers of Piper and Coqui"
    return svg(title, ". ".join(lines) + ".", "listeners", charts)


def _points(readings: Sequence[Readings], column: str) -> list[tuple[float, float]]:
    values = ((one.listeners, float(getattr(one, column))) for one in readings)
    return [(x, y) for x, y in values if not math.isnan(y)]


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
