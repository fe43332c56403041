"""Rate limits of the websocket, the form without JavaScript, and the HTTP API."""

import asyncio
import json
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.test import AsyncClient

from core.close_codes import POLICY_VIOLATION, TOO_MANY_CONNECTIONS
from project.asgi import application
from synthesis.errors import SpeechError
from synthesis.models import LimitPolicyRow
from synthesis.pipeline.events import Event
from synthesis.pipeline.request import SpeechRequest, build_request
from synthesis.runtime import Runtime
from terminal.recordings import Recordings
from terminal.socket.consumer import FRAME_BURST
from terminal.socket.frame_limiter import MAX_REFUSED_FRAMES, FrameFloodError, FrameRateLimiter
from tests.fake_engine import ToneEngine
from tests.terminal.socket_client import tab
from tests.themes.users import ALICE
from themes.owners import identity

pytestmark = pytest.mark.django_db(transaction=True)
HEADERS = [(b"host", b"localhost"), (b"origin", b"http://localhost")]


async def limit(**fields: int) -> LimitPolicyRow:
    return (await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults=fields))[0]


async def test_the_request_quota_rejects_with_retry_after(runtime_with_voice: Runtime) -> None:
    await limit(requests_per_minute=1)
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="Hello.")
        await alice.until("speech.done", id=1)
        await alice.send("speech.create", id=2, text="Hello again.")
        error = await alice.control()
        assert (error["code"], error["limit"], error["id"]) == ("limit_requests", 1, 2)
        assert 0 < error["retry_after"] <= 60
        await alice.send("session.ping")
        await alice.until("session.pong")


async def test_characters_are_counted_over_all_texts(runtime_with_voice: Runtime) -> None:
    await limit(characters_per_minute=20)
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="Fifteen letters")
        await alice.until("speech.done", id=1)
        await alice.send("speech.create", id=2, text="Fifteen letters")
        error = await alice.control()
        assert (error["code"], error["limit"], error["value"]) == ("limit_characters", 20, 15)
        await alice.send("speech.create", id=3, text="Five.")
        await alice.until("speech.done", id=3)


async def test_a_resumed_utterance_is_charged_for_the_rest_only(runtime_with_voice: Runtime) -> None:
    await limit(characters_per_minute=40)
    text = "Thirty characters, no fewer..."
    async with tab() as alice:
        await alice.send("speech.create", id=1, text=text)
        await alice.until("speech.done", id=1)
        await alice.send("speech.create", id=2, text=text, start=14_000)
        await alice.until("speech.done", id=2)
        await alice.send("speech.create", id=3, text=text, start=1)
        assert (await alice.control())["code"] == "limit_characters"


async def test_the_text_length_limit_comes_from_the_policy(runtime_with_voice: Runtime) -> None:
    await limit(max_text_length=5)
    async with tab() as alice:
        assert alice.snapshot["limits"]["text"] == 5
        await alice.send("speech.create", id=1, text="Too long.")
        assert (await alice.control())["code"] == "text_too_long"


async def test_a_used_up_quota_rejects_before_any_synthesis(runtime_with_voice: Runtime) -> None:
    await limit(requests_per_minute=1)
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="Hello.")
        await alice.until("speech.done", id=1)
        # The text is not validated.
        await alice.send("speech.create", id=2, text="e" + "\u0301" * 500)
        assert (await alice.control())["code"] == "limit_requests"


async def test_an_empty_text_is_not_charged(runtime_with_voice: Runtime) -> None:
    await limit(requests_per_minute=1)
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="")
        assert (await alice.control())["code"] == "text_empty"
        await alice.send("speech.create", id=2, text="Hello.")
        await alice.until("speech.done", id=2)


