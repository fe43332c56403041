"""``python -m benchmarks.gpu.load``: run some listeners of a stage in one process, in real time.

Each listener has a different text, plays from the first frame without a buffer, and reports its playback position. The
results are written to the console as JSON.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import websockets
from websockets.asyncio.client import connect

from benchmarks.clients.playback import Playback
from benchmarks.texts import Texts
from terminal.socket.protocol import AUDIO_HEADER

REPORT_EVERY_S = 0.5
TRIES = 40
RETRY_S = 0.25


@dataclass(slots=True)
class Ear:
    """The result of one listener."""

    first_s: float | None = None
    underruns: int = 0
    silent_s: float = 0.0
    audio_s: float = 0.0
    finished: bool = False
    error: str = ""


def main() -> None:
    """Run the listeners and print their results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.load")
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--listeners", type=int, required=True)
    parser.add_argument("--of", type=int, required=True, help="listeners in all processes, who share the ramp")
    parser.add_argument("--number", type=int, required=True, help="of this process")
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("--sentences", type=int, required=True)
    parser.add_argument("--start", type=float, required=True, help="time.time() at which the first one asks")
    parser.add_argument("--ramp", type=float, required=True, help="seconds in which all ask")
    parser.add_argument("--until", type=float, required=True, help="time.time() at which all stop")
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    print(json.dumps([asdict(ear) for ear in asyncio.run(_all(options))]))


async def _all(options: argparse.Namespace) -> Sequence[Ear]:
    texts = Texts(seed=options.seed * 1000 + options.number)
    ears = [Ear() for _ in range(options.listeners)]
    people = []
    for place, ear in enumerate(ears):
        overall = options.number + place * options.processes
        text = texts.text((10,) * options.sentences)
        begin = options.start + options.ramp * overall / options.of
        people.append(_listen(options.urls[overall % len(options.urls)], text, ear, begin, options.start))
    try:
        async with asyncio.timeout(options.until - time.time()):
            await asyncio.gather(*people)
    except TimeoutError:
        pass
    return ears


async def _listen(url: str, text: str, ear: Ear, begin: float, start: float) -> None:
    try:
        # Connections are spread over the time before the first request.
        await asyncio.sleep(random.uniform(0, max(0.0, start - 1 - time.time())))  # noqa: S311 - a delay
        socket = await _connected(url)
        try:
            await asyncio.sleep(max(0.0, begin - time.time()))
            await _hear(socket, text, ear)
        finally:
            await socket.close()
    except (OSError, websockets.WebSocketException, TimeoutError) as error:
        ear.error = ear.error or f"{type(error).__name__}: {str(error)[:80]}"


async def _connected(url: str) -> Any:
    for attempt in range(TRIES):
        try:
            return await connect(url, compression=None, proxy=None, open_timeout=20, ping_interval=None)
        except (OSError, websockets.WebSocketException, TimeoutError):
            # More concurrent handshakes than the server accepts.
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(RETRY_S * (1 + random.random()))  # noqa: S311 - a delay
    raise AssertionError


async def _hear(socket: Any, text: str, ear: Ear) -> None:  # noqa: C901 - one loop, message by message
    playback: Playback | None = None
    rate, received, reported_at = 22050, 0, 0.0
    began = time.monotonic()
    await socket.send(json.dumps({"type": "speech.create", "id": 1, "text": text, "voice": "joe"}))
    while True:
        try:
            frame = await asyncio.wait_for(socket.recv(), REPORT_EVERY_S)
        except TimeoutError:
            frame = None
        now = time.monotonic()
        if isinstance(frame, bytes):
            received += (len(frame) - AUDIO_HEADER.size) // 2
            if playback is None:
                playback = Playback(rate)
                ear.first_s = now - began
            playback.receive(now, received)
            ear.underruns, ear.silent_s, ear.audio_s = playback.underruns, playback.silent_s, received / rate
        elif frame is not None:
            message = json.loads(frame)
            if message["type"] == "speech.started":
                rate = message["sample_rate"]
            elif message["type"] == "error":
                ear.error = str(message.get("code"))
                return
            elif message["type"] == "speech.done":
                ear.finished = True
                break
        if playback is not None and now - reported_at >= REPORT_EVERY_S:
            reported_at = now
            await socket.send(json.dumps({"type": "speech.played", "id": 1, "sample": playback.played(now)}))
    if playback is not None:
        # A listener stays connected until the last sample.
        await asyncio.sleep(playback.left_s(time.monotonic()))


if __name__ == "__main__":
    main()
