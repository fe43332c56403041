"""Tests that a client that disconnects at any point of the response stops synthesis and frees its slots."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from project.asgi import application
from synthesis.pipeline.utterance_stream import MAX_IN_FLIGHT
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine
from tests.synthesis.api.client import scope_of

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "One sentence that goes on for a while. " * 20


class Caller:
    """An HTTP client of the ASGI application; ``stop_after`` messages, it neither reads nor stays connected."""

    def __init__(self, stop_after: int, **fields: Any) -> None:
        self.body = json.dumps({"input": LONG, **fields}).encode()
        self.received: list[dict[str, Any]] = []
        self.stopped = asyncio.Event()
        self._gone = asyncio.Event()
        self._stop_after = stop_after
        self._asked = False

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if len(self.received) >= self._stop_after:
            self.stopped.set()
            await asyncio.Event().wait()
        self.received.append(message)

    def hang_up(self) -> None:
        self._gone.set()

    async def call(self) -> None:
        await application(scope_of(), self.receive, self.send)


@asynccontextmanager
async def calling(caller: Caller) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(caller.call())
    async with asyncio.timeout(20):
        await caller.stopped.wait()
        yield task
        caller.hang_up()
        await task


def slots(runtime: Runtime) -> list[Any]:
    """Return the held slots of the process and of the caller."""
    return [runtime.pool._utterances, {**runtime.rate_limiter._leases["utterances"]._held}]


@pytest.mark.parametrize(
    "fields", [{}, {"response_format": "pcm"}, {"response_format": "aac"}, {"stream_format": "sse"}]
)
@pytest.mark.parametrize("messages", [0, 1, 2, 5])
async def test_a_disconnect_stops_synthesis_and_frees_the_slots(
    runtime_with_voice: Runtime, engine: ToneEngine, messages: int, fields: dict[str, Any]
) -> None:
    before = slots(runtime_with_voice)
    caller = Caller(messages, **fields)
    async with calling(caller):
        decoded = len(engine.decoded)
        assert slots(runtime_with_voice) != before
    assert slots(runtime_with_voice) == before
    assert len(engine.decoded) <= decoded + MAX_IN_FLIGHT
    assert len(caller.received) == messages


async def test_a_disconnect_before_the_first_audio(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    before = slots(runtime_with_voice)
    engine.hold()
    caller = Caller(0)
    task = asyncio.create_task(caller.call())
    await asyncio.to_thread(engine.reached.wait, 10)
    caller.hang_up()
    await asyncio.wait_for(task, 10)
    engine.release()
    assert slots(runtime_with_voice) == before
    assert (caller.received, len(engine.decoded)) == ([], 0)


@pytest.mark.parametrize("audio_format", ["mp3", "opus", "flac"])
async def test_slow_clients_hold_no_thread(runtime_with_voice: Runtime, engine: ToneEngine, audio_format: str) -> None:
    first = Caller(2, response_format=audio_format)
    async with calling(first):
        threads = threading.active_count()
        others = [Caller(2, response_format=audio_format) for _ in range(6)]
        tasks = [asyncio.create_task(other.call()) for other in others]
        await asyncio.gather(*(other.stopped.wait() for other in others))
        decoded = len(engine.decoded)
        # The second encoding thread may have started with the second stream.
        assert threading.active_count() <= threads + 1
        await asyncio.sleep(0)
        assert len(engine.decoded) <= decoded + MAX_IN_FLIGHT * 7
        for other in others:
            other.hang_up()
        await asyncio.gather(*tasks)
