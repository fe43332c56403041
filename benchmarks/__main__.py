"""``python -m benchmarks [names...] [--json FILE] [--repetitions N]``: run benchmarks, print and save the results."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import abuse
from benchmarks.cases import (
    cold_start,
    first_audio,
    limit_propagation,
    listeners,
    memory,
    page,
    quality,
    theme_page,
    themes,
    window_accuracy,
)
from benchmarks.machine import machine
from benchmarks.report import Benchmark, NotMeasuredError, Result, table

BENCHMARKS: dict[str, Benchmark] = {
    "first_audio": first_audio.BENCHMARK,
    "memory": memory.BENCHMARK,
    "exactness": window_accuracy.BENCHMARK,
    "page": page.BENCHMARK,
    "cold_start": cold_start.BENCHMARK,
    "listeners": listeners.BENCHMARK,
    "themes": themes.BENCHMARK,
    "limit_propagation": limit_propagation.BENCHMARK,
    "abuse": abuse.BENCHMARK,
    "theme_page": theme_page.BENCHMARK,
    "quality": quality.BENCHMARK,
}


def main() -> int:
    """Run the selected benchmarks. Returns 1 if one could not be measured; a missed target is a result."""
    options = _parser().parse_args()
    facts = machine()
    _say("\n".join(f"{name:<14} {value}" for name, value in facts.items()))
    results: list[Result] = []
    for name in options.names or BENCHMARKS:
        results.append(_run(name, options.repetitions))
        if options.json:
            # Saved after each benchmark, so that an interrupted run keeps its results.
            _keep(options.json, facts, results)
    return int(any(result.failure for result in results))


def _keep(file: Path, facts: dict[str, str], results: Sequence[Result]) -> None:
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    record = {"taken": taken, "machine": facts, "results": [result.record() for result in results]}
    file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure the project's performance targets."
    )
    # argparse checks `choices` against the empty default of "*" too, hence the type.
    parser.add_argument("names", nargs="*", type=_name, metavar="name", help=f"{', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all readings to this file")
    parser.add_argument("--repetitions", type=_positive, metavar="N", help="instead of each benchmark's default")
    return parser


def _name(text: str) -> str:
    if text not in BENCHMARKS:
        raise argparse.ArgumentTypeError(f"there is no benchmark {text!r}; benchmarks are {', '.join(BENCHMARKS)}")
    return text


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _run(name: str, repetitions: int | None) -> Result:
    benchmark = BENCHMARKS[name]
    _say(f"\n{name}: {benchmark.about}")
    try:
        result = Result(name, *benchmark.measure(repetitions or benchmark.repetitions))
    except NotMeasuredError as reason:
        result = Result(name, failure=str(reason))
    _say(f"  could not be measured: {result.failure}" if result.failure else table(result))
    return result


def _say(text: str) -> None:
    # A benchmark takes minutes: each table is printed immediately, in a pipe too.
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
