"""Measures listeners on running servers: one listener, then stages of many listeners."""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.clients.listener import listening
from benchmarks.gpu.power import Power
from benchmarks.gpu.record import Record
from benchmarks.gpu.server_processes import (
    Serving,
    admission_between,
    busy_s,
    counters_between,
    processor_s,
    read_counters,
)
from benchmarks.server import HOST, ROOT
from benchmarks.summary import p95
from benchmarks.texts import Texts

LEAD_S = 5.0
"""Seconds before the first request, to start the processes and connect."""
ENOUGH_UNDERRUNS = 0.02
"""Fraction of listeners; above it, a larger stage gives no further information."""
LONE_WORDS = 15


def measure_lone_listener(options: argparse.Namespace, record: Record, server: Serving) -> None:
    """Measure the first audio of one listener that requests one text after the other."""

    async def firsts() -> list[float]:
        texts, found = Texts(seed=77), []
        async with listening(f"ws://{HOST}:{server.port}/ws/terminal/") as listener:
            for _ in range(options.lone + 2):
                heard = await listener.hear(texts.text((LONE_WORDS,)))
                found.append(heard.first_s * 1000)
                await asyncio.sleep(0.1)
        return found[2:]

    found = asyncio.run(firsts())
    figures = {"first_p50_ms": statistics.median(found), "first_p95_ms": p95(found)}
    record.add("one listener", texts=len(found), words=LONE_WORDS, **figures)


def run_stage(
    options: argparse.Namespace, record: Record, serving: Sequence[Serving], power: Power, listeners: int, number: int
) -> bool:
    """Run that many listeners. Returns whether a larger stage may run."""
    counted, used, busy = read_counters(serving), processor_s(serving), busy_s()
    results, began, ended = _listen(options, serving, listeners, number)
    heard = [result for result in results if result["first_s"] is not None]
    firsts = [result["first_s"] * 1000 for result in heard] or [float("nan")]
    interrupted = sum(bool(result["underruns"]) for result in results)
    audio_s = sum(result["audio_s"] for result in results)
    drawn = power.between(began, ended)
    row = {
        "listeners": listeners,
        "heard": len(heard),
        "finished": sum(result["finished"] for result in results),
        "first_p50_ms": statistics.median(firsts),
        "first_p95_ms": p95(firsts),
        "first_max_ms": max(firsts),
        "underruns": sum(result["underruns"] for result in results),
        "interrupted": interrupted,
        "silent_s": sum(result["silent_s"] for result in results),
        "audio_s": audio_s,
        "wall_s": ended - began,
        "server_cores": (processor_s(serving) - used) / (ended - began),
        "all_cores": (busy_s() - busy) / (ended - began),
        **drawn,
    }
    if "watts" in drawn and audio_s:
        row["joules_per_audio_s"] = drawn["watts"] * (ended - began) / audio_s
    record.add("listeners", **row)
    record.add("admission", listeners=listeners, **admission_between(serving, began, ended))
    errors = sorted({result["error"] for result in results if result["error"]})
    if errors:
        record.say(f"errors: {sum(bool(result['error']) for result in results)}: {errors[:4]}")
    time.sleep(1.2)
    record.add("counters", listeners=listeners, **counters_between(counted, read_counters(serving)))
    return interrupted <= max(1, ENOUGH_UNDERRUNS * listeners) and len(heard) >= 0.98 * listeners


def _listen(
    options: argparse.Namespace, serving: Sequence[Serving], listeners: int, number: int
) -> tuple[list[dict[str, Any]], float, float]:
    processes = min(options.load_processes, listeners)
    lead_s = LEAD_S + listeners / 500
    start, ramp = time.time() + lead_s, max(1.0, listeners / options.arrivals)
    until = start + ramp + options.sentences * 4.2 + 10
    urls = [f"ws://{HOST}:{server.port}/ws/terminal/" for server in serving]
    shared: dict[str, Any] = {
        "of": listeners,
        "processes": processes,
        "sentences": options.sentences,
        "start": start,
        "ramp": ramp,
        "until": until,
        "seed": number + 1,
    }
    running = []
    for place in range(processes):
        own = {"listeners": len(range(place, listeners, processes)), "number": place}
        words = [word for name, value in (shared | own).items() for word in (f"--{name}", str(value))]
        command = [sys.executable, "-m", "benchmarks.gpu.load", *urls, *words]
        running.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE))  # noqa: S603 - our own command
    results: list[dict[str, Any]] = []
    for process in running:
        heard, _ = process.communicate(timeout=until - time.time() + 30)
        results += json.loads(heard)
    return results, start, time.time()
