"""Measures time to first audio and total time of a warm server over its socket, compared with Piper in-process.

The two alternate over the same texts and which one starts; only one of them runs at a time.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable

from benchmarks.clients.listener import Listener, listening
from benchmarks.peers.comparison_process import Piper, Spoken, piper
from benchmarks.report import Benchmark, Measured, Row, Target
from benchmarks.server import serving
from benchmarks.sound import sound_s
from benchmarks.summary import median
from benchmarks.texts import SHAPES, Texts

FIRST_MS = 150.0
FIRST_RATIOS = {"15 words": 0.5, "63 words, one sentence": 0.3}
WHOLE_RATIO = 1.1

WARM_UP = 2
# ONNX Runtime's threads busy-wait briefly after a run; the other engine runs once they are idle.
SETTLE_S = 0.05

NOTES = (
    "first: from the request to the first audio over a websocket; for Piper, from the call to its first chunk.",
    "total: until the last audio, per second of audio (without the pauses between sentences).",
    "Both use all cores: Piper one thread per core, this server one single-threaded worker per core.",
)

Readings = dict[str, list[Spoken]]
"""Readings by shape of text."""


def measure(repetitions: int) -> Measured:
    """Measure ``repetitions`` texts of every shape. Raises ``NotMeasuredError``."""
    with serving() as server:
        ours, theirs = asyncio.run(_measure(server.socket_url, repetitions))
    rows = [
        row
        for shape in SHAPES
        for part in (_first, _total_time_rows)
        for row in part(shape, ours[shape], theirs[shape])
    ]
    return rows, NOTES


async def _measure(socket_url: str, repetitions: int) -> tuple[Readings, Readings]:
    texts = Texts(seed=1)
    readings: tuple[Readings, Readings] = (defaultdict(list), defaultdict(list))
    async with listening(socket_url) as listener, piper() as peer:
        for repetition in range(-WARM_UP, repetitions):
            for shape, lengths in SHAPES.items():
                ours, theirs = await _turns(listener, peer, texts.text(lengths), we_begin=repetition % 2 == 0)
                if repetition >= 0:
                    readings[0][shape].append(ours)
                    readings[1][shape].append(theirs)
    return readings


async def _turns(listener: Listener, peer: Piper, text: str, *, we_begin: bool) -> tuple[Spoken, Spoken]:
    if we_begin:
        ours = await _settled(_speak(listener, text))
        return ours, await _settled(peer.speak(text))
    theirs = await _settled(peer.speak(text))
    return await _settled(_speak(listener, text)), theirs


async def _settled(turn: Awaitable[Spoken]) -> Spoken:
    await asyncio.sleep(SETTLE_S)
    return await turn


async def _speak(listener: Listener, text: str) -> Spoken:
    heard = await listener.hear(text)
    return Spoken(heard.first_s, heard.whole_s, sound_s(heard.pcm, heard.sample_rate))


def _first(shape: str, ours: list[Spoken], theirs: list[Spoken]) -> list[Row]:
    ours_ms, theirs_ms = (tuple(spoken.first_s * 1000 for spoken in side) for side in (ours, theirs))
    ratio = median(ours_ms) / median(theirs_ms)
    target = Target(FIRST_RATIOS[shape]) if shape in FIRST_RATIOS else None
    return [
        Row(f"{shape}: first", "ms", ours_ms, Target(FIRST_MS, on="p95")),
        Row(f"{shape}: first, Piper", "ms", theirs_ms),
        Row(f"{shape}: first, server / Piper", "x", (ratio,), target),
    ]


def _total_time_rows(shape: str, ours: list[Spoken], theirs: list[Spoken]) -> list[Row]:
    ours_ms, theirs_ms = (tuple(spoken.whole_s * 1000 / spoken.sound_s for spoken in side) for side in (ours, theirs))
    ratio = median(ours_ms) / median(theirs_ms)
    return [
        Row(f"{shape}: total", "ms/s", ours_ms),
        Row(f"{shape}: total, Piper", "ms/s", theirs_ms),
        Row(f"{shape}: total, server / Piper", "x", (ratio,), Target(WHOLE_RATIO)),
    ]


BENCHMARK = Benchmark("time to first audio of a warm server, compared with Piper", 40, measure)
