"""Single checks under load: ``python -m benchmarks.load --check NAME``. Each prints its figures as JSON.

The clients run in this process and report all audio as played at once, except where they play in real time.
"""

import asyncio
import json
import os
import random
import signal
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.clients.listener import VOICE
from benchmarks.load.driver import measured_server
from benchmarks.report import NotMeasuredError
from benchmarks.server import Server
from benchmarks.summary import p95
from benchmarks.texts import Texts
from terminal.socket.protocol import AUDIO_HEADER

Figures = dict[str, Any]
Sizes = Sequence[int]

TRIES = 200
RETRY_S = 0.2
REPORT_EVERY_S = 0.5
SHORT_WINDOW_S = 10.0
"""Seconds within which all clients of ``short`` ask."""
STORM_S = 3.0
STORM_CLIENTS = 60
LATE_S = 1.0
"""Seconds after the audio before has been played at which a chunk is late."""
GROWTH_CLIENTS = 8
"""Concurrent clients of ``growth``."""


class Client:
    """A tab. ``first_s``, ``waited`` and ``pcm`` describe the last utterance."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._id = 0
        self.rate = 22050
        self.first_s: float | None = None
        self.waited = False
        self.resume: str | None = None
        """The server's proof that the last utterance was admitted."""

    async def speak(self, text: str, start: int = 0) -> bytes:
        """Return the PCM of ``text``, received as fast as the server sends it. Raises ``NotMeasuredError``."""
        return b"".join([pcm async for _, pcm in self.chunks(text, start, report=True)])

    async def chunks(
        self, text: str, start: int = 0, *, report: bool = False, resume: str | None = None
    ) -> AsyncIterator[tuple[int, bytes]]:
        """Yield each chunk's first sample and PCM. With ``report``, report it as played."""
        self._id += 1
        self.first_s, self.waited = None, False
        asked = time.perf_counter()
        token = {"resume": resume} if resume else {}
        await self._send("speech.create", text=text, voice=VOICE, start=start, **token)
        async for frame in self._socket:
            if isinstance(frame, bytes):
                if self.first_s is None:
                    self.first_s = time.perf_counter() - asked
                *_, first = AUDIO_HEADER.unpack_from(frame)
                pcm = frame[AUDIO_HEADER.size :]
                yield first, pcm
                if report:
                    await self.played(first + len(pcm) // 2)
                continue
            message = json.loads(frame)
            match message["type"]:
                case "speech.waiting":
                    self.waited = True
                case "speech.started":
                    self.rate, self.resume = message["sample_rate"], message.get("resume")
                case "speech.done":
                    return
                case "error":
                    raise NotMeasuredError(f"{message['code']}: {message['message']}")
        raise NotMeasuredError("the socket was closed")

    async def played(self, sample: int) -> None:
        """Report that the last utterance was played up to ``sample``."""
        await self._send("speech.played", sample=sample)

    async def _send(self, name: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": name, "id": self._id, **fields}))


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Client]:
    """Yield a connected client; tries again while the server refuses handshakes."""
    socket = await _connected(url)
    try:
        yield Client(socket)
    finally:
        await socket.close()


async def _connected(url: str) -> ClientConnection:
    for _ in range(TRIES):
        try:
            return await connect(url, compression=None, proxy=None, open_timeout=30, ping_interval=None)
        except (OSError, WebSocketException, TimeoutError):
            await asyncio.sleep(RETRY_S * (1 + random.random()))  # noqa: S311 - a delay
    raise NotMeasuredError("the server refuses every handshake")


async def growth(server: Server, sizes: Sizes) -> Figures:
    """Measure the memory after each of ``sizes`` different short utterances."""
    texts = Texts(5)
    memory: dict[int, dict[str, float]] = {}
    async with _clients(server, GROWTH_CLIENTS) as clients:
        begun = 0
        for size in sizes:
            waiting = [texts.text((3,)) for _ in range(size - begun)]
            begun = size
            await asyncio.gather(*(_speak_all(each, waiting) for each in clients))
            await asyncio.sleep(3)
            info = psutil.Process(server.pid).memory_full_info()
            memory[size] = {"resident_mb": info.rss / 1e6, "unique_mb": info.uss / 1e6}
            print(f"{size} utterances: {memory[size]}", flush=True)
    first, last = memory[sizes[0]], memory[sizes[-1]]
    return {"memory": memory, "unique_growth": last["unique_mb"] / first["unique_mb"] - 1}


@asynccontextmanager
async def _clients(server: Server, count: int) -> AsyncIterator[list[Client]]:
    sockets = await asyncio.gather(*(_connected(server.socket_url) for _ in range(count)))
    try:
        yield [Client(socket) for socket in sockets]
    finally:
        await asyncio.gather(*(socket.close() for socket in sockets))


async def _speak_all(each: Client, waiting: list[str]) -> None:
    while waiting:
        await each.speak(waiting.pop())


async def crossing(server: Server, sizes: Sizes) -> Figures:
    """Compare the audio of so many simultaneous clients, each with its own text, with the same text spoken alone."""
    texts = Texts(6)
    given = [texts.text((6,)) for _ in range(sizes[-1])]
    async with client(server.socket_url) as alone:
        references = [await alone.speak(text) for text in given]
    async with _clients(server, len(given)) as clients:
        heard = await asyncio.gather(*(each.speak(text) for each, text in zip(clients, given, strict=True)))
    differences = [_difference(*pair) for pair in zip(heard, references, strict=True)]
    return {
        "listeners": len(given),
        "different_references": len(set(references)),
        "equal": sum(difference == 0 for difference in differences),
        "largest_difference_pcm16_steps": max(differences),
        "waited": sum(each.waited for each in clients),
    }


def _difference(heard: bytes, reference: bytes) -> int:
    if len(heard) != len(reference):
        return 1 << 16
    a, b = np.frombuffer(heard, "<i2").astype(np.int32), np.frombuffer(reference, "<i2")
    return int(np.abs(a - b).max(initial=0))


async def short(server: Server, sizes: Sizes) -> Figures:
    """Let as many clients as the first size ask for a short text within ten seconds, of as many as the last size."""
    count, distinct = sizes[0], sizes[-1]
    texts = Texts(7)
    given = [texts.text((3,)) for _ in range(distinct)]
    async with _clients(server, count) as clients:

        async def ask(number: int, each: Client) -> str:
            await asyncio.sleep(SHORT_WINDOW_S * number / count)
            try:
                await each.speak(given[number % distinct])
            except NotMeasuredError as error:
                return str(error).partition(":")[0]
            return ""

        began = time.perf_counter()
        errors = [error for error in await asyncio.gather(*map(ask, range(count), clients)) if error]
    firsts = [each.first_s for each in clients if each.first_s is not None]
    return {
        "clients": count,
        "distinct": distinct,
        "served": len(firsts),
        "errors": {error: errors.count(error) for error in set(errors)},
        "waited": sum(each.waited for each in clients),
        **_percentiles(firsts),
        "all_done_s": time.perf_counter() - began,
    }


def _percentiles(times_s: Sequence[float]) -> Figures:
    return {
        "first_p50_ms": statistics.median(times_s) * 1000,
        "first_p95_ms": p95(list(times_s)) * 1000,
        "first_max_ms": max(times_s) * 1000,
    }


async def storm(server: Server, sizes: Sizes) -> Figures:
    """Measure first audio of a running tab alone, and while so many others connect within three seconds."""
    texts = Texts(8)
    async with client(server.socket_url) as tab:

        async def firsts(until: Callable[[], bool]) -> list[float]:
            times = []
            while not until():
                await tab.speak(texts.text((4,)))
                times.append(tab.first_s or float("nan"))
            return times

        ends = time.monotonic() + STORM_S
        alone = await firsts(lambda: time.monotonic() > ends)
        opened: list[ClientConnection] = []

        async def arrive(number: int) -> None:
            await asyncio.sleep(STORM_S * number / sizes[-1])
            opened.append(await _connected(server.socket_url))

        crowd = asyncio.gather(*map(arrive, range(sizes[-1])))
        during = await firsts(crowd.done)
        await crowd
        await asyncio.gather(*(socket.close() for socket in opened))
    return {"connected": len(opened), "alone": _percentiles(alone), "during": _percentiles(during), "n": len(during)}


@dataclass
class _Interrupted:
    """What a listener of ``failover`` noticed. Times are in seconds after the connection was lost."""

    reconnected_s: list[float] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)
    waited: bool = False
    finished: bool = False
    late: int = 0
    """Chunks that arrived more than a second after the audio before had been played."""
    errors: list[str] = field(default_factory=list)


