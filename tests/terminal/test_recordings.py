"""Recordings of the form without JavaScript."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest
from django.test import AsyncClient

from synthesis.errors import SpeechError
from synthesis.models import LimitPolicyRow
from synthesis.pipeline.request import SpeechRequest, build_request
from synthesis.pipeline.wav_collector import collect_wav
from synthesis.runtime import Runtime
from terminal import recordings
from terminal.recordings import PART, Recordings, load_request, store_request
from tests.fake_engine import ToneEngine

pytestmark = pytest.mark.django_db(transaction=True)


async def speech_request(runtime_with_voice: Runtime, text: str = "Hello.") -> SpeechRequest:
    return build_request(await runtime_with_voice.catalog.read(), text)


def making(runtime_with_voice: Runtime, request: SpeechRequest) -> Callable[[], Coroutine[Any, Any, bytes]]:
    return lambda: collect_wav(runtime_with_voice.synthesizer.synthesize(request))


async def test_concurrent_requests_share_one_synthesis(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    recordings, request = Recordings(), await speech_request(runtime_with_voice)
    first, again = await asyncio.gather(*(recordings.get("a", making(runtime_with_voice, request)) for _ in range(2)))
    assert first is again


async def test_a_disconnect_does_not_cancel_the_recording(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    recordings, request = Recordings(), await speech_request(runtime_with_voice)
    engine.hold()
    leaving = asyncio.create_task(recordings.get("a", making(runtime_with_voice, request)))
    await asyncio.to_thread(engine.reached.wait, 10)
    leaving.cancel()
    engine.release()
    assert (await recordings.get("a", making(runtime_with_voice, request)))[:4] == b"RIFF"
    assert engine.decoded.count((0, 16)) == 1


async def test_a_failed_recording_is_retried(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    recordings, request = Recordings(), await speech_request(runtime_with_voice)
    engine.break_with = SpeechError("engine_failed", "Broken.")
    with pytest.raises(SpeechError):
        await recordings.get("a", making(runtime_with_voice, request))
    assert (await recordings.get("a", making(runtime_with_voice, request)))[:4] == b"RIFF"


async def test_tokens_are_unguessable(runtime_with_voice: Runtime) -> None:
    request = await speech_request(runtime_with_voice)
    tokens = {await store_request(request) for _ in range(50)}
    assert len(tokens) == 50
    # Of 64 signs each, that is 128 bits.
    assert {len(token) for token in tokens} == {22}
    assert await load_request(tokens.pop()) == {"text": "Hello.", "voice": "tone", "speaker": None, "speed": 1.0}


async def test_stored_requests_expire(runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recordings.REQUEST_TTL_S == 600
    monkeypatch.setattr(recordings, "REQUEST_TTL_S", 0)
    assert await load_request(await store_request(await speech_request(runtime_with_voice))) is None


async def sized(size: int) -> bytes:
    return bytes(size)


async def test_the_oldest_recording_of_the_largest_owner_is_evicted() -> None:
    recordings = Recordings(limit=100)
    for token, owner in (("first", "alice"), ("second", "bob"), ("third", "bob")):
        await recordings.get(token, lambda: sized(40), owner)
    assert [recordings.has(token) for token in ("first", "second", "third")] == [True, False, True]
    assert await recordings.get("third", lambda: sized(1)) == bytes(40)


async def test_a_response_reads_in_parts_and_ends_on_eviction() -> None:
    recordings = Recordings()
    size = PART * 2 + 10
    await recordings.get("a", lambda: sized(size))
    assert [len(part) async for part in recordings.parts("a", 5, size - 1)] == [PART, PART, 5]
    reading = recordings.parts("a", 0, size - 1)
    assert len(await anext(reading)) == PART
    recordings.forget("a")
    assert [part async for part in reading] == []


async def test_a_disconnected_client_holds_its_slot_until_synthesis_ends(
    runtime_with_voice: Runtime, engine: ToneEngine, async_client: AsyncClient
) -> None:
    await LimitPolicyRow.objects.filter(scope="visitors").adelete()
    await LimitPolicyRow.objects.acreate(scope="visitors", max_concurrent_utterances=1)
    request = await speech_request(runtime_with_voice)
    tokens = [await store_request(request) for _ in range(2)]
    engine.hold()
    leaving = asyncio.create_task(async_client.get(f"/spoken/{tokens[0]}.wav"))
    await asyncio.to_thread(engine.reached.wait, 10)
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    refused = await async_client.get(f"/spoken/{tokens[1]}.wav")
    assert (refused.status_code, refused["Retry-After"]) == (429, "2")
    engine.release()
    # The abandoned recording completes, and its slot is then released.
    assert (await async_client.get(f"/spoken/{tokens[0]}.wav")).status_code == 200
    assert (await async_client.get(f"/spoken/{tokens[1]}.wav")).status_code == 200
