"""Tests of text that arrives in pieces, over the API's websocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import AsyncClient

from accounts.tokens import create_token
from core.close_codes import TOO_MANY_CONNECTIONS, TRY_AGAIN, UNAUTHORIZED
from core.errors import StorageUnavailableError
from core.storage import database
from project.api_reference import asyncapi
from project.asgi import application
from synthesis.api.socket import CHECKED_EVERY_S, SpeechStreamConsumer
from synthesis.models import LimitPolicyRow
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine
from tests.socket_schema import STREAM, check
from tests.synthesis.api.client import speak

pytestmark = pytest.mark.django_db(transaction=True)


class Talk:
    """A client of the socket."""

    def __init__(self, wire: WebsocketCommunicator) -> None:
        self.wire = wire
        self.audio = b""
        self.words: list[str] = []

    async def send(self, type: str, **fields: Any) -> None:
        check(STREAM, "receive", {"type": type, **fields})
        await self.wire.send_to(text_data=json.dumps({"type": type, **fields}))

    async def until(self, type: str) -> dict[str, Any]:
        """Return the next message of that type; collect audio and words before it."""
        while True:
            frame = await self.wire.receive_from(timeout=10)
            if isinstance(frame, bytes):
                self.audio += frame
                if type == "audio":
                    return {}
                continue
            message: dict[str, Any] = json.loads(frame)
            check(STREAM, "send", message)
            if message["type"] == "speech.words":
                self.words += [word["word"] for word in message["words"]]
            if message["type"] == type:
                return message
            assert message["type"] != "error", message


@asynccontextmanager
async def talking(**headers: str) -> AsyncIterator[Talk]:
    sent = {"host": "testserver", **headers}
    pairs = [(name.encode(), value.encode()) for name, value in sent.items()]
    wire = WebsocketCommunicator(application, "/v1/audio/speech/stream", headers=pairs)
    wire.scope["client"] = ["127.0.0.1", 5]
    accepted, _ = await wire.connect(timeout=10)
    assert accepted
    try:
        yield Talk(wire)
    finally:
        await wire.disconnect()


async def test_pieces_are_spoken_like_the_whole_text(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    text = "It cost $5.3 billion. That is **bold**. The end."
    async with talking() as talk:
        assert (await talk.until("session.created"))["format"] == "pcm"
        await talk.send("session.update", response_format="wav", timestamp_granularities=["word"])
        await talk.until("session.updated")
        for at in range(0, len(text), 4):
            await talk.send("input_text.append", text=text[at : at + 4])
        await talk.send("input_text.end")
        assert (await talk.until("speech.started"))["sample_rate"] == 8000
        done = await talk.until("speech.done")
    assert done["usage"]["input_tokens"] == len(text)
    assert " ".join(talk.words) == text
    whole = await speak(async_client, text, response_format="wav")
    assert len(talk.audio) == pytest.approx(len(whole), rel=0.1)


async def test_speech_begins_with_the_first_sentence(runtime_with_voice: Runtime) -> None:
    async with talking() as talk:
        await talk.send("input_text.append", text="Hello, alice. How")
        await talk.until("audio")
        assert talk.audio
        await talk.send("input_text.append", text=" are you")
        await talk.send("input_text.flush")
        await talk.send("input_text.end")
        await talk.until("speech.done")


async def test_barge_in(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    async with talking() as talk:
        await talk.send("input_text.append", text="One sentence. " * 20)
        await talk.until("audio")
        await talk.send("speech.cancel", played_s=0.5)
        heard = (await talk.until("speech.cancelled"))["heard"]
        assert heard
        assert ("One sentence. " * 20).startswith(heard)
        assert len(heard) < 60
        decoded = len(engine.decoded)
        assert await talk.wire.receive_nothing(timeout=0.2)
        assert len(engine.decoded) == decoded
        # The next utterance contains no audio of the cancelled utterance.
        await talk.send("input_text.append", text="Bye.")
        await talk.send("input_text.end")
        assert (await talk.until("speech.done"))["usage"]["input_tokens"] == len("Bye.")


async def test_parts_without_words_are_skipped(runtime_with_voice: Runtime) -> None:
    async with talking() as talk:
        await talk.send("input_text.append", text="Hello. ---- \n\nBye.")
        await talk.send("input_text.end")
        await talk.until("speech.done")


async def test_the_description_has_all_types(runtime_with_voice: Runtime) -> None:
    async with talking() as talk:
        await talk.until("session.created")
        await talk.wire.send_to(text_data="{}")
        error = json.loads(await talk.wire.receive_from(timeout=10))["error"]
    described = asyncapi.document()["channels"]["speechStream"]["messages"]
    assert error["choices"] == [one["name"] for key, one in described.items() if key.startswith("client_")]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "x"}, "field_invalid"),
        ({"type": "input_text.append"}, "field_invalid"),
        ({"type": "input_text.append", "text": ["a"]}, "field_invalid"),
        ({"type": "session.update", "voice": "joanna"}, "voice_unknown"),
        ({"type": "session.update", "response_format": "srt"}, "format_unknown"),
        ({"type": "session.update", "speed": 9}, "speed_out_of_range"),
        ({"type": "speech.cancel", "played_s": "1"}, "field_invalid"),
        ([], "body_invalid"),
        ("x" * 20_000, "body_invalid"),
    ],
)
async def test_invalid_messages_get_an_error_code(runtime_with_voice: Runtime, message: Any, code: str) -> None:
    async with talking() as talk:
        await talk.until("session.created")
        await talk.wire.send_to(text_data=json.dumps(message))
        assert json.loads(await talk.wire.receive_from(timeout=10))["error"]["code"] == code
        await talk.send("input_text.append", text="Still works.")
        await talk.send("input_text.end")
        await talk.until("speech.done")


async def test_waiting_text_is_bounded(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    engine.hold()
    async with talking() as talk:
        for _ in range(20):
            await talk.send("input_text.append", text="One sentence. " * 1000)
        with pytest.raises(AssertionError, match="queue_full"):
            await talk.until("speech.done")
        engine.release()


async def test_text_after_the_end_is_rejected(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    engine.hold()
    async with talking() as talk:
        await talk.send("input_text.append", text="Hello.")
        for _ in range(2):
            await talk.send("input_text.end")
        await talk.send("input_text.append", text="Bye.")
        with pytest.raises(AssertionError, match="field_invalid"):
            await talk.until("speech.done")
        engine.release()
        assert (await talk.until("speech.done"))["usage"]["input_tokens"] == len("Hello.")
        await talk.send("input_text.append", text="Bye.")
        await talk.send("input_text.end")
        assert (await talk.until("speech.done"))["usage"]["input_tokens"] == len("Bye.")


async def test_an_error_ends_the_utterance(runtime_with_voice: Runtime) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"requests_per_minute": 1})
    await runtime_with_voice.rate_limiter.refresh()
    async with talking() as talk:
        await talk.send("input_text.append", text="One. ")
        await talk.send("input_text.append", text="Two. Three. ")
        await talk.send("input_text.end")
        with pytest.raises(AssertionError, match="limit_requests"):
            await talk.until("speech.done")


async def test_no_text_is_read_without_quota(runtime_with_voice: Runtime) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"requests_per_minute": 1})
    await runtime_with_voice.rate_limiter.refresh()
    async with talking() as talk:
        await talk.send("input_text.append", text="One.")
        await talk.send("input_text.end")
        await talk.until("speech.done")
        await talk.send("input_text.append", text="No sentence yet")
        await talk.wire.send_to(text_data='{"type": "unknown"}')
        with pytest.raises(AssertionError, match="limit_requests"):
            await talk.until("speech.done")


async def test_a_token_or_permission_is_needed(runtime_with_voice: Runtime) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"api_access": "none"})
    await runtime_with_voice.rate_limiter.refresh()
    async with talking() as talk:
        assert json.loads(await talk.wire.receive_from(timeout=10))["error"]["code"] == "token_missing"
        assert (await talk.wire.receive_output(timeout=10))["code"] == UNAUTHORIZED
    alice = await User.objects.acreate_user("alice")
    _, secret = await database.write(lambda: create_token(alice, "Agent", ["speak"]))
    async with talking(authorization=f"Bearer {secret}") as talk:
        await talk.until("session.created")


async def test_the_close_code_distinguishes_a_full_or_failed_server_from_a_missing_permission(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"max_connections": 1})
    await runtime_with_voice.rate_limiter.refresh()
    async with AsyncExitStack() as stack:
        talks = [await stack.enter_async_context(talking()) for _ in range(5)]
        assert json.loads(await talks[4].wire.receive_from(timeout=10))["error"]["code"] == "limit_sockets"
        assert (await talks[4].wire.receive_output(timeout=10))["code"] == TOO_MANY_CONNECTIONS

    async def unavailable(*_: object) -> None:
        raise StorageUnavailableError

    monkeypatch.setattr("synthesis.api.socket.open_client", unavailable)
    async with talking() as talk:
        assert json.loads(await talk.wire.receive_from(timeout=10))["error"]["code"] == "storage_unavailable"
        assert (await talk.wire.receive_output(timeout=10))["code"] == TRY_AGAIN


async def test_a_disconnect_stops_synthesis(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    free = runtime_with_voice.pool._utterances
    async with talking() as talk:
        await talk.send("input_text.append", text="One sentence. " * 20)
        await talk.until("audio")
    async with asyncio.timeout(5):
        while runtime_with_voice.rate_limiter._leases["utterances"]._held:
            await asyncio.sleep(0)
    assert runtime_with_voice.pool._utterances == free


async def test_a_revoked_token_ends_the_connection(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(SpeechStreamConsumer, "clock", staticmethod(lambda: now[0]))
    alice = await User.objects.acreate_user("alice")
    row, secret = await database.write(lambda: create_token(alice, "Agent", ["speak"]))
    async with talking(authorization=f"Bearer {secret}") as talk:
        await talk.until("session.created")
        await database.write(row.delete)
        now[0] += CHECKED_EVERY_S
        await talk.send("session.update", speed=1)
        message = json.loads(await talk.wire.receive_from(timeout=10))
        assert (message["type"], message.get("error", {}).get("code")) == ("error", "token_unknown")
        assert (await talk.wire.receive_output(timeout=10))["code"] == UNAUTHORIZED
