"""A listener on a real WebSocket, using the protocol of docs/protocol.md."""

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
"""The voice used for both this server and Piper."""

MOST_TRIES = 30
REPORT_EVERY_S = 1.0
"""Seconds of audio between playback reports: more often than flow control needs, below the frame rate limit."""


class RefusedError(Exception):
    """Raised for an error of the server; ``retry_after`` is in seconds, if the error has it."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.retry_after: float | None = error.get("retry_after")


@dataclass(frozen=True, slots=True)
class Audio:
    """One binary frame: PCM16 up to sample ``end`` (exclusive) of the utterance."""

    end: int
    pcm: bytes
    sample_rate: int


@dataclass(frozen=True, slots=True)
class Heard:
    """The timings of an utterance, in seconds since the request was sent."""

    first_s: float
    whole_s: float
    pcm: NDArray[np.int16]
    sample_rate: int


class Listener:
    """Requests utterances one after the other."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._id = 0
        self.finished = False
        """Whether the last utterance was received to its end."""

    async def audio(self, text: str, start: int = 0) -> AsyncIterator[Audio]:
        """Request ``text`` from sample ``start``, and yield its frames as they arrive. Raises ``RefusedError``."""
        self._id += 1
        self.finished = False
        await self._send("speech.create", text=text, voice=VOICE, start=start)
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
                    self.finished = True
                    return
                case "error":
                    raise RefusedError(message)

    async def played(self, sample: int) -> None:
        """Report that the utterance was played up to ``sample``."""
        await self._send("speech.played", sample=sample)

    async def hear(self, text: str) -> Heard:
        """Receive ``text`` as fast as it is synthesized: audio is reported as played immediately (no flow control).

        Waits and retries when the server gives ``retry_after``; raises ``RefusedError`` otherwise.
        """
        for _ in range(MOST_TRIES):
            try:
                return await self._hear(text)
            except RefusedError as refusal:
                if refusal.retry_after is None:
                    raise
                await asyncio.sleep(refusal.retry_after)
        raise NotMeasuredError("the server's rate limits reject every text")

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
            raise NotMeasuredError("an utterance ended without audio")
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
    """Yield a connected listener. Raises ``NotMeasuredError`` if the socket cannot be opened or fails."""
    try:
        # Without compression, which this server does not support, and without a proxy.
        async with connect(socket_url, compression=None, proxy=None) as socket:
            yield Listener(socket)
    except (OSError, WebSocketException, RefusedError) as error:
        raise NotMeasuredError(f"the socket: {error}") from error
