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
    f"Each begins at a moment of its own in the first {BEGIN_WITHIN_S:.0f} s, plays at once and without a reserve,",
    f"and reports what it played. A round ends after {LONGEST_S:.0f} s.",
)


@dataclass(slots=True)
class Ear:
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
            ears: list[Ear] = []
            for _ in range(repetitions):
                ears += asyncio.run(_round(server.socket_url, [texts.text(LENGTHS) for _ in range(size)]))
            rows += _rows(f"{size} listener{'s' if size > 1 else ''}", ears)
    return rows, NOTES


async def _round(socket_url: str, texts: Sequence[str]) -> list[Ear]:
    moments = random.Random(len(texts))  # noqa: S311 - the same in every run
    ears = [Ear() for _ in texts]
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_S):
            hearing = zip(texts, ears, strict=True)
            await asyncio.gather(
                *(_listen(socket_url, text, ear, moments.uniform(0, BEGIN_WITHIN_S)) for text, ear in hearing)
            )
    return ears


async def _listen(socket_url: str, text: str, ear: Ear, begin_s: float) -> None:
    async with listening(socket_url) as listener:
        await asyncio.sleep(begin_s)
        reports = asyncio.create_task(_report(listener, ear))
        try:
            await _play(listener, text, ear)
        finally:
            reports.cancel()


async def _play(listener: Listener, text: str, ear: Ear) -> None:
    began = time.monotonic()
    async for audio in listener.audio(text):
        now = time.monotonic()
        if ear.playback is None:
            ear.first_s, ear.playback = now - began, Playback(audio.sample_rate)
        ear.playback.receive(now, audio.end)
    if ear.playback is not None:
        await asyncio.sleep(ear.playback.left_s(time.monotonic()))
        ear.finished = True


async def _report(listener: Listener, ear: Ear) -> None:
    while True:
        await asyncio.sleep(REPORT_EVERY_S)
        if ear.playback is not None:
            await listener.played(ear.playback.played(time.monotonic()))


def _rows(crowd: str, ears: Sequence[Ear]) -> list[Row]:
    first_ms = tuple(ear.first_s * 1000 for ear in ears if ear.first_s is not None)
    playing = [ear.playback for ear in ears if ear.playback is not None]
    return [
        *([Row(f"{crowd}: first audio", "ms", first_ms)] if first_ms else []),
        Row(f"{crowd}: underruns", "", (float(sum(playback.underruns for playback in playing)),)),
        Row(f"{crowd}: silence in them", "s", (sum(playback.silent_s for playback in playing),)),
        Row(f"{crowd}: not done in time", "", (float(sum(not ear.finished for ear in ears)),)),
    ]


BENCHMARK = Benchmark("how many can listen at once (no target)", 1, measure)
