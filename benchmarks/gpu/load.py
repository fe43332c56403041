"""``python -m benchmarks.gpu.load``: run some listeners of a stage in one process, in real time.

Each listener has a different text, plays from the first frame without a buffer, and reports its playback position; over
HTTP, it reads at most ``HTTP_AHEAD_S`` seconds ahead. The results are written to the console as JSON.
"""

import argparse
import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import websockets
from websockets.asyncio.client import connect

from benchmarks.clients.http_connection import connected
from benchmarks.clients.playback import Playback
from benchmarks.peers.servers import PEERS, WAV_HEADER_BYTES
from benchmarks.texts import Texts
from terminal.socket.protocol import AUDIO_HEADER

REPORT_EVERY_S = 0.5
TRIES = 40
RETRY_S = 0.25
HTTP_AHEAD_S = 5.0
HTTP_RECEIVE_BYTES = 64 * 1024
"""Receive buffer of an HTTP client of this server, which stops synthesis for a slow reader."""
TRANSPORTS = ("socket", "http", *PEERS)
SAMPLE_RATE = 22050
VOICE = "joe"
SENTENCE_ENDS = re.compile(r"(?<=\.) ")


@dataclass(slots=True)
class ListenerResult:
    """The result of one listener."""

    first_s: float | None = None
    underruns: int = 0
    silent_s: float = 0.0
    audio_s: float = 0.0
    finished: bool = False
    error: str = ""
    announced_s: float | None = None
    """The wait for admission that the server announced first; ``None`` if it announced none."""
    waited_s: float | None = None
    """The time from that announcement to ``speech.started``."""
    handshake_tries: int = 0


class _Player:
    """Plays arriving samples and records the listener's result in ``result``."""

    def __init__(self, result: ListenerResult, rate: int = SAMPLE_RATE) -> None:
        self.rate = rate
        self._ear = result
        self._began = time.monotonic()
        self._received = 0
        self.playback: Playback | None = None

    def receive(self, samples: int) -> None:
        now = time.monotonic()
        if self.playback is None:
            self.playback = Playback(self.rate)
            self._ear.first_s = now - self._began
        self._received += samples
        self.playback.receive(now, self._received)
        result, playback = self._ear, self.playback
        result.underruns, result.silent_s, result.audio_s = (
            playback.underruns,
            playback.silent_s,
            self._received / self.rate,
        )

    @property
    def left_s(self) -> float:
        return self.playback.left_s(time.monotonic()) if self.playback else 0.0


