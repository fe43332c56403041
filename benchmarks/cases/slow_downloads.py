"""Measures what a hundred slow downloads at once cost the server, in threads and memory, for each audio format.

Each client has an address of its own, because the server limits the unread output of each, and reads 1 KB/s of its own
text of over three minutes. The engine sleeps instead of computing, so that the processor does not limit how many
utterances run at once. Each format has a server of its own.
"""

import asyncio
import json
import os
import time
from contextlib import AsyncExitStack
from pathlib import Path

import psutil

from benchmarks.clients.http_connection import connected
from benchmarks.clients.listener import VOICE
from benchmarks.load.driver import measured_server
from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from benchmarks.server import ROOT, Server, serving
from benchmarks.texts import Texts

FORMATS = ("pcm", "wav", "mp3", "flac", "opus", "aac")
DOWNLOADS = 100
SENTENCES = 56
READ_BYTES = 1024
EVERY_S = 1.0
READS = 40
"""Reads of each client before the server is measured: until synthesis has stopped for a client that reads slowly."""
RECEIVE_BYTES = 4096
"""Receive buffer of a client, so that unread audio stays on the server's side."""
FIRST_WAIT_S = 60.0
SLEEP = "0.001"
THREADS = 4
"""More threads than these would mean that downloads hold some; pools start a few at the first burst."""
LIMIT_MB = 1.0
MB = 1_000_000
WARM_UP = 3

NOTES = (
    f"Each client reads {READ_BYTES} bytes a second; the engine sleeps instead of computing.",
    "MB: a million bytes that would be free if the server ended (unique), relative to before the downloads.",
    "In the kernel: audio in the connections' send buffers (/proc/net/tcp), which has been synthesized already.",
)


def measure(downloads: int) -> Measured:
    """Measure ``downloads`` at once for each format. Raises ``NotMeasuredError``."""
    return _measure(downloads, FORMATS, READS)


def check() -> Measured:
    """Measure a few downloads of one format, to test the program."""
    return _measure(3, ("aac",), 1)


def _measure(downloads: int, formats: tuple[str, ...], reads: int) -> Measured:
    data = Path(os.environ.get("DATA_DIR", ROOT / "var"))
    # The server creates the data that is copied next.
    with serving():
        pass
    rows: list[Row] = []
    for name in formats:
        # A sleeping engine makes the same samples for every text of a length: no cache, so that all are made.
        settings = {"KIT_SLEEP": SLEEP, "SYNTHESIS_ENGINE": "onnx", "SEGMENT_CACHE_MB": "0"}
        with measured_server(data, settings) as (server, _):
            rows += asyncio.run(_rows(server, name, downloads, reads))
    return rows, NOTES


async def _rows(server: Server, name: str, downloads: int, reads: int) -> list[Row]:
    texts = Texts(seed=4)
    # Loads the format's library, and starts the threads of all pools.
    await asyncio.gather(*(_download(server, texts.text((6,)), name) for _ in range(WARM_UP)))
    process = psutil.Process(server.pid)
    threads, memory = process.num_threads(), process.memory_full_info().uss
    started = asyncio.Semaphore(0)
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(
            _slow_download(server, texts.text((10,) * SENTENCES), name, f"127.0.0.{number % 250 + 2}", started, stop)
        )
        for number in range(downloads)
    ]
    began = time.perf_counter()
    try:
        async with asyncio.timeout(FIRST_WAIT_S):
            for _ in range(downloads):
                await started.acquire()
    except TimeoutError:
        pass
    first_s = time.perf_counter() - began
    more = [process.memory_full_info().uss - memory]
    for _ in range(reads):
        await asyncio.sleep(EVERY_S)
        more.append(process.memory_full_info().uss - memory)
    more_threads = process.num_threads() - threads
    unsent = _unsent_bytes(server.port)
    stop.set()
    try:
        received = await asyncio.gather(*tasks)
    except (OSError, EOFError, ValueError) as error:
        raise NotMeasuredError(f"{name}: {error}") from error
    return [
        Row(f"{name}: downloads with audio", "", (float(sum(size > 0 for size in received)),)),
        Row(f"{name}: until all have audio", "s", (first_s,)),
        Row(f"{name}: more threads", "", (float(more_threads),), Target(THREADS)),
        Row(f"{name}: memory of a download", "MB", (more[-1] / MB / downloads,), Target(LIMIT_MB, below=True)),
        Row(f"{name}: at most, while it is synthesized", "MB", (max(more) / MB / downloads,)),
        Row(f"{name}: the same in the kernel", "MB", (unsent / MB / downloads,)),
    ]


def _unsent_bytes(port: int) -> int:
    """Return the bytes that the server's connections have given to the kernel and the clients have not received."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    fields = (line.split() for line in lines)
    return sum(int(line[4].partition(":")[0], 16) for line in fields if line[1].endswith(f":{port:04X}"))


def _body(text: str, name: str) -> bytes:
    return json.dumps({"model": "tts-1", "voice": VOICE, "input": text, "response_format": name}).encode()


async def _download(server: Server, text: str, name: str) -> None:
    async with connected(server.url) as connection:
        async for _ in connection.post("/v1/audio/speech", _body(text, name)):
            pass


async def _slow_download(
    server: Server, text: str, name: str, source: str, started: asyncio.Semaphore, stop: asyncio.Event
) -> int:
    """Read slowly until ``stop``. Returns the bytes."""
    received = 0
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(connected(server.url, RECEIVE_BYTES, source))
        async for part in connection.post("/v1/audio/speech", _body(text, name), read_bytes=READ_BYTES):
            if not received:
                started.release()
            received += len(part)
            try:
                async with asyncio.timeout(EVERY_S):
                    await stop.wait()
            except TimeoutError:
                continue
            break
    return received


BENCHMARK = Benchmark("threads and memory of slow downloads", DOWNLOADS, measure, check)
