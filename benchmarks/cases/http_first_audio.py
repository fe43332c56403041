"""Compares first audio over HTTP with the socket of the same warm server, and with Piper's and Coqui's servers.

The ways to ask alternate, text by text, and only one of them works at a time. No text occurs twice, except the phrase
that is measured from the cache.
"""

import asyncio
import json
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path

from benchmarks.clients.http_connection import HttpConnection, connected
from benchmarks.clients.listener import VOICE, listening
from benchmarks.load.driver import measured_server
from benchmarks.peers.servers import PEERS, peer_server
from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from benchmarks.server import ROOT, serving
from benchmarks.summary import median
from benchmarks.texts import Texts

WORDS = 2
LONG_WORDS = 15
WARM_UP = 2
SETTLE_S = 0.05
"""Seconds between two requests: ONNX Runtime's threads busy-wait briefly after a run."""
KEPT_MS, NEW_MS, ENCODED_MS, CACHED_MS = 5.0, 8.0, 40.0, 10.0
OGG_PAGE = b"OggS"
OGG_HEADER_PAGES = 2
SOCKET, KEPT, NEW, CACHED = "socket", "pcm, kept connection", "pcm, new connection", "pcm, cached phrase"
PHRASE = "Welcome back."
LONG = f", {LONG_WORDS} words"
NOTES = (
    f"Texts of {WORDS} words where nothing else is said; from sending the request to the first byte of audio,",
    "connecting included for a new connection. For Opus, the two pages of headers do not count as audio.",
    "Piper's and Coqui's servers send a WAV file when all of it is complete, on a new connection.",
)

Timed = Callable[[], Awaitable[float]]
"""Asks for one text, and returns the seconds until its first audio."""


def measure(repetitions: int) -> Measured:
    """Measure ``repetitions`` texts of each kind. Raises ``NotMeasuredError``."""
    return _measure(repetitions, list(PEERS))


def check() -> Measured:
    """Measure one text of each kind without the peers, to test the program."""
    return _measure(1, [])


def _measure(repetitions: int, peers: Sequence[str]) -> Measured:
    data = Path(os.environ.get("DATA_DIR", ROOT / "var"))
    notes = list(NOTES)
    # The server creates the data that is copied next.
    with serving():
        pass
    with ExitStack() as stack:
        server, _ = stack.enter_context(measured_server(data, {}))
        urls = {}
        for name in peers:
            try:
                urls[name] = stack.enter_context(peer_server(name, data)).url
            except NotMeasuredError as error:
                notes.append(f"{PEERS[name].name}: {error}")
        readings = asyncio.run(_readings(server.url, server.socket_url, urls, repetitions))
    return _rows(readings), notes


async def _readings(
    url: str, socket_url: str, peers: Mapping[str, str], repetitions: int
) -> Mapping[str, Sequence[float]]:
    texts = Texts(seed=11)
    times: dict[str, list[float]] = defaultdict(list)
    async with AsyncExitStack() as stack:
        listener = await stack.enter_async_context(listening(socket_url))
        kept = await stack.enter_async_context(connected(url))

        def text(words: int = WORDS) -> str:
            return texts.text((words,))

        async def socket(words: int = WORDS) -> float:
            return (await listener.hear(text(words))).first_s

        async def http(words: int, audio_format: str = "pcm") -> float:
            return await _first(kept, text(words), audio_format)

        async def new() -> float:
            return await _on_new(url, lambda connection: _first(connection, text(), "pcm"))

        ways: dict[str, Timed] = {
            SOCKET: socket,
            KEPT: partial(http, WORDS),
            NEW: new,
            CACHED: lambda: _first(kept, PHRASE, "pcm"),
            **{name: partial(http, WORDS, name) for name in ("mp3", "opus")},
            SOCKET + LONG: partial(socket, LONG_WORDS),
            KEPT + LONG: partial(http, LONG_WORDS),
        }
        for name, peer_url in peers.items():

            async def peer(words: int, name: str = name, peer_url: str = peer_url) -> float:
                return await _peer(peer_url, name, text(words))

            ways |= {PEERS[name].name: partial(peer, WORDS), PEERS[name].name + LONG: partial(peer, LONG_WORDS)}
        for repetition in range(-WARM_UP, repetitions):
            for name, ask in ways.items():
                await asyncio.sleep(SETTLE_S)
                took = await ask()
                if repetition >= 0:
                    times[name].append(took * 1000)
    return times


async def _on_new(url: str, ask: Callable[[HttpConnection], Awaitable[float]]) -> float:
    began = time.perf_counter()
    async with connected(url) as connection:
        connecting = time.perf_counter() - began
        return connecting + await ask(connection)


async def _first(connection: HttpConnection, text: str, audio_format: str) -> float:
    """Receive all of ``text``. Returns the seconds until its first byte of audio."""
    body = {"model": "tts-1", "voice": VOICE, "input": text, "response_format": audio_format}
    return await _timed(connection.post("/v1/audio/speech", json.dumps(body).encode()), audio_format)


async def _peer(url: str, name: str, text: str) -> float:
    request = PEERS[name].request(text)
    return await _on_new(
        url, lambda connection: _timed(connection.post(request.path, request.body, request.media_type), "wav")
    )


async def _timed(parts: AsyncIterator[bytes], audio_format: str) -> float:
    began = time.perf_counter()
    first_s, received = float("nan"), b""
    try:
        async for part in parts:
            if first_s != first_s:  # Not a number yet.
                received += part
                if audio_format != "opus" or received.count(OGG_PAGE) > OGG_HEADER_PAGES:
                    first_s = time.perf_counter() - began
    except (OSError, EOFError, ValueError) as error:
        raise NotMeasuredError(f"the request: {error}") from error
    return first_s


def _rows(readings: Mapping[str, Sequence[float]]) -> list[Row]:
    def ahead(name: str, of: str) -> float:
        return median(readings[name]) - median(readings[of])

    targets = {CACHED: Target(CACHED_MS, on="p95", below=True)}
    rows = [Row(name, "ms", tuple(times), targets.get(name)) for name, times in readings.items()]
    differences = (
        (KEPT, SOCKET, KEPT_MS),
        (NEW, SOCKET, NEW_MS),
        ("mp3", KEPT, ENCODED_MS),
        ("opus", KEPT, ENCODED_MS),
    )
    rows += [
        Row(f"{name}, later than {of}", "ms", (ahead(name, of),), Target(limit)) for name, of, limit in differences
    ]
    for peer in PEERS.values():
        for kind in ("", LONG):
            if peer.name + kind in readings:
                ratio = median(readings[KEPT + kind]) / median(readings[peer.name + kind])
                rows.append(Row(f"{KEPT}{kind} / {peer.name}", "x", (ratio,)))
    return rows


BENCHMARK = Benchmark("first audio over HTTP, compared with the socket and other servers", 30, measure, check)
