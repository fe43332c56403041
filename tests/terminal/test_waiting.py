"""Tests admission control over the socket and HTTP, and playback reports beyond the sent audio."""

import asyncio
from typing import Any

import pytest
from django.test import AsyncClient

from synthesis.pipeline.windows import LARGEST_WINDOW
from synthesis.pool.admission import Admission
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine
from tests.terminal.socket_client import Tab, tab

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "This is a text of which a listener hears a part while others wait for their turn. " * 10
OTHER = "Another text altogether. " * 20
SPEECH = {"model": "tts-1", "voice": "tone", "input": LONG, "response_format": "pcm"}


@pytest.fixture
def admission(runtime_with_voice: Runtime) -> Admission:
    """One utterance at a time."""
    one = Admission(runtime_with_voice.pool.meter, 0.9, 1)
    runtime_with_voice.gateway.admission = one
    return one


async def speaking(who: Tab, engine: ToneEngine, number: int = 1, text: str = LONG) -> None:
    """Begin an utterance, and wait until it is decoded."""
    engine.hold()
    await who.send("speech.create", id=number, text=text)
    await asyncio.to_thread(engine.reached.wait, 10)


async def test_a_waiting_tab_receives_its_position_and_then_speaks(admission: Admission, engine: ToneEngine) -> None:
    async with tab() as alice, tab() as bob, tab() as charlie:
        await speaking(alice, engine)
        await bob.send("speech.create", id=1, text=LONG)
        place = await bob.until("speech.waiting")
        assert (place["id"], place["position"]) == (1, 1)
        assert place["wait_s"] > 1
        await charlie.send("speech.create", id=1, text=LONG)
        assert (await charlie.until("speech.waiting"))["position"] == 2
        engine.release()
        await alice.send("speech.cancel_all")
        await bob.until("speech.started")
        assert (await charlie.until("speech.waiting", position=1))["id"] == 1


async def test_a_cancelled_utterance_leaves_the_waiting_line(admission: Admission, engine: ToneEngine) -> None:
    async with tab() as alice:
        await speaking(alice, engine)
        async with tab() as bob, tab() as charlie:
            await bob.send("speech.create", id=1, text=LONG)
            await bob.until("speech.waiting")
            await charlie.send("speech.create", id=1, text=LONG)
            await charlie.until("speech.waiting")
            await bob.send("speech.cancel", id=1)
            await bob.until("speech.cancelled", id=1)
            assert admission.stats()["waiting"] == 1
        assert await settled(admission, running=1, waiting=0)
        engine.release()
    assert await settled(admission, running=0, waiting=0)


async def settled(admission: Admission, **expected: int) -> bool:
    """Return whether the numbers become as expected."""
    async with asyncio.timeout(10):
        while {name: admission.stats()[name] for name in expected} != expected:
            await asyncio.sleep(0.01)
    return True


async def test_a_seek_keeps_its_admission(admission: Admission, engine: ToneEngine) -> None:
    async with tab() as alice, tab() as bob:
        await speaking(alice, engine)
        await bob.send("speech.create", id=1, text=LONG)
        await bob.until("speech.waiting")
        engine.release()
        await alice.send("speech.cancel", id=1)
        await alice.send("speech.create", id=2, text=LONG, start=20_000)
        await alice.until("speech.started", id=2)
        assert admission.stats()["waiting"] == 1


async def test_a_resumed_utterance_waits_before_new_ones_and_continues_where_it_was(
    runtime_with_voice: Runtime, engine: ToneEngine
) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text=LONG)
        resume = (await alice.until("speech.started"))["resume"]
        heard = await alice.frame()
        while isinstance(heard, dict):
            heard = await alice.frame()
        next_sample = heard.first_sample + heard.samples
    # The second process, which has no capacity.
    one = Admission(runtime_with_voice.pool.meter, 0.9, 1)
    runtime_with_voice.gateway.admission = one
    running = one.enter("charlie", ("tone", 1.0), 30.0)
    async with tab() as bob, tab() as alice:
        await bob.send("speech.create", id=1, text=OTHER)
        assert (await bob.until("speech.waiting"))["position"] == 1
        await alice.send("speech.create", id=1, text=LONG, start=next_sample, resume=resume)
        assert (await alice.until("speech.waiting"))["position"] == 1
        assert (await bob.until("speech.waiting", position=2))["id"] == 1
        running.close()
        assert (await alice.until("speech.started"))["resume"] not in (None, resume)
        while not alice.sounds:
            await alice.frame()
        assert alice.sounds[0].first_sample == next_sample
    one.close()


