"""Searches the most listeners that each processor engine serves in real time, and compares batches with Piper.

The number starts near the engine's own capacity C, measured in the same run, or for OpenVINO at its target if that is
more, and changes until the steps are used up. A number is served if no listener was interrupted, all heard everything,
and first audio p95 is at most ``FIRST_MS``.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.load.driver import Readings, Stage, capacity, measured_server, run_stage
from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from benchmarks.server import ROOT, serving
from core.process.cpu import cores, usable_cpus
from synthesis.engines.openvino import is_worthwhile

FIRST_MS = 150.0
STEPS = 3
FIRST_SHARE = 0.95
"""Listeners of the first step, as a multiple of C."""
GROW, SHRINK = 1.12, 0.85
SENTENCES = 4
RAMP_S = 3.0
BATCH_S = 10.0
LISTENERS_RATIO, BATCH_RATIO = 1.6, 1.5
ENGINES = ("onnx", "openvino")
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "onnx": {"SYNTHESIS_ENGINE": "onnx"},
    "openvino": {"SYNTHESIS_ENGINE": "openvino", "MEMORY_LIMIT_MB": "1000"},
}


def measure(steps: int) -> Measured:
    """Search in ``steps`` stages for each engine. Raises ``NotMeasuredError``."""
    return _measure(steps, Stage(1, SENTENCES, ramp_s=RAMP_S), BATCH_S)


def check() -> Measured:
    """Run a short stage with each engine, to test the program."""
    return _measure(1, Stage(1, 1, 4, 0.1), 0.1, most=2)


def _measure(steps: int, stage: Stage, batch_s: float, most: int | None = None) -> Measured:
    data = Path(os.environ.get("DATA_DIR", ROOT / "var"))
    # The server creates the data that is copied next.
    with serving():
        pass
    rows: list[Row] = []
    notes = [
        f"Served: no underrun, first audio p95 at most {FIRST_MS:g} ms, with texts of {stage.sentences} sentences."
    ]
    if not is_worthwhile():
        notes.append("This processor has no bfloat16 instructions, or OpenVINO is missing: its target does not apply.")
    served: dict[str, int] = {}
    batches: dict[str, Mapping[str, float]] = {}
    for engine in ENGINES:
        own = {"DATA_DIR": str(data), **SETTINGS[engine]}
        c = cores() * capacity(own)
        batches[engine] = _batch(own, batch_s)
        with measured_server(data, SETTINGS[engine]) as (server, counters):
            run_stage(server, counters, Stage(1, 1, 4, 0.1, seed=1000))

            def listen(size: int, number: int) -> Readings:
                one = Stage(size, stage.sentences, stage.words, stage.ramp_s, seed=number)
                return run_stage(server, counters, one)

            first = max(FIRST_SHARE * c, LISTENERS_RATIO * served.get("onnx", 0))
            tried = search(listen, min(most or sys.maxsize, round(first)), steps)
        passed = [readings for readings in tried if is_served(readings)]
        best = max(passed, key=lambda readings: readings.listeners, default=None)
        served[engine] = best.listeners if best else 0
        rows += [
            Row(f"{engine}: capacity C", "x", (c,)),
            Row(f"{engine}: batch, in wall time", "x", (batches[engine]["per_second"],)),
            Row(f"{engine}: batch, per second of processor time", "x", (batches[engine]["per_processor_second"],)),
            Row(f"{engine}: listeners served", "", (float(served[engine]),)),
        ]
        if best:
            rows.append(Row(f"{engine}: their first audio p95", "ms", (best.first_p95_ms,)))
        notes.append(f"{engine}: {'; '.join(map(_in_words, tried))}.")
    rows += _ratios(served, batches, _piper(batch_s))
    return rows, notes


def _ratios(
    served: Mapping[str, int], batches: Mapping[str, Mapping[str, float]], piper: Mapping[str, Mapping[str, float]]
) -> list[Row]:
    ratio = served["openvino"] / served["onnx"] if served["onnx"] else float("nan")
    rows = [Row("listeners, openvino / onnx", "x", (ratio,), Target(LISTENERS_RATIO, least=True))]
    for name, rates in piper.items():
        rows.append(Row(f"{name}: batch, in wall time", "x", (rates["per_second"],)))
        rows.append(Row(f"{name}: batch, per second of processor time", "x", (rates["per_processor_second"],)))
    fastest = max(rates["per_second"] for rates in piper.values())
    for engine in ENGINES:
        target = Target(BATCH_RATIO, least=True) if engine == "openvino" else None
        rows.append(Row(f"batch, {engine} / fastest Piper", "x", (batches[engine]["per_second"] / fastest,), target))
    return rows


def search(listen: Callable[[int, int], Readings], first: int, steps: int) -> list[Readings]:
    """Return the readings of ``steps`` numbers of listeners, which approach the largest that is served.

    ``listen`` measures a number of listeners, with a seed. No number is measured twice.
    """
    tried: list[Readings] = []
    size = max(1, first)
    while len(tried) < steps and size not in [readings.listeners for readings in tried]:
        tried.append(listen(size, len(tried) + 1))
        served = [readings.listeners for readings in tried if is_served(readings)]
        failed = [readings.listeners for readings in tried if not is_served(readings)]
        if served and failed:
            size = (max(served) + min(failed)) // 2
        else:
            size = max(1, round(size * (GROW if served else SHRINK)))
    return tried


def is_served(readings: Readings) -> bool:
    """Return whether all listeners heard everything, uninterrupted and early."""
    return not (readings.underruns or readings.unfinished or readings.errors) and readings.first_p95_ms <= FIRST_MS


def _in_words(readings: Readings) -> str:
    return (
        f"{readings.listeners} listeners {'served' if is_served(readings) else 'not served'} "
        f"(p95 {readings.first_p95_ms:.0f} ms, {readings.underruns} underruns, {readings.unfinished} unfinished)"
    )


def _piper(seconds: float) -> dict[str, dict[str, float]]:
    """Measure Piper in one process with its defaults, and in one process on each core."""
    one = _batch({}, seconds, "--piper")
    pinned = [
        subprocess.Popen(  # noqa: S603 - our own command
            _batch_command(seconds, "--piper", "--cpu", str(cpu)), cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for cpu in usable_cpus()[: cores()]
    ]
    outputs = [process.communicate()[0] for process in pinned]
    if any(process.returncode for process in pinned):
        raise NotMeasuredError("Piper on single cores ended with an error")
    each = [json.loads(output) for output in outputs]
    per_processor_second = sum(rates["per_processor_second"] for rates in each) / len(each)
    together = {"per_second": sum(rates["per_second"] for rates in each), "per_processor_second": per_processor_second}
    return {"Piper, one process": one, "Piper, a process per core": together}


def _batch(environment: Mapping[str, str], seconds: float, *options: str) -> dict[str, float]:
    command = _batch_command(seconds, *options)
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=os.environ | dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotMeasuredError(f"the engine alone: {done.stderr[-300:]}")
    rates: dict[str, float] = json.loads(done.stdout)
    return rates


def _batch_command(seconds: float, *options: str) -> Sequence[str]:
    return [sys.executable, "-m", "benchmarks.load.batch", "--seconds", str(seconds), *options]


BENCHMARK = Benchmark("most listeners with each engine, and batches compared with Piper", STEPS, measure, check)
