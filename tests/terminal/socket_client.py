"""A test client for the terminal's websocket."""

import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from channels.testing import WebsocketCommunicator

from project.asgi import application
from tests.socket_schema import TERMINAL, check

HEADER = struct.Struct("<BBHIII")


@dataclass(frozen=True, slots=True)
class Sound:
    """A binary audio frame."""

    id: int
    sequence: int
    first_sample: int
    pcm: bytes

    @property
    def samples(self) -> int:
        return len(self.pcm) // 2


@dataclass
class Tab:
    """An open tab."""

    wire: WebsocketCommunicator
    sounds: list[Sound] = field(default_factory=list)
    snapshot: dict[str, Any] = field(default_factory=dict)

    async def send(self, type: str, **fields: Any) -> None:
        await self.wire.send_to(text_data=json.dumps({"type": type, **fields}))

    async def frame(self) -> dict[str, Any] | Sound:
        """Return the next frame, and record audio frames."""
        got = await self.wire.receive_from(timeout=10)
        if isinstance(got, str):
            frame: dict[str, Any] = json.loads(got)
            check(TERMINAL, "send", frame)
            return frame
        version, kind, reserved, utterance, sequence, first_sample = HEADER.unpack_from(got)
        assert (version, kind, reserved) == (1, 1, 0)
        sound = Sound(utterance, sequence, first_sample, got[HEADER.size :])
        self.sounds.append(sound)
        return sound

    async def until(self, type: str, **fields: Any) -> dict[str, Any]:
        """Return the next control frame of that type with those fields; skips other frames, but raises on errors."""
        while True:
            frame = await self.frame()
            if isinstance(frame, dict):
                if frame["type"] == type and all(frame.get(key) == value for key, value in fields.items()):
                    return frame
                assert frame["type"] != "error", frame

    async def control(self) -> dict[str, Any]:
        """Return the next control frame."""
        while True:
            frame = await self.frame()
            if isinstance(frame, dict):
                return frame

    async def silent(self) -> bool:
        """Return whether no further frame arrives."""
        return bool(await self.wire.receive_nothing(timeout=0.2))

    def heard(self, utterance: int) -> bytes:
        """Return the PCM of an utterance, after checking that its frames are contiguous."""
        sounds = [sound for sound in self.sounds if sound.id == utterance]
        for index, sound in enumerate(sounds):
            assert sound.sequence == index
            if index:
                assert sound.first_sample == sounds[index - 1].first_sample + sounds[index - 1].samples
        return b"".join(sound.pcm for sound in sounds)


@asynccontextmanager
async def tab(**headers: str) -> AsyncIterator[Tab]:
    """Open a tab, and wait for its ``session.created``."""
    sent = {"host": "localhost", "origin": "http://localhost", **headers}
    wire = WebsocketCommunicator(
        application, "/ws/terminal/", headers=[(name.encode(), value.encode()) for name, value in sent.items()]
    )
    accepted, _ = await wire.connect(timeout=10)
    assert accepted
    made = Tab(wire)
    made.snapshot = await made.control()
    assert made.snapshot["type"] == "session.created"
    try:
        yield made
    finally:
        await wire.disconnect()