async def test_another_text_after_a_cancel_waits_for_its_turn(admission: Admission, engine: ToneEngine) -> None:
    async with tab() as alice, tab() as bob:
        await speaking(alice, engine)
        await bob.send("speech.create", id=1, text=LONG)
        await bob.until("speech.waiting")
        engine.release()
        await alice.send("speech.cancel", id=1)
        await alice.send("speech.create", id=2, text=OTHER)
        await bob.until("speech.started")
        assert (await alice.until("speech.waiting", id=2))["position"] == 1


class TestOverHttp:
    """HTTP requests wait for admission for a limited time."""

    async def test_an_http_request_waits_and_then_gets_503(
        self, admission: Admission, async_client: AsyncClient, settings: Any
    ) -> None:
        settings.SYNTHESIS_HTTP_WAIT_S = 0.2
        admission.enter("alice", ("tone", 1.0), 30.0)
        async with asyncio.timeout(10):
            refused = await async_client.post("/v1/audio/speech", SPEECH, content_type="application/json")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
        assert int(refused["Retry-After"]) > 1
        assert admission.stats()["waiting"] == 0

    async def test_a_waiting_request_speaks_when_it_is_admitted(
        self, admission: Admission, async_client: AsyncClient
    ) -> None:
        running = admission.enter("alice", ("tone", 1.0), 30.0)
        asking = asyncio.create_task(async_client.post("/v1/audio/speech", SPEECH, content_type="application/json"))
        assert await settled(admission, running=1, waiting=1)
        running.close()
        answer = await asking
        assert answer.status_code == 200
        async for _ in answer:  # type: ignore[attr-defined]
            pass
        assert await settled(admission, running=0, waiting=0)


async def sent_s(who: Tab) -> float:
    """Return the seconds of audio received until the server stops sending."""
    while not await who.silent():
        await who.frame()
    return sum(sound.samples for sound in who.sounds) / 8000


BUFFER_S = 5 + 2 * LARGEST_WINDOW * 64 / 8000


class TestReports:
    """Playback reports cannot make the server send more than its buffer ahead of what was sent."""

    async def test_a_client_that_never_reports(self, runtime_with_voice: Runtime) -> None:
        async with tab() as charlie:
            await charlie.send("speech.create", id=1, text=LONG)
            assert await sent_s(charlie) <= BUFFER_S

    async def test_reports_beyond_the_sent_audio(self, runtime_with_voice: Runtime) -> None:
        async with tab() as charlie:
            await charlie.send("speech.create", id=1, text=LONG)
            before = await sent_s(charlie)
            await charlie.send("speech.played", id=1, sample=0xFFFF_FFFF)
            assert before < await sent_s(charlie) <= before + BUFFER_S

    async def test_backward_reports(self, runtime_with_voice: Runtime) -> None:
        async with tab() as charlie:
            await charlie.send("speech.create", id=1, text=LONG)
            await sent_s(charlie)
            await charlie.send("speech.played", id=1, sample=16_000)
            after = await sent_s(charlie)
            for sample in (8_000, 0, 16_000):
                await charlie.send("speech.played", id=1, sample=sample)
            assert await sent_s(charlie) == after

    async def test_reports_of_other_utterances(self, runtime_with_voice: Runtime) -> None:
        async with tab() as charlie:
            await charlie.send("speech.create", id=1, text=LONG)
            before = await sent_s(charlie)
            for number in (2, 999, 0xFFFF_FFFF):
                await charlie.send("speech.played", id=number, sample=50_000)
            assert await sent_s(charlie) == before


async def test_a_hundred_utterances_that_no_client_plays(runtime_with_voice: Runtime) -> None:
    async with tab() as charlie, tab() as alice:
        for number in range(1, 101):
            await charlie.send("speech.create", id=number, text=LONG)
        # The server speaks alice's text meanwhile.
        await alice.send("speech.create", id=1, text="Hello.")
        await alice.until("speech.done")
        codes = []
        while not await charlie.silent():
            frame = await charlie.frame()
            if isinstance(frame, dict) and frame["type"] == "error":
                codes.append(frame["code"])
        assert set(codes) <= {"queue_full", "limit_characters", "limit_requests"}
        assert len(codes) >= 100 - charlie.snapshot["limits"]["queue"]
        assert await sent_s(charlie) <= BUFFER_S


async def test_frequent_reconnects_leave_no_state(runtime_with_voice: Runtime) -> None:
    for _ in range(50):
        async with tab() as charlie:
            await charlie.send("speech.create", id=1, text=LONG)
    assert await settled(runtime_with_voice.admission, running=0, waiting=0)
    assert len(runtime_with_voice.connections) == 0
    assert runtime_with_voice.pool.stats()["utterances"] == 0
