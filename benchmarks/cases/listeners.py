"""Measures how many concurrent listeners, each with a different text, hear speech in real time."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from benchmarks.clients.listener import Listener, listening
from benchmarks.clients.playback import Playback
from benchmarks.report import Benchmark, Measured, Row
from benchmarks.server import serving
from benchmarks.texts import Texts

CROWDS = (1, 4, 8, 16)
LENGTHS = (10,) * 8
"""Eight sentences of ten words: about 30 seconds of speech."""

BEGIN_WITHIN_S = 5.0
LONGEST_S = 40.0
REPORT_EVERY_S = 0.25

NOTES = (
    f"Each starts at a random time in the first {BEGIN_WITHIN_S:.0f} s, plays immediately without a buffer,",
    f"and reports what it played. A round ends after {LONGEST_S:.0f} s.",
)


@dataclass(slots=True)
class ListenerResult:
    """The result of one listener's text."""

    first_s: float | None = None
    playback: Playback | None = None
    finished: bool = False


def measure(repetitions: int) -> Measured:
    """Measure each number of listeners ``repetitions`` times. Raises ``NotMeasuredError``."""
    texts = Texts(seed=4)
    rows: list[Row] = []
    with serving() as server:
        for size in CROWDS:
            results: list[ListenerResult] = []
            for _ in range(repetitions):
                results += asyncio.run(_round(server.socket_url, [texts.text(LENGTHS) for _ in range(size)]))
            rows += _rows(f"{size} listener{'s' if size > 1 else ''}", results)
    return rows, NOTES


async def _round(socket_url: str, texts: Sequence[str]) -> list[ListenerResult]:
    moments = random.Random(len(texts))  # noqa: S311 - the same in every run
    results = [ListenerResult() for _ in texts]
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_S):
            hearing = zip(texts, results, strict=True)
            await asyncio.gather(
                *(_listen(socket_url, text, result, moments.uniform(0, BEGIN_WITHIN_S)) for text, result in hearing)
            )
    return results


async def _listen(socket_url: str, text: str, result: ListenerResult, begin_s: float) -> None:
    async with listening(socket_url) as listener:
        await asyncio.sleep(begin_s)
        reports = asyncio.create_task(_report(listener, result))
        try:
            await _play(listener, text, result)
        finally:
            reports.cancel()


async def _play(listener: Listener, text: str, result: ListenerResult) -> None:
    began = time.monotonic()
    async for audio in listener.audio(text):
        now = time.monotonic()
        if result.playback is None:
            result.first_s, result.playback = now - began, Playback(audio.sample_rate)
        result.playback.receive(now, audio.end)
    if result.playback is not None:
        await asyncio.sleep(result.playback.left_s(time.monotonic()))
        result.finished = True


async def _report(listener: Listener, result: ListenerResult) -> None:
    while True:
        await asyncio.sleep(REPORT_EVERY_S)
        if result.playback is not None:
            await listener.played(result.playback.played(time.monotonic()))


def _rows(crowd: str, results: Sequence[ListenerResult]) -> list[Row]:
    first_ms = tuple(result.first_s * 1000 for result in results if result.first_s is not None)
    playing = [result.playback for result in results if result.playback is not None]
    return [
        *([Row(f"{crowd}: first audio", "ms", first_ms)] if first_ms else []),
        Row(f"{crowd}: underruns", "", (float(sum(playback.underruns for playback in playing)),)),
        Row(f"{crowd}: silence by underruns", "s", (sum(playback.silent_s for playback in playing),)),
        Row(f"{crowd}: not finished in time", "", (float(sum(not result.finished for result in results)),)),
    ]


BENCHMARK = Benchmark("concurrent listeners (no target)", 1, measure)
