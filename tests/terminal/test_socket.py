"""Speech over the websocket."""

import asyncio
import json
import logging
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from pytest_django import Settings

from project.asgi import application
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine
from tests.terminal.socket_client import Sound, Tab, tab
from themes.owners.identity import from_tab_token

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "One long text that goes on. " * 30


@pytest.fixture(autouse=True)
def hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]


async def test_the_snapshot(runtime_with_voice: Runtime) -> None:
    wire = WebsocketCommunicator(application, "/ws/terminal/", headers=[(b"host", b"localhost")])
    await wire.connect()
    snapshot = json.loads(await wire.receive_from())
    await wire.disconnect()
    theme, token = snapshot.pop("theme"), snapshot.pop("device")
    assert theme["dark"]["id"] == "default-dark"
    assert from_tab_token(token) is not None
    assert snapshot == {
        "type": "session.created",
        "protocol": 1,
        "voice": "tone",
        "speaker": None,
        "speed": 1.0,
        "voices": [
            {"id": "tone", "name": "Tone", "language": "en-US", "speakers": [], "sample_rate": 8000, "default": True}
        ],
        "limits": {
            "text": 1000,
            "queue": 32,
            "max_buffer_ahead_s": 5.0,
            "frame_bytes": 16384,
            "speed": [0.25, 4.0],
            "themes": 100,
        },
        "account": None,
        "queue": [],
    }


async def test_a_foreign_origin_is_rejected(runtime_with_voice: Runtime) -> None:
    wire = WebsocketCommunicator(
        application, "/ws/terminal/", headers=[(b"host", b"localhost"), (b"origin", b"http://evil.test")]
    )
    accepted, _ = await wire.connect()
    assert not accepted


async def test_an_utterance_from_end_to_end(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="Hello, world.")
        assert await alice.control() == {"type": "speech.queued", "id": 1, "position": 0}
        started = await alice.control()
        assert len(started.pop("resume")) > 100
        assert started == {
            "type": "speech.started", "id": 1, "voice": "tone", "speaker": None, "speed": 1.0,
            "sample_rate": 8000, "channels": 1, "gain": 1.0,
        }  # fmt: skip
        words = await alice.control()
        assert words["type"] == "speech.words"
        assert [word[:2] for word in words["words"]] == [[0, 6], [7, 13]]
        assert words["exact"]
        done = await alice.until("speech.done", id=1)
        heard = alice.heard(1)
        assert len(heard) // 2 == done["samples"] == words["total"]
        assert words["words"][-1][3] <= done["samples"]
        assert any(heard)


async def test_word_offsets_of_astral_text_are_utf_16_code_units(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="🙂 Hi")
        words = await alice.until("speech.words")
        assert [word[:2] for word in words["words"]] == [[3, 5]]


