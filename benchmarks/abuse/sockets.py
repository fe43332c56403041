"""Measures a normal listener, and the server's memory, during attacks on sockets and pages."""

import asyncio
import itertools
import json
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from benchmarks.clients.listener import Listener, listening
from benchmarks.report import Benchmark, Measured, Row, Target
from benchmarks.server import HOST, Server, serving
from benchmarks.texts import Texts

ABUSER = ("127.0.0.2", 0)
"""A second loopback address, because limits are counted by address."""
FLOODER = ("127.0.0.3", 0)
SOCKETS = 50
A_SECOND = 200
SHAPE = (15,)
ABUSE = "This is a long text of an attacker, who requests it again and again until the server rejects the request. " * 9

HANDSHAKES = 10_000
HANDSHAKES_A_SECOND = 500
SETTLED_S = 30.0

SLOWER = 2.0
CAP_MB = 500.0
RETURNS_TO = 1.10
MB = 1024 * 1024


def measure(repetitions: int) -> Measured:
    """Measure ``repetitions`` utterances of the normal listener, alone and during attacks.

    Raises ``NotMeasuredError``.
    """
    # Each connection is an open file, in this process and in the server.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with serving() as server:
        process = psutil.Process(server.pid)
        texts = Texts(seed=6)
        idle, _ = asyncio.run(_listen(server, texts, repetitions))
        disturbed, lost, largest, answers = asyncio.run(_abused(server, texts, repetitions, process))
        browsed, pages = asyncio.run(_browsed(server, texts, repetitions))
        before = process.memory_info().rss / MB
        outcomes = asyncio.run(_flood(server))
        after = _settled(process, before * RETURNS_TO)
        alive, _ = asyncio.run(_listen(server, texts, 3))
    alone, beside = (
        Row("without attack: first audio", "ms", idle),
        Row("during a text flood: first audio", "ms", disturbed),
    )
    loaded = Row("during a page flood: first audio", "ms", browsed)
    rows = (
        alone,
        beside,
        Row("latency ratio at p95", "x", (beside.p95 / alone.p95,), Target(SLOWER)),
        loaded,
        Row("latency ratio at p95", "x", (loaded.p95 / alone.p95,), Target(SLOWER)),
        Row("lost utterances of the normal listener", "", (float(lost),), Target(0)),
        Row("peak resident memory", "MB", (largest,), Target(CAP_MB, below=True)),
        Row(f"memory after {HANDSHAKES} handshakes, relative to before", "x", (after / before,), Target(RETURNS_TO)),
        Row("first audio after the attacks", "ms", alive),
    )
    notes = (
        f"Text flood: {A_SECOND} texts per second over {SOCKETS} sockets: {_describe_counts(answers)}.",
        f"Page flood: {A_SECOND} requests per second over {SOCKETS} connections: {_describe_counts(pages)}.",
        f"Handshakes: {HANDSHAKES_A_SECOND} per second, each left open and idle: {_describe_counts(outcomes)}.",
    )
    return rows, notes


async def _listen(server: Server, texts: Texts, times: int) -> tuple[tuple[float, ...], int]:
    """Return milliseconds to the first audio of each utterance, and the number of incomplete utterances."""
    first: list[float] = []
    lost = 0
    async with listening(server.socket_url) as listener:
        await listener.hear(texts.text(SHAPE))
        for _ in range(times):
            heard = await _heard(listener, texts.text(SHAPE))
            lost += heard is None
            first += [heard] if heard is not None else []
    return tuple(first), lost


async def _heard(listener: Listener, text: str) -> float | None:
    try:
        heard = await asyncio.wait_for(listener.hear(text), 60)
    except TimeoutError:
        return None
    return heard.first_s * 1000


async def _abused(
    server: Server, texts: Texts, times: int, process: psutil.Process
) -> tuple[tuple[float, ...], int, float, Counter[str]]:
    answers: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        largest = await stack.enter_async_context(watching(process))
        sockets = [
            await stack.enter_async_context(connect(server.socket_url, local_addr=ABUSER, proxy=None))
            for _ in range(SOCKETS)
        ]
        work = [asyncio.create_task(_count(socket, answers)) for socket in sockets]
        work += [asyncio.create_task(_abuse(sockets))]
        first, lost = await _listen(server, texts, times)
        for task in work:
            task.cancel()
    return first, lost, largest[0], answers