async def failover(server: Server, sizes: Sizes) -> Figures:
    """Kill one of the server's processes while clients play. They reconnect and continue where they were.

    The first size is the number of clients; the second one that of further ones, who ask a second before.
    """
    texts = Texts(9)
    before = psutil.Process(server.pid).children(recursive=True)
    serving = [process for process in before if any("serve" in part for part in process.cmdline())]
    if len(serving) < 2:
        raise NotMeasuredError("set SERVER_PROCESSES=2 and REDIS_URL with --env")
    playing, late = [_Interrupted() for _ in range(sizes[0])], [_Interrupted() for _ in range(sum(sizes[1:]))]
    listeners = [asyncio.create_task(_listen(server, texts.text((10,) * 4), each)) for each in playing]
    await asyncio.sleep(4)
    listeners += [asyncio.create_task(_listen(server, texts.text((10,) * 4), each)) for each in late]
    await asyncio.sleep(1)
    serving[0].send_signal(signal.SIGKILL)
    await asyncio.gather(*listeners)
    interrupted = [each for each in playing if each.gaps_s]
    gaps = [gap for each in interrupted for gap in each.gaps_s]
    return {
        "listeners": len(playing),
        "finished": sum(each.finished for each in [*playing, *late]),
        "interrupted": len(interrupted),
        "gap_p50_s": statistics.median(gaps) if gaps else None,
        "gap_max_s": max(gaps, default=None),
        "gaps_s": sorted(round(gap, 2) for gap in gaps),
        "reconnect_max_s": max((time_s for each in interrupted for time_s in each.reconnected_s), default=None),
        "waited": sum(each.waited for each in interrupted),
        "others_late": sum(each.late for each in playing if not each.gaps_s),
        "errors": [error for each in [*playing, *late] for error in each.errors],
    }


