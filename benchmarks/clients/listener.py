"""One listener on a real websocket, as docs/protocol.md describes it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.report import NotMeasuredError
from terminal.socket.protocol import AUDIO_HEADER

VOICE = "joe"
"""The voice that both this server and Piper speak with."""

MOST_TRIES = 30
REPORT_EVERY_S = 1.0
"""Of sound: far more often than flow control needs, and less often than a tab may send on the fastest machine."""


class RefusedError(Exception):
    """The server answered with an error; ``retry_after`` in seconds where it said when to try again."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.retry_after: float | None = error.get("retry_after")


@dataclass(frozen=True, slots=True)
class Audio:
    """One binary frame: PCM16 up to (not including) sample ``end`` of the utterance."""

    end: int
    pcm: bytes
    sample_rate: int


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance from request to end; times in seconds since the request was sent."""

    first_s: float
    whole_s: float
    pcm: NDArray[np.int16]
    sample_rate: int


class Listener:
    """Asks for one utterance after the other."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._id = 0

    async def audio(self, text: str) -> AsyncIterator[Audio]:
        """Ask for ``text``, yield its sound as it comes, and return at its end. Raises ``RefusedError``."""
        self._id += 1
        await self._send("speech.create", text=text, voice=VOICE)
        sample_rate = 0
        async for frame in self._socket:
            if isinstance(frame, bytes):
                yield _audio(frame, sample_rate)
                continue
            message = json.loads(frame)
            match message["type"]:
                case "speech.started":
                    sample_rate = message["sample_rate"]
                case "speech.done":
                    return
                case "error":
                    raise RefusedError(message)

    async def played(self, sample: int) -> None:
        """Report that the utterance was played up to ``sample``."""
        await self._send("speech.played", sample=sample)

    async def hear(self, text: str) -> Heard:
        """Hear ``text`` as fast as it is made: all counts as played at once, so that nothing is held back.

        Waits and tries again where the server asks for that, as its limits may; raises ``RefusedError`` otherwise.
        """
        for _ in range(MOST_TRIES):
            try:
                return await self._hear(text)
            except RefusedError as refusal:
                if refusal.retry_after is None:
                    raise
                await asyncio.sleep(refusal.retry_after)
        raise NotMeasuredError("the server's limits let nobody speak for long")

    async def _hear(self, text: str) -> Heard:
        frames: list[Audio] = []
        first_s = float("nan")
        reported = 0
        began = time.perf_counter()
        async for audio in self.audio(text):
            if not frames:
                first_s = time.perf_counter() - began
            frames.append(audio)
            if audio.end - reported >= REPORT_EVERY_S * audio.sample_rate:
                reported = audio.end
                await self.played(reported)
        whole_s = time.perf_counter() - began
        if not frames:
            raise NotMeasuredError("an utterance ended without a sound")
        await self.played(frames[-1].end)
        pcm = np.frombuffer(b"".join(audio.pcm for audio in frames), "<i2")
        return Heard(first_s, whole_s, pcm, frames[0].sample_rate)

    async def _send(self, name: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": name, "id": self._id, **fields}))


def _audio(frame: bytes, sample_rate: int) -> Audio:
    *_, first_sample = AUDIO_HEADER.unpack_from(frame)
    pcm = frame[AUDIO_HEADER.size :]
    return Audio(first_sample + len(pcm) // 2, pcm, sample_rate)


@asynccontextmanager
async def listening(socket_url: str) -> AsyncIterator[Listener]:
    """A listener who is connected. Raises ``NotMeasuredError`` where the socket cannot be opened or breaks."""
    try:
        # Without compression, which this server does not offer, and never through a proxy.
        async with connect(socket_url, compression=None, proxy=None) as socket:
            yield Listener(socket)
    except (OSError, WebSocketException, RefusedError) as error:
        raise NotMeasuredError(f"the socket: {error}") from error
