"""``python -m benchmarks.load``: measure how many listeners a server can serve in real time.

The number of listeners is given, or as multiples of the capacity C, which is measured first. ``--sleep`` imitates a
machine with ``--workers`` cores: the engine sleeps that many seconds per second of audio. ``--root`` runs another
checkout in alternation with this one, on ``--root-data``.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.load.checks import CHECKS, run_check
from benchmarks.load.driver import Readings, Stage, capacity, measured_server, run_stage
from benchmarks.server import ROOT
from core.process.cpu import cores

COLUMNS = {
    "listeners": "listeners",
    "first_p50_ms": "first p50",
    "first_p95_ms": "p95 ms",
    "underruns": "underruns",
    "interrupted": "in",
    "finished": "finished",
    "announced": "waited",
    "announced_right": "right",
    "cores": "cores",
    "loop_ms_per_audio_s": "loop ms/s",
    "loop_wakeups_per_audio_s": "wakes/s",
    "lag_p95_ms": "lag p95",
    "lag_max_ms": "max ms",
    "memory_mb": "MB",
}


def main() -> int:
    """Run the stages and print a table. Returns 0."""
    options = _parser().parse_args()
    environment = dict(pair.split("=", 1) for pair in options.env)
    if options.check:
        if options.sleep:
            environment |= {"KIT_SLEEP": str(options.sleep), "SYNTHESIS_ENGINE": "onnx"}
        figures = run_check(options.check, options.data, environment, options.sizes)
        _say(json.dumps(figures, indent=1))
        return 0
    if options.workers:
        environment["SYNTHESIS_WORKERS"] = str(options.workers)
    if options.sleep:
        environment |= {"KIT_SLEEP": str(options.sleep), "SYNTHESIS_ENGINE": "onnx"}
        _say(f"sleeping engine: {options.workers} workers, {options.sleep:g} s per second of audio")
    else:
        rate = capacity({"DATA_DIR": str(options.data)})
        count = options.workers or cores()
        _say(f"capacity C: {count} workers x {rate:.1f} = {count * rate:.1f} times real time")
    sizes = [max(1, round(size * count * rate)) for size in options.times_c] if options.times_c else options.listeners
    checkouts = {"this": (ROOT, options.data, environment)}
    if options.root:
        extra = dict(pair.split("=", 1) for pair in options.root_env)
        checkouts["other"] = (options.root.resolve(), options.root_data, environment | extra)
    rows: list[tuple[str, Readings]] = []
    for number, size in enumerate(sizes * options.repetitions):
        stage = Stage(size, options.sentences, options.words, options.ramp, options.transport, options.seed + number)
        for name, (root, data, env) in checkouts.items():
            with measured_server(data, env, root, options.trace) as (server, counters):
                # The first utterance loads espeak-ng, and fills caches of the policy and the catalog.
                run_stage(server, counters, Stage(1, 1, 4, 0.1, options.transport, 1000 + number))
                rows.append((name, run_stage(server, counters, stage)))
            _say(f"{name}: {json.dumps(rows[-1][1].record())}")
    _say("\n" + _table(rows))
    if options.json:
        record = [{"checkout": name, **readings.record()} for name, readings in rows]
        options.json.write_text(json.dumps(record, indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument(
        "--listeners", type=_numbers(int), default=[1, 8], help="numbers of listeners, separated by commas"
    )
    parser.add_argument(
        "--times-c", type=_numbers(float), help="numbers of listeners as multiples of the capacity, separated by commas"
    )
    parser.add_argument("--check", choices=tuple(CHECKS), help="one check instead of stages of listeners")
    parser.add_argument("--sizes", type=_numbers(int), help="sizes of the check, separated by commas")
    parser.add_argument("--transport", choices=("socket", "http"), default="socket")
    parser.add_argument("--sentences", type=int, default=8, help="sentences in each text")
    parser.add_argument("--words", type=int, default=10, help="words in each sentence")
    parser.add_argument(
        "--ramp", type=float, default=5.0, help="seconds within which all listeners send their requests"
    )
    parser.add_argument("--sleep", type=float, help="seconds of sleep per second of audio, instead of the networks")
    parser.add_argument("--workers", type=int, help="worker threads (default: the server's own)")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DATA_DIR", ROOT / "var")))
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="settings of the servers")
    parser.add_argument("--root", type=Path, help="another checkout, measured in alternation")
    parser.add_argument("--root-data", type=Path, help="DATA_DIR of the other checkout")
    parser.add_argument(
        "--root-env", action="append", default=[], metavar="NAME=VALUE", help="settings of the other checkout only"
    )
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trace", type=Path, metavar="FILE", help="states of admission control in the last stage")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser


def _numbers(kind: type[int] | type[float]) -> Callable[[str], list[int | float]]:
    return lambda text: [kind(part) for part in text.split(",")]


def _table(rows: Sequence[tuple[str, Readings]]) -> str:
    lines = [["", *COLUMNS.values()]]
    for name, readings in rows:
        values = (getattr(readings, column) for column in COLUMNS)
        lines.append([name, *(f"{value:.4g}" if isinstance(value, float) else str(value) for value in values)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