def main() -> None:
    """Run the listeners and print their results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.load")
    parser.add_argument("urls", nargs="+", help="of websockets, or of servers for HTTP")
    parser.add_argument("--listeners", type=int, required=True)
    parser.add_argument("--of", type=int, required=True, help="listeners in all processes, who share the ramp")
    parser.add_argument("--number", type=int, required=True, help="of this process")
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("--sentences", type=int, required=True)
    parser.add_argument("--words", type=int, default=10, help="in each sentence")
    parser.add_argument("--start", type=float, required=True, help="time.time() at which the first one asks")
    parser.add_argument("--ramp", type=float, required=True, help="seconds in which all ask")
    parser.add_argument("--until", type=float, required=True, help="time.time() at which all stop")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--transport", choices=TRANSPORTS, default="socket")
    options = parser.parse_args()
    print(json.dumps([asdict(result) for result in asyncio.run(_all(options))]))


async def _all(options: argparse.Namespace) -> Sequence[ListenerResult]:
    texts = Texts(seed=options.seed * 1000 + options.number)
    results = [ListenerResult() for _ in range(options.listeners)]
    people = []
    for place, result in enumerate(results):
        overall = options.number + place * options.processes
        text = texts.text((options.words,) * options.sentences)
        begin = options.start + options.ramp * overall / options.of
        url = options.urls[overall % len(options.urls)]
        if options.transport == "socket":
            people.append(_listen(url, text, result, begin, options.start))
        else:
            people.append(_listen_http(url, text, result, begin, options.transport))
    try:
        async with asyncio.timeout(options.until - time.time()):
            await asyncio.gather(*people)
    except TimeoutError:
        pass
    return results


async def _listen(url: str, text: str, result: ListenerResult, begin: float, start: float) -> None:
    try:
        # Connections are spread over the time before the first request.
        await asyncio.sleep(random.uniform(0, max(0.0, start - 1 - time.time())))  # noqa: S311 - a delay
        socket = await _connected(url, result)
        try:
            await asyncio.sleep(max(0.0, begin - time.time()))
            await _hear(socket, text, result)
        finally:
            await socket.close()
    except (OSError, websockets.WebSocketException, TimeoutError) as error:
        result.error = result.error or f"{type(error).__name__}: {str(error)[:80]}"


async def _connected(url: str, result: ListenerResult) -> Any:
    for attempt in range(TRIES):
        result.handshake_tries += 1
        try:
            return await connect(url, compression=None, proxy=None, open_timeout=20, ping_interval=None)
        except (OSError, websockets.WebSocketException, TimeoutError):
            # More concurrent handshakes than the server accepts.
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(RETRY_S * (1 + random.random()))  # noqa: S311 - a delay
    raise AssertionError


async def _hear(socket: Any, text: str, result: ListenerResult) -> None:
    player = _Player(result)
    await socket.send(json.dumps({"type": "speech.create", "id": 1, "text": text, "voice": VOICE}))
    reports = asyncio.create_task(_report(socket, player))
    announced_at = 0.0
    try:
        async for frame in socket:
            if isinstance(frame, bytes):
                player.receive((len(frame) - AUDIO_HEADER.size) // 2)
                continue
            message = json.loads(frame)
            match message["type"]:
                case "speech.waiting" if result.announced_s is None:
                    result.announced_s, announced_at = message["wait_s"], time.monotonic()
                case "speech.started":
                    player.rate = message["sample_rate"]
                    if result.announced_s is not None:
                        result.waited_s = time.monotonic() - announced_at
                case "speech.done":
                    result.finished = True
                    break
                case "error":
                    result.error = str(message.get("code"))
                    return
        # A listener stays connected until the last sample.
        await asyncio.sleep(player.left_s)
    finally:
        reports.cancel()


async def _report(socket: Any, player: _Player) -> None:
    while True:
        await asyncio.sleep(REPORT_EVERY_S)
        if player.playback is not None:
            sample = player.playback.played(time.monotonic())
            await socket.send(json.dumps({"type": "speech.played", "id": 1, "sample": sample}))


async def _listen_http(url: str, text: str, result: ListenerResult, begin: float, transport: str) -> None:
    await asyncio.sleep(max(0.0, begin - time.time()))
    player = _Player(result)
    audio = _http_audio(url, text) if transport == "http" else _peer_audio(url, text, transport)
    try:
        async for samples in audio:
            player.receive(samples)
            await asyncio.sleep(max(0.0, player.left_s - HTTP_AHEAD_S))
        result.finished = True
    except (OSError, EOFError, ValueError) as error:
        result.error = str(error)[:80] or type(error).__name__
        return
    await asyncio.sleep(player.left_s)


async def _http_audio(url: str, text: str) -> AsyncIterator[int]:
    """Request ``text`` as PCM and yield each chunk's samples. Raises ``ValueError`` for a status other than 200."""
    body = json.dumps({"model": "tts-1", "voice": VOICE, "input": text, "response_format": "pcm"}).encode()
    odd = 0
    async with connected(url, HTTP_RECEIVE_BYTES) as connection:
        async for part in connection.post("/v1/audio/speech", body):
            size = len(part) + odd
            odd = size % 2
            yield size // 2


async def _peer_audio(url: str, text: str, peer: str) -> AsyncIterator[int]:
    """Request one sentence after the other and yield the samples of each.

    The servers answer only when the audio of the whole request is complete, so this is how their clients hear long
    texts early.
    """
    for sentence in SENTENCE_ENDS.split(text):
        request = PEERS[peer].request(sentence)
        async with connected(url) as connection:
            parts = [part async for part in connection.post(request.path, request.body, request.media_type)]
        yield (sum(map(len, parts)) - WAV_HEADER_BYTES) // 2


if __name__ == "__main__":
    main()