async def test_utterances_are_spoken_in_order(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        for number, text in enumerate(["One.", "Two.", "Three."], start=1):
            await alice.send("speech.create", id=number, text=text)
        for number in (1, 2, 3):
            done = await alice.until("speech.done", id=number)
            await alice.send("speech.played", id=number, sample=done["samples"])
        assert [sound.id for sound in alice.sounds] == sorted(sound.id for sound in alice.sounds)


async def test_the_same_text_has_the_same_samples_from_any_start(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="The same again. And a second sentence.")
        length = (await alice.until("speech.done"))["samples"]
        await alice.send("speech.played", id=1, sample=length)
        whole = alice.heard(1)
        for number, start in enumerate([1, 1000, length // 2, length - 1, length, length + 5000], start=2):
            await alice.send("speech.create", id=number, text="The same again. And a second sentence.", start=start)
            assert (await alice.until("speech.done", id=number))["samples"] == length
            assert alice.heard(number) == whole[start * 2 :]
            await alice.send("speech.played", id=number, sample=length)


async def test_cancelling_an_utterance_starts_the_next(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    async with tab() as alice:
        engine.hold()
        await alice.send("speech.create", id=1, text=LONG)
        await alice.send("speech.create", id=2, text="Next.")
        await alice.until("speech.queued", id=2)
        await alice.send("speech.cancel", id=1)
        await alice.until("speech.cancelled", id=1)
        engine.release()
        await alice.until("speech.done", id=2)
        assert alice.heard(1) == b""


async def test_cancelling_a_queued_utterance_keeps_the_others_queued(
    runtime_with_voice: Runtime, engine: ToneEngine
) -> None:
    async with tab() as alice:
        engine.hold()
        for number in (1, 2, 3):
            await alice.send("speech.create", id=number, text="Hello.")
        await alice.until("speech.queued", id=3)
        await alice.send("speech.cancel", id=2)
        await alice.until("speech.cancelled", id=2)
        engine.release()
        await alice.until("speech.done", id=1)
        await alice.until("speech.done", id=3)
        assert [sound.id for sound in alice.sounds] == sorted(sound.id for sound in alice.sounds)
        assert alice.heard(2) == b""


async def test_cancel_all_stops_every_utterance(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    async with tab() as alice:
        engine.hold()
        for number in (1, 2, 3):
            await alice.send("speech.create", id=number, text=LONG)
        await alice.until("speech.queued", id=3)
        await alice.send("speech.cancel_all")
        cancelled = {(await alice.until("speech.cancelled"))["id"] for _ in range(3)}
        assert cancelled == {1, 2, 3}
        engine.release()
        assert await alice.silent()


async def test_cancelling_an_ended_utterance_is_an_error(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.cancel", id=5)
        error = await alice.control()
        assert (error["type"], error["code"], error["id"]) == ("error", "utterance_unknown", 5)


async def made_s(alice: Tab, utterance: int) -> float:
    """Return the seconds of audio received until the server stops sending."""
    while not await alice.silent():
        await alice.frame()
    return len(alice.heard(utterance)) / 2 / 8000


async def test_flow_control_bounds_the_buffered_audio(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text=LONG)
        largest_window_s = 128 * 64 / 8000
        assert 5 <= await made_s(alice, 1) < 5 + largest_window_s + 1
        before = await made_s(alice, 1)
        await alice.send("speech.played", id=1, sample=16000)
        assert before + 1 <= await made_s(alice, 1) <= before + 2 + largest_window_s


async def test_a_paused_utterance_resumes(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    async with tab() as alice:
        engine.hold()
        await alice.send("speech.create", id=1, text="A short text.")
        await asyncio.to_thread(engine.reached.wait, 10)
        await alice.send("speech.pause")
        await alice.until("speech.paused")
        engine.release()
        while not await alice.silent():
            assert isinstance(await alice.frame(), Sound)
        assert len(alice.sounds) <= 1
        await alice.send("speech.resume")
        await alice.until("speech.resumed")
        await alice.until("speech.done", id=1)


async def test_invalid_playback_reports_are_ignored(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text=LONG)
        before = await made_s(alice, 1)
        await alice.send("speech.played", id=1, sample=0)
        await alice.send("speech.played", id=99, sample=5)
        assert await made_s(alice, 1) == before
        await alice.send("session.ping")
        assert await alice.control() == {"type": "session.pong"}


async def test_false_playback_reports_do_not_exceed_the_bound(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text=LONG)
        before = await made_s(alice, 1)
        await alice.send("speech.played", id=1, sample=0xFFFF_FFFF)
        assert await made_s(alice, 1) < before + 5 + 128 * 64 / 8000 + 1


async def test_texts_are_not_logged(runtime_with_voice: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with tab() as alice:
            for number, text in ((1, "Nobody else reads confidences."), (2, "Confidences\x07")):
                await alice.send("speech.create", id=number, text=text)
            while (await alice.control())["type"] != "speech.done":
                pass
            await alice.wire.send_input({"type": "websocket.receive", "text": '{"confidences'})
            assert (await alice.control())["type"] == "error"
    assert "onfidences" not in caplog.text


async def test_the_queue_is_bounded(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    async with tab() as alice:
        engine.hold()
        for number in range(1, 34):
            await alice.send("speech.create", id=number, text="Hello.")
        while (frame := await alice.control())["type"] != "error":
            pass
        assert (frame["code"], frame["limit"], frame["id"]) == ("queue_full", 32, 33)
        engine.release()
        await alice.until("speech.done", id=1)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": ""}, "text_empty"),
        ({"text": "  \n "}, "text_empty"),
        ({"text": "*** !!"}, "text_unspeakable"),
        ({"text": "🙂"}, "text_unspeakable"),
        ({"text": "a" * 1001}, "text_too_long"),
        ({"text": "bell \x07"}, "text_control"),
        ({"text": "lone \ud800"}, "text_encoding"),
        ({"text": "שלום"}, "language_unsupported"),
        ({"text": "Привет, мир"}, "language_unsupported"),
        ({"text": "e" + "\u0301" * 9}, "text_combining"),
        ({"text": "Hi", "voice": "nobody"}, "voice_unknown"),
        ({"text": "Hi", "speaker": "bob"}, "speaker_unknown"),
        ({"text": "Hi", "speed": 0.2}, "speed_out_of_range"),
        ({"text": "Hi", "speed": 4.01}, "speed_out_of_range"),
        ({"text": "Hi", "speed": 1e308}, "speed_out_of_range"),
        ({"text": "Hi", "speed": 10**400}, "speed_out_of_range"),
    ],
)
async def test_invalid_input_is_rejected_before_any_synthesis(
    runtime_with_voice: Runtime, engine: ToneEngine, fields: dict[str, Any], code: str
) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, **fields)
        error = await alice.control()
        assert (error["type"], error["code"], error["id"]) == ("error", code, 1)
        assert error["message"].endswith(".")
        assert engine.decoded == []
        await alice.send("speech.create", id=2, text="The socket lives.")
        await alice.until("speech.done", id=2)


@pytest.mark.parametrize(
    "frame", ["", "{", "[1]", '{"type":"x"}', '{"type":"speech.create","id":"1"}', "[" * 9000, " " * 17000]
)
async def test_a_malformed_frame_gets_an_error_and_the_socket_stays_open(
    runtime_with_voice: Runtime, frame: str
) -> None:
    async with tab() as alice:
        await alice.wire.send_input({"type": "websocket.receive", "text": frame})
        assert (await alice.control())["type"] == "error"
        await alice.send("session.ping")
        assert await alice.control() == {"type": "session.pong"}


async def test_a_binary_frame_gets_an_error(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.wire.send_to(bytes_data=b"\x00" * 100)
        assert (await alice.control())["code"] == "frame_invalid"


async def test_ids_must_increase(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=2, text="Hello.")
        await alice.until("speech.done", id=2)
        for number in (2, 1):
            await alice.send("speech.create", id=number, text="Hello.")
            assert (await alice.control())["code"] == "id_used"


async def test_the_session_keeps_voice_and_speed(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("session.update", speed=2)
        assert await alice.control() == {"type": "session.updated", "voice": "tone", "speaker": None, "speed": 2}
        await alice.send("session.update", voice="nobody", speed=3)
        error = await alice.control()
        assert (error["code"], error["choices"]) == ("voice_unknown", ["tone"])
        await alice.send("speech.create", id=1, text="Hello.")
        assert (await alice.until("speech.started"))["speed"] == 2


@pytest.mark.parametrize("failure", [RuntimeError("no"), SystemExit(), MemoryError()])
async def test_an_engine_error_ends_only_its_utterance(
    runtime_with_voice: Runtime, engine: ToneEngine, failure: BaseException
) -> None:
    async with tab() as alice:
        engine.break_with = failure
        await alice.send("speech.create", id=1, text="Hello.")
        await alice.send("speech.create", id=2, text="Still here.")
        errors = []
        while (frame := await alice.control())["type"] != "speech.done":
            errors += [frame] if frame["type"] == "error" else []
        assert [(error["code"], error["id"]) for error in errors] == [("engine_failed", 1)]
        assert frame["id"] == 2
        assert runtime_with_voice.pool.alive_workers == 2


async def test_a_disconnect_cancels_synthesis_within_a_window(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    async with tab() as alice:
        engine.hold()
        await alice.send("speech.create", id=1, text=LONG)
        await asyncio.to_thread(engine.reached.wait, 10)
    # Decoding was cancelled, and the workers are free.
    async with asyncio.timeout(5):
        await asyncio.gather(*(runtime_with_voice.pool.run(lambda: None, float("inf")) for _ in range(2)))
    assert engine.decoded == []
    assert runtime_with_voice.pool.queued_jobs == 0


async def test_audio_is_sent_only_to_the_requesting_tab(runtime_with_voice: Runtime) -> None:
    async with tab() as alice, tab() as bob:
        await alice.send("speech.create", id=1, text="For alice alone.")
        await alice.until("speech.done")
        assert await bob.silent()


async def test_overload_is_rejected_with_retry_after(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    engine.hold()
    places = [runtime_with_voice.pool.utterance_slot() for _ in range(8)]
    for place in places:
        place.__enter__()
    async with tab() as charlie:
        await charlie.send("speech.create", id=1, text="Hello.")
        while (frame := await charlie.control())["type"] != "error":
            pass
        assert frame["code"] == "busy"
        assert frame["retry_after"] > 0
    for place in places:
        place.__exit__(None, None, None)


async def test_large_windows_are_split_into_frames(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terminal.socket.protocol.AUDIO_SAMPLES", 1000)
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="Hello, world. And more of it.")
        done = await alice.until("speech.done")
        assert len(alice.heard(1)) // 2 == done["samples"]
        assert max(sound.samples for sound in alice.sounds) == 1000


async def test_flow_control_covers_all_utterances_of_a_tab(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        for number in range(1, 31):
            await alice.send("speech.create", id=number, text="A short text that is soon made.")
        while not await alice.silent():
            await alice.frame()
        made = sum(sound.samples for sound in alice.sounds) / 8000
        longest = max(sum(sound.samples for sound in alice.sounds if sound.id == number) for number in (1, 2)) / 8000
        assert 5 <= made < 5 + longest + 0.5
        first = sum(sound.samples for sound in alice.sounds if sound.id == 1)
        await alice.send("speech.played", id=1, sample=first)
        while not await alice.silent():
            await alice.frame()
        assert sum(sound.samples for sound in alice.sounds) / 8000 > made


async def test_an_utterance_still_playing_can_be_cancelled(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="Hello.")
        await alice.until("speech.done", id=1)
        await alice.send("speech.cancel", id=1)
        await alice.until("speech.cancelled", id=1)


async def test_shutdown_leaves_no_task_running(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    wire = WebsocketCommunicator(application, "/ws/terminal/", headers=[(b"host", b"localhost")])
    await wire.connect()
    engine.hold()
    for number in (1, 2):
        await wire.send_to(text_data=json.dumps({"type": "speech.create", "id": number, "text": LONG}))
    await asyncio.to_thread(engine.reached.wait, 10)
    # Daphne does this to every connection before it stops.
    wire.future.cancel()
    await asyncio.wait([wire.future])
    assert [task for task in asyncio.all_tasks() if "Session._run" in repr(task)] == []
    engine.release()
