"""ElevenLabs' API over ASGI: its parameters, errors and access rules. test_elevenlabs_client.py has the real client."""

import base64
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import av
import numpy as np
import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import AsyncClient

from accounts.tokens import create_token
from core.close_codes import INVALID_REQUEST, UNAUTHORIZED
from core.storage import database
from project.asgi import application
from synthesis.api.captions import SpokenWord
from synthesis.api.dialects.elevenlabs.alignment import CharacterTimes
from synthesis.api.dialects.elevenlabs.formats import OUTPUT_FORMATS
from synthesis.api.dialects.elevenlabs.speech import AUDIO_BYTES
from synthesis.audio.encoders import TelephoneEncoder
from synthesis.models import LimitPolicyRow, Voice
from synthesis.runtime import Runtime
from tests.synthesis.api.client import content, post, request

pytestmark = pytest.mark.django_db(transaction=True)

SPEECH = "/v1/text-to-speech/tone"
RAW = {"pcm": "s16le", "ulaw": "mulaw", "alaw": "alaw"}


def seconds(data: bytes, name: str) -> float:
    """Return the duration of audio, decoded by FFmpeg."""
    codec, rate, *_ = name.split("_")
    options = {"sample_rate": rate} if codec in RAW else {}
    with av.open(io.BytesIO(data), "r", format=RAW.get(codec), options=options) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