async def _listen(server: Server, text: str, heard: _Interrupted) -> None:
    """Play ``text`` in real time, and continue it after a lost connection."""
    next_sample, lost_at, resume = 0, None, None
    for _ in range(3):
        tab: Client | None = None
        try:
            async with client(server.socket_url) as tab:
                if lost_at is not None:
                    heard.reconnected_s.append(time.perf_counter() - lost_at)
                due = None
                async for first, pcm in tab.chunks(text, next_sample, report=True, resume=resume):
                    now = time.perf_counter()
                    if lost_at is not None:
                        heard.gaps_s.append(now - lost_at)
                        heard.waited |= tab.waited
                        heard.errors.extend([] if first == next_sample else [f"{first} after {next_sample}"])
                        lost_at = None
                    heard.late += due is not None and now > due + LATE_S
                    next_sample = first + len(pcm) // 2
                    await asyncio.sleep(len(pcm) / 2 / tab.rate)
                    due = time.perf_counter()
            heard.finished = next_sample > 0
            return
        except (NotMeasuredError, WebSocketException) as error:
            if not isinstance(error, WebSocketException) and "closed" not in str(error):
                heard.errors.append(str(error))
                return
            lost_at, resume = time.perf_counter(), (tab and tab.resume) or resume


CHECKS: Mapping[str, tuple[Callable[[Server, Sizes], Awaitable[Figures]], Sizes, Mapping[str, str]]] = {
    "growth": (growth, (1000, 5000), {}),
    # Without the cache, nothing but the networks makes the audio.
    "crossing": (crossing, (200,), {"SEGMENT_CACHE_MB": "0"}),
    "short": (short, (1000, 50), {}),
    "storm": (storm, (STORM_CLIENTS,), {}),
    "failover": (failover, (10, 0), {"SERVER_PROCESSES": "2"}),
}
"""The checks, their sizes, and settings of their servers."""


def run_check(name: str, data: Path, environment: Mapping[str, str], sizes: Sizes | None) -> Figures:
    """Run a check on a new server. Raises ``NotMeasuredError``."""
    check, default, settings = CHECKS[name]
    with measured_server(data, {**settings, **environment}) as (server, _):
        figures = asyncio.run(_warm(check, server, sizes or default))
    return {"check": name, "load_average": os.getloadavg()[0], **figures}


async def _warm(check: Callable[[Server, Sizes], Awaitable[Figures]], server: Server, sizes: Sizes) -> Figures:
    async with client(server.socket_url) as first:
        await first.speak("Good morning.")
    return await check(server, sizes)
