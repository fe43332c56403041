"""``python -m benchmarks [names...]``: run benchmarks, print their tables, and save the results.

``--check`` runs the shortest form of each, which only tests the program; ``--write`` also writes the tables of
benchmarks that have a block in docs/performance.md into it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import abuse
from benchmarks.cases import (
    cold_start,
    consistency,
    engines,
    first_audio,
    http_first_audio,
    limit_propagation,
    listeners,
    memory,
    operations,
    page,
    quality,
    slow_downloads,
    theme_page,
    themes,
    window_accuracy,
)
from benchmarks.document import write_block
from benchmarks.machine import load_warning, machine
from benchmarks.report import Benchmark, NotMeasuredError, Result, markdown, table

BENCHMARKS: dict[str, Benchmark] = {
    "first_audio": first_audio.BENCHMARK,
    "http": http_first_audio.BENCHMARK,
    "memory": memory.BENCHMARK,
    "exactness": window_accuracy.BENCHMARK,
    "page": page.BENCHMARK,
    "cold_start": cold_start.BENCHMARK,
    "listeners": listeners.BENCHMARK,
    "engines": engines.BENCHMARK,
    "slow_downloads": slow_downloads.BENCHMARK,
    "themes": themes.BENCHMARK,
    "limit_propagation": limit_propagation.BENCHMARK,
    "abuse": abuse.BENCHMARK,
    "theme_page": theme_page.BENCHMARK,
    "quality": quality.BENCHMARK,
    "operations": operations.BENCHMARK,
    "consistency": consistency.BENCHMARK,
}


def main() -> int:
    """Run the benchmarks. Returns 1 if one could not be measured, or with ``--fail-if-missed`` missed a target."""
    options = _parser().parse_args()
    facts = machine()
    if warning := load_warning():
        facts["warning"] = warning
    _say("\n".join(f"{name:<14} {value}" for name, value in facts.items()))
    results: list[Result] = []
    for name in options.names or BENCHMARKS:
        results.append(_run(name, options.repetitions, is_check=options.check))
        if options.json:
            # Saved after each benchmark, so that an interrupted run keeps its results.
            _keep(options.json, facts, results)
        if options.write and not results[-1].failure:
            try:
                write_block(name, _block(results[-1], facts))
            except NotMeasuredError as reason:
                _say(f"  not written: {reason}")
    missed = options.fail_if_missed and any(row.verdict == "missed" for result in results for row in result.rows)
    return int(missed or any(result.failure for result in results))


def _block(result: Result, facts: dict[str, str]) -> str:
    conditions = f"`python -m benchmarks {result.name}`, {_now()}, {facts['machine']}. {facts.get('warning', '')}"
    return f"{markdown(result)}\n\n{conditions.strip()}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _keep(file: Path, facts: dict[str, str], results: Sequence[Result]) -> None:
    record = {"taken": _now(), "machine": facts, "results": [result.record() for result in results]}
    file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure the project's performance targets."
    )
    # argparse checks `choices` against the empty default of "*" too, hence the type.
    parser.add_argument("names", nargs="*", type=_name, metavar="name", help=f"{', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all readings to this file")
    parser.add_argument("--fail-if-missed", action="store_true", help="exit with 1 if a target is missed")
    parser.add_argument("--repetitions", type=_positive, metavar="N", help="instead of each benchmark's default")
    parser.add_argument("--check", action="store_true", help="the shortest form of each, to test the programs")
    parser.add_argument("--write", action="store_true", help="write tables into their blocks in docs/performance.md")
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


def _run(name: str, repetitions: int | None, *, is_check: bool) -> Result:
    benchmark = BENCHMARKS[name]
    _say(f"\n{name}: {benchmark.about}")
    try:
        if is_check and benchmark.check:
            result = Result(name, *benchmark.check())
        else:
            result = Result(name, *benchmark.measure(1 if is_check else repetitions or benchmark.repetitions))
    except NotMeasuredError as reason:
        result = Result(name, failure=str(reason))
    _say(f"  could not be measured: {result.failure}" if result.failure else table(result))
    return result


def _say(text: str) -> None:
    # A benchmark takes minutes: each table is printed immediately, in a pipe too.
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