async def test_every_format_has_its_codec_and_rate(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    durations = {}
    for name in OUTPUT_FORMATS:
        address = f"{SPEECH}?output_format={name}"
        response = await post(async_client, {"text": "Hello, alice."}, address=address)
        assert response.status_code == 200, name
        durations[name] = seconds(await content(response), name)
    assert max(durations.values()) - min(durations.values()) < 0.1, durations


@pytest.mark.parametrize("law", ["ulaw", "alaw"])
def test_telephone_formats_represent_every_sample(law: str) -> None:
    """FFmpeg decodes each of the 65,536 samples with an error of at most a quantization step."""
    samples = np.arange(-32_768, 32_768, dtype="<i2")
    encoded = TelephoneEncoder(law).encode(samples.tobytes())
    assert len(encoded) == samples.size
    with av.open(io.BytesIO(encoded), "r", format=RAW[law], options={"sample_rate": "8000"}) as container:
        decoded = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
    # A step has 1/32 of the segment's size at most; the smallest one is 8 (mu-law) or 16 (A-law).
    error = np.abs(decoded.astype(int) - samples)
    assert (error <= np.maximum(16, np.abs(samples.astype(int)) // 16)).all()


async def test_a_bit_rate_is_kept(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    sizes = []
    for name in ("mp3_44100_32", "mp3_44100_192", "opus_48000_32", "opus_48000_192"):
        response = await post(async_client, {"text": "Hello, alice."}, address=f"{SPEECH}?output_format={name}")
        sizes.append(len(await content(response)))
    assert sizes[1] == pytest.approx(6 * sizes[0], rel=0.1)
    assert sizes[3] > 2 * sizes[2]


async def test_speed(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    body = {"text": "Hello, alice.", "voice_settings": {"speed": 2, "stability": 0.5}, "model_id": "eleven_v3"}
    address = f"{SPEECH}?output_format=pcm_16000"
    fast = await content(await post(async_client, body, address=address))
    usual = await content(await post(async_client, {**body, "voice_settings": None}, address=address))
    assert len(usual) > 1.3 * len(fast)


async def test_all_characters_have_times(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    text = "  Hello, alice. 👋 It is $5.30 \n now!  "
    address = f"{SPEECH}/with-timestamps?output_format=pcm_8000"
    whole = (await post(async_client, {"text": text}, address=address)).json()
    audio = base64.b64decode(whole["audio_base64"])
    check_times(whole["alignment"], text, len(audio) / 16_000)
    streamed = await post(async_client, {"text": text}, address=f"{SPEECH}/stream/with-timestamps")
    lines = [json.loads(line) for line in (await content(streamed)).splitlines()]
    assert all(len(base64.b64decode(line["audio_base64"])) <= AUDIO_BYTES for line in lines)
    parts = [line["alignment"] for line in lines if line["alignment"]]
    joined = {key: [value for part in parts for value in part[key]] for key in parts[0]}
    assert joined == whole["alignment"]


def check_times(alignment: dict[str, Any], text: str, duration_s: float) -> None:
    starts, ends = alignment["character_start_times_seconds"], alignment["character_end_times_seconds"]
    assert "".join(alignment["characters"]) == text.strip() or "".join(alignment["characters"]) == text
    assert starts[0] >= 0
    assert starts[1:] == ends[:-1]
    assert all(start <= end for start, end in zip(starts, ends, strict=True))
    assert ends[-1] == pytest.approx(duration_s, abs=0.5)


def test_words_that_overlap_or_are_absent_lose_no_character() -> None:
    times, text = CharacterTimes(), "one two"
    words = [SpokenWord("one two", 0.1, 1.0), SpokenWord("two", 0.5, 1.0), SpokenWord("three", 0.5, 0.4)]
    characters = times.until(text, words) + times.rest(text, 1.2)
    assert "".join(one.text for one in characters) == text
    assert characters[-1].end_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("body", "query", "status", "code"),
    [
        ({}, "", 400, "field_missing"),
        ({"text": ["a"]}, "", 400, "field_invalid"),
        ({"text": ""}, "", 400, "text_empty"),
        ({"text": "a" * 1001}, "", 400, "text_too_long"),
        ({"text": "Hello.", "voice_settings": [1]}, "", 400, "field_invalid"),
        ({"text": "Hello.", "voice_settings": {"speed": "fast"}}, "", 400, "field_invalid"),
        ({"text": "Hello.", "voice_settings": {"speed": 9}}, "", 400, "speed_out_of_range"),
        ({"text": "Hello."}, "?output_format=mp3", 400, "format_unknown"),
        (b"{", "", 400, "body_invalid"),
        (b"[]", "", 400, "body_invalid"),
        (b"[" * 100_000, "", 400, "body_invalid"),
    ],
)
async def test_errors_have_the_shape(
    runtime_with_voice: Runtime, async_client: AsyncClient, body: Any, query: str, status: int, code: str
) -> None:
    for end in ("", "/stream", "/with-timestamps", "/stream/with-timestamps"):
        response = await post(async_client, body, address=SPEECH + end + query)
        assert response.status_code == status
        detail = response.json()["detail"]
        assert detail["code"] == code
        assert detail["message"]
        assert response["Cache-Control"] == "no-store"


async def test_an_unknown_voice(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    for name in ("21m00Tcm4TlvDq8ikWAM", "tone:bob", "..%2F..%2Fetc%2Fpasswd", "%00", "a:b:c"):
        response = await post(async_client, {"text": "Hello."}, address=f"/v1/text-to-speech/{name}")
        assert response.status_code == (400 if name == "tone:bob" else 404)
        assert response.json()["detail"]["status"] in ("voice_not_found", "speaker_unknown", "address_unknown")
    assert (await async_client.get("/v1/voices/nobody")).json()["detail"]["choices"] == ["tone"]


async def test_methods_and_media_types(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    refused = await async_client.get(SPEECH)
    assert (refused.status_code, refused.json()["detail"]["code"]) == (405, "method_unknown")
    refused = await post(async_client, b"text=Hello.", address=SPEECH, content_type="text/plain")
    assert (refused.status_code, refused.json()["detail"]["code"]) == (415, "media_type")


async def test_a_wrong_host(runtime_with_voice: Runtime) -> None:
    status, _, body = await request({"text": "Hello."}, path=SPEECH, host="evil.example.com")
    assert (status, json.loads(body)["detail"]["code"]) == (400, "host_unknown")


async def test_pages_of_other_sites_cannot_speak(runtime_with_voice: Runtime) -> None:
    status, _, body = await request({"text": "Hello."}, path=SPEECH, sec_fetch_site="cross-site")
    assert (status, json.loads(body)["detail"]["code"]) == (403, "cross_site")


async def test_the_key_is_a_token(runtime_with_voice: Runtime) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"api_access": "none"})
    await runtime_with_voice.rate_limiter.refresh()
    for key, status in (("", "needs_authorization"), ("sk_other", "invalid_api_key"), ("an_x", "invalid_api_key")):
        code, headers, body = await request({"text": "Hello."}, path=SPEECH, xi_api_key=key)
        assert (code, json.loads(body)["detail"]["status"]) == (401, status)
        assert headers["www-authenticate"] == "Bearer"
    alice = await User.objects.acreate_user("alice")
    for scopes, expected in ((["themes"], 403), (["speak"], 200)):
        _, secret = await database.write(partial(create_token, alice, "Chat", scopes))
        code, _, _ = await request({"text": "Hello."}, path=SPEECH, xi_api_key=secret)
        assert code == expected


async def test_visitors_of_other_machines_need_a_token(runtime_with_voice: Runtime) -> None:
    code, _, body = await request({"text": "Hello."}, path=SPEECH, address="192.0.2.7")
    assert (code, json.loads(body)["detail"]["code"]) == (401, "token_missing")


async def test_requests_are_limited_like_all_speech(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"requests_per_minute": 1})
    await runtime_with_voice.rate_limiter.refresh()
    first = await post(async_client, {"text": "Hello."}, address=SPEECH)
    assert first["RateLimit"].startswith('"requests";r=0')
    await content(first)
    refused = await post(async_client, {"text": "Hello."}, address=SPEECH)
    assert (refused.status_code, refused.json()["detail"]["code"]) == (429, "limit_requests")
    assert int(refused["Retry-After"]) > 0


async def test_the_lists(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    await Voice.objects.acreate(id="duo", name="Duo", language="de-DE", sample_rate=8000, speakers=["alice", "bob"])
    await runtime_with_voice.catalog.refresh()
    listed = (await async_client.get("/v1/voices")).json()["voices"]
    assert [voice["voice_id"] for voice in listed] == ["tone", "duo:alice", "duo:bob"]
    assert (await async_client.get("/v1/voices/duo:bob")).json()["name"] == "Duo (bob)"
    page = (await async_client.get("/v2/voices?search=ALICE")).json()
    assert (page["total_count"], page["has_more"], page["voices"][0]["voice_id"]) == (1, False, "duo:alice")
    assert (await async_client.get("/v1/models")).json()["object"] == "list"
    models = (await async_client.get("/v1/models", headers={"xi-api-key": "any"})).json()
    assert models[0]["can_do_text_to_speech"]
    assert [language["language_id"] for language in models[0]["languages"]] == ["de-DE", "en-US"]


async def test_a_disabled_dialect(runtime_with_voice: Runtime, async_client: AsyncClient, settings: Any) -> None:
    settings.API_DIALECTS = ["coqui"]
    refused = await post(async_client, {"text": "Hello."}, address=SPEECH)
    assert (refused.status_code, refused.json()["detail"]["code"]) == (404, "address_unknown")
    assert (await async_client.get("/v1/voices")).status_code == 404
    assert (await async_client.get("/v2/voices")).status_code == 404
    models = (await async_client.get("/v1/models", headers={"xi-api-key": "any"})).json()
    assert models["object"] == "list"
    async with streaming() as wire:
        assert json.loads(await wire.receive_from(timeout=10))["code"] == "address_unknown"
        assert (await wire.receive_output(timeout=10))["code"] == UNAUTHORIZED


@asynccontextmanager
async def streaming(path: str = f"{SPEECH}/stream-input", **headers: str) -> AsyncIterator[WebsocketCommunicator]:
    pairs = [(name.encode(), value.encode()) for name, value in {"host": "testserver", **headers}.items()]
    wire = WebsocketCommunicator(application, path, headers=pairs)
    wire.scope["client"] = ["127.0.0.1", 5]
    accepted, _ = await wire.connect(timeout=10)
    assert accepted
    try:
        yield wire
    finally:
        await wire.disconnect()


async def messages(wire: WebsocketCommunicator) -> list[dict[str, Any]]:
    """Return all messages until the server closes the socket, which is the last one."""
    received: list[dict[str, Any]] = []
    while True:
        frame = await wire.receive_output(timeout=10)
        if frame["type"] == "websocket.close":
            return [*received, frame]
        received.append(json.loads(frame["text"]))


async def say(wire: WebsocketCommunicator, *sent: Any) -> None:
    for message in sent:
        await wire.send_to(text_data=json.dumps(message))


async def test_text_that_arrives_in_pieces(runtime_with_voice: Runtime) -> None:
    text = "It cost $5.3 billion. That is all. "
    async with streaming(f"{SPEECH}/stream-input?output_format=pcm_16000") as wire:
        await say(wire, {"text": " ", "voice_settings": {"speed": 1.1}})
        await say(wire, *({"text": text[at : at + 5]} for at in range(0, len(text), 5)), {"text": ""})
        *spoken, last, closed = await messages(wire)
    assert last["isFinal"] is True
    assert closed.get("code", 1000) == 1000
    audio = b"".join(base64.b64decode(message["audio"]) for message in spoken)
    aligned = [message["alignment"] for message in spoken if message["alignment"]]
    assert "".join(char for part in aligned for char in part["chars"]) == text.strip()
    # Each part's times count from the end of the part before it.
    ends_ms = [part["charStartTimesMs"][-1] + part["charDurationsMs"][-1] for part in aligned]
    assert sum(ends_ms) / 1000 == pytest.approx(len(audio) / 32_000, abs=0.5)
    assert all(part["charStartTimesMs"][0] >= 0 for part in aligned)


async def test_flush_speaks_before_the_end(runtime_with_voice: Runtime) -> None:
    async with streaming() as wire:
        await say(wire, {"text": " "}, {"text": "Hello alice and bob ", "flush": True})
        assert json.loads(await wire.receive_from(timeout=10))["audio"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({}, "field_invalid"),
        ({"text": 5}, "field_invalid"),
        ({"text": " ", "voice_settings": {"speed": 9}}, "speed_out_of_range"),
        ({"text": " ", "voice_settings": "fast"}, "field_invalid"),
    ],
)
async def test_an_invalid_message_closes_the_socket(runtime_with_voice: Runtime, message: Any, code: str) -> None:
    async with streaming() as wire:
        await say(wire, message)
        error, closed = await messages(wire)
    assert (error["code"], closed["code"]) == (code, INVALID_REQUEST)
    assert error["message"]


async def test_an_invalid_address_closes_the_socket(runtime_with_voice: Runtime) -> None:
    for path, status in (
        ("/v1/text-to-speech/nobody/stream-input", "voice_not_found"),
        (f"{SPEECH}/stream-input?output_format=mp3", "format_unknown"),
    ):
        async with streaming(path) as wire:
            error, closed = await messages(wire)
        assert (error["status"], closed["code"]) == (status, UNAUTHORIZED)


async def test_a_socket_needs_a_token_or_permission(runtime_with_voice: Runtime) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"api_access": "none"})
    await runtime_with_voice.rate_limiter.refresh()
    async with streaming() as wire:
        error, closed = await messages(wire)
    assert (error["status"], closed["code"]) == ("needs_authorization", UNAUTHORIZED)
    alice = await User.objects.acreate_user("alice")
    _, secret = await database.write(lambda: create_token(alice, "Agent", ["speak"]))
    async with streaming(**{"xi-api-key": secret}) as wire:
        await say(wire, {"text": ""})
        final, _ = await messages(wire)
    assert final["isFinal"] is True