async def _abuse(sockets: list[ClientConnection]) -> None:
    began = time.monotonic()
    for number in itertools.count():
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        frame = {"type": "speech.create", "id": number // len(sockets) + 1, "text": ABUSE}
        with suppress(ConnectionClosed):
            await sockets[number % len(sockets)].send(json.dumps(frame))


async def _count(socket: ClientConnection, answers: Counter[str]) -> None:
    with suppress(ConnectionClosed):
        async for frame in socket:
            if isinstance(frame, str):
                message = json.loads(frame)
                if message["type"] in ("speech.queued", "error"):
                    answers[message.get("code", "accepted")] += 1


async def _browsed(server: Server, texts: Texts, times: int) -> tuple[tuple[float, ...], Counter[str]]:
    """Return milliseconds to the first audio during a flood of page requests."""
    answers: Counter[str] = Counter()
    began = time.monotonic()
    # Requests whose scheduled time has passed are sent immediately.
    turns = itertools.count()
    asking = [asyncio.create_task(_ask(server, began, turns, answers)) for _ in range(SOCKETS)]
    first, _ = await _listen(server, texts, times)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    return first, answers


async def _ask(server: Server, began: float, turns: Iterator[int], answers: Counter[str]) -> None:
    request = f"GET / HTTP/1.1\r\nHost: {HOST}:{server.port}\r\nConnection: close\r\n\r\n".encode()
    for turn in turns:
        await asyncio.sleep(max(0.0, began + turn / A_SECOND - time.monotonic()))
        reader, writer = await asyncio.open_connection(HOST, server.port, local_addr=ABUSER)
        writer.write(request)
        answer = await reader.read()
        answers[answer[9:12].decode()] += 1
        writer.close()


@asynccontextmanager
async def watching(process: psutil.Process) -> AsyncIterator[list[float]]:
    """Yield a list with the peak memory of the process in MB while the context is open."""
    largest = [0.0]
    task = asyncio.create_task(_watch(process, largest))
    yield largest
    task.cancel()


async def _watch(process: psutil.Process, largest: list[float]) -> None:
    while True:
        largest[0] = max(largest[0], process.memory_info().rss / MB)
        await asyncio.sleep(0.2)


async def _flood(server: Server) -> Counter[str]:
    """Open ``HANDSHAKES`` sockets and send nothing. Returns how many were accepted or rejected."""
    outcomes: Counter[str] = Counter()
    stop = asyncio.Event()
    began = time.monotonic()
    tasks = []
    for number in range(HANDSHAKES):
        await asyncio.sleep(max(0.0, began + number / HANDSHAKES_A_SECOND - time.monotonic()))
        tasks.append(asyncio.create_task(_open_handshake(server, outcomes, stop)))
    await asyncio.wait(tasks, timeout=20)
    stop.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    return outcomes


async def _open_handshake(server: Server, outcomes: Counter[str], stop: asyncio.Event) -> None:
    async with _socket(server, outcomes) as open_:
        if open_:
            await stop.wait()


@asynccontextmanager
async def _socket(server: Server, outcomes: Counter[str]) -> AsyncIterator[bool]:
    try:
        async with connect(server.socket_url, local_addr=FLOODER, proxy=None, open_timeout=20) as socket:
            message = json.loads(await socket.recv())
            outcomes["served" if message["type"] == "session.created" else str(message.get("code"))] += 1
            yield True
    except InvalidStatus as refusal:
        outcomes[f"rejected with {refusal.response.status_code}"] += 1
        yield False
    except (OSError, WebSocketException, TimeoutError) as error:
        outcomes[f"failed ({type(error).__name__})"] += 1
        yield False


def _settled(process: psutil.Process, wanted_mb: float) -> float:
    """Return the memory when it has fallen to the target, or at the timeout."""
    until = time.monotonic() + SETTLED_S
    while (used := process.memory_info().rss / MB) > wanted_mb and time.monotonic() < until:
        time.sleep(0.5)
    return used


def _describe_counts(counted: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counted.most_common())


BENCHMARK = Benchmark("latency of a normal listener during attacks", 90, measure)