async def test_concurrent_utterances_are_limited_over_all_tabs(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    await limit(max_concurrent_utterances=1)
    async with tab() as one, tab() as two:
        engine.hold()
        await one.send("speech.create", id=1, text="Hello.")
        await one.until("speech.queued")
        await one.until("speech.started")
        await two.send("speech.create", id=1, text="Hello.")
        await two.until("speech.queued")
        error = await two.control()
        assert (error["code"], error["limit"], error["id"]) == ("limit_utterances", 1, 1)
        engine.release()
        await one.until("speech.done")
        await two.send("speech.create", id=2, text="Hello.")
        await two.until("speech.done")


async def test_a_tab_over_the_limit_gets_an_error_and_is_closed(runtime_with_voice: Runtime) -> None:
    await limit(max_connections=1)
    wires = [WebsocketCommunicator(application, "/ws/terminal/", headers=HEADERS) for _ in range(5)]
    for wire in wires:
        await wire.connect()
    # Four visitors without a cookie may share an address; the fifth is rejected.
    for wire in wires[:4]:
        assert json.loads(await wire.receive_from())["type"] == "session.created"
    error = json.loads(await wires[4].receive_from())
    assert (error["type"], error["code"], error["limit"]) == ("error", "limit_sockets", 4)
    assert (await wires[4].receive_output())["code"] == TOO_MANY_CONNECTIONS
    await wires[0].disconnect()
    async with tab():
        pass
    for wire in wires[1:4]:
        await wire.disconnect()


async def test_messages_of_a_rejected_socket_are_ignored(runtime_with_voice: Runtime) -> None:
    await limit(max_connections=1)
    signed = f"{identity.COOKIE}={identity.device_signer.sign(ALICE.device.hex)}".encode()
    async with tab(cookie=signed.decode()):
        wire = WebsocketCommunicator(application, "/ws/terminal/", headers=[*HEADERS, (b"cookie", signed)])
        await wire.connect()
        error = json.loads(await wire.receive_from())
        assert (error["code"], error["limit"]) == ("limit_sockets", 1)
        assert (await wire.receive_output())["code"] == TOO_MANY_CONNECTIONS
        for frame in ('{"type":"speech.create","id":1,"text":"Hello."}', "{"):
            await wire.send_input({"type": "websocket.receive", "text": frame})
        assert await wire.receive_nothing(timeout=0.2)
        await wire.disconnect()


async def test_messages_over_the_rate_are_ignored_and_the_socket_stays_open(runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        for _ in range(FRAME_BURST * 2):
            await alice.send("speech.cancel", id=1)
        codes = [(await alice.control())["code"] for _ in range(FRAME_BURST * 2)]
        assert set(codes[:FRAME_BURST]) == {"utterance_unknown"}
        assert "limit_frames" in codes


async def test_a_socket_is_closed_after_too_many_rejected_messages(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terminal.socket.consumer.FRAME_BURST", 1)
    monkeypatch.setattr("terminal.socket.consumer.FRAMES_PER_SECOND", 0.0)
    monkeypatch.setattr("terminal.socket.frame_limiter.MAX_REFUSED_FRAMES", 3)
    async with tab() as alice:
        for _ in range(5):
            await alice.send("session.ping")
        frames = [await alice.control() for _ in range(4)]
        assert [frame.get("code") for frame in frames] == [None, *["limit_frames"] * 3]
        closed = await alice.wire.receive_output()
        assert (closed["type"], closed["code"]) == ("websocket.close", POLICY_VIOLATION)


def test_the_frame_limiter_raises_after_too_many_rejections() -> None:
    now = 0.0
    limiter = FrameRateLimiter(1, 2, lambda: now)
    limiter.consume()
    limiter.consume()
    for _ in range(MAX_REFUSED_FRAMES):
        with pytest.raises(SpeechError):
            limiter.consume()
    with pytest.raises(FrameFloodError):
        limiter.consume()


def test_the_token_bucket_refills() -> None:
    now = [0.0]
    limiter = FrameRateLimiter(10, 1, lambda: now[0])
    limiter.consume()
    now[0] = 0.1
    limiter.consume()


class TestHttpLimits:
    """Limits of the HTTP API and the form."""

    async def ask(self, client: AsyncClient, text: str = "Hello.") -> tuple[int, dict[str, str], bytes]:
        body = {"model": "tts-1", "voice": "tone", "input": text}
        response: Any = await client.post("/v1/audio/speech", json.dumps(body), content_type="application/json")
        sound = b"".join([part async for part in response]) if response.streaming else response.content
        return response.status_code, dict(response.headers), sound

    async def test_responses_report_the_remaining_quota(
        self, runtime_with_voice: Runtime, async_client: AsyncClient
    ) -> None:
        await limit(requests_per_minute=2)
        for left in (1, 0):
            status, headers, _ = await self.ask(async_client)
            assert status == 200
            assert headers["RateLimit-Policy"] == '"requests";q=2;w=60'
            assert headers["RateLimit"].startswith(f'"requests";r={left};t=')
        status, headers, body = await self.ask(async_client)
        error = json.loads(body)["error"]
        assert (status, error["code"], error["limit"]) == (429, "limit_requests", 2)
        assert int(headers["Retry-After"]) == error["retry_after"]
        assert headers["RateLimit-Policy"] == '"requests";q=2;w=60'
        assert headers["RateLimit"] == f'"requests";r=0;t={error["retry_after"]}'

    async def test_the_error_names_the_exhausted_limit(
        self, runtime_with_voice: Runtime, async_client: AsyncClient
    ) -> None:
        await limit(characters_per_minute=20)
        await self.ask(async_client, "Fifteen letters")
        status, headers, _ = await self.ask(async_client, "Fifteen letters")
        assert status == 429
        assert headers["RateLimit-Policy"] == '"characters";q=20;w=60'
        assert headers["RateLimit"].startswith('"characters";r=5;t=')

    async def test_invalid_requests_are_not_charged(
        self, runtime_with_voice: Runtime, async_client: AsyncClient
    ) -> None:
        await limit(requests_per_minute=2)
        status, headers, _ = await self.ask(async_client, "")
        assert status == 400
        assert headers["RateLimit"].startswith('"requests";r=2;t=')

    async def test_slots_are_released_when_the_response_ends(
        self, runtime_with_voice: Runtime, async_client: AsyncClient
    ) -> None:
        await limit(max_concurrent_utterances=1)
        for _ in range(3):
            assert (await self.ask(async_client))[0] == 200

    async def test_the_form_keeps_the_text(self, runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
        await limit(requests_per_minute=1)
        assert (await async_client.post("/", {"text": "Hello.", "speed": "1.0"})).status_code == 200
        refused = await async_client.post("/", {"text": "Keep me.", "speed": "1.0"})
        assert refused.status_code == 429
        assert refused["RateLimit"] == f'"requests";r=0;t={refused["Retry-After"]}'
        assert "Keep me." in refused.content.decode()
        saved = await async_client.post("/speech.wav", {"text": "Hello.", "speed": "1.0"})
        assert (saved.status_code, saved["Content-Type"]) == (429, "text/plain; charset=utf-8")
        assert saved["RateLimit-Policy"] == '"requests";q=1;w=60'

    async def test_repeated_synthesis_of_a_recording_is_charged(
        self, runtime_with_voice: Runtime, async_client: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await limit(requests_per_minute=2)
        page = (await async_client.post("/", {"text": "Hello.", "speed": "1.0"})).content.decode()
        address = page.split("<audio")[1].split(' src="')[1].split('"')[0]
        # The text was charged when the form was sent.
        for _ in range(3):
            assert (await async_client.get(address)).status_code == 200
        answers = []
        for _ in range(3):
            monkeypatch.setattr("terminal.views._recordings", Recordings())
            answers.append((await async_client.get(address)).status_code)
        assert answers == [200, 429, 429]


async def _spoken(runtime_with_voice: Runtime, request: SpeechRequest, timeout_s: float) -> list[Event]:
    return [event async for event in runtime_with_voice.synthesizer.synthesize(request, timeout_s=timeout_s)]


async def test_a_step_timeout_ends_the_utterance(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    engine.hold()
    request = build_request(await runtime_with_voice.catalog.read(), "Hello.")
    with pytest.raises(SpeechError) as caught:
        await asyncio.wait_for(_spoken(runtime_with_voice, request, 0.05), 5)
    assert caught.value.code == "timeout"
    assert runtime_with_voice.pool.queued_jobs == 0


async def test_the_step_timeout_applies_to_the_form(
    runtime_with_voice: Runtime, engine: ToneEngine, async_client: AsyncClient
) -> None:
    await limit(timeout_s=1)
    engine.hold()
    saved = await async_client.post("/speech.wav", {"text": "Hello.", "speed": "1.0"})
    assert (saved.status_code, saved.content.decode()) == (
        503,
        "Synthesis timed out after 1 s. Try again with a shorter text.",
    )
