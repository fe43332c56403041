"""Tests of ``POST /v1/audio/speech``."""

import asyncio
import io
import wave
from typing import Any

import pytest
from django.test import AsyncClient

from synthesis.api.streaming import AHEAD_S
from synthesis.pipeline.utterance_stream import MAX_IN_FLIGHT
from synthesis.pipeline.windows import LARGEST_WINDOW
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine
from tests.synthesis.api.client import content, post, request

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = {"model": "tts-1", "voice": "tone", "input": "Hello, world.", "response_format": "wav"}


async def test_wav(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await post(async_client, GOOD)
    assert (response.status_code, response["Content-Type"]) == (200, "audio/wav")
    assert response["X-Accel-Buffering"] == "no"
    body = await content(response)
    with wave.open(io.BytesIO(body)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (8000, 1, 2)
    assert any(body[44:])


async def test_pcm_has_the_rate_of_openai(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    pcm = await post(async_client, {**GOOD, "response_format": "pcm"})
    assert pcm["Content-Type"] == "audio/pcm;rate=24000;channels=1"
    wav = (await content(await post(async_client, GOOD)))[44:]
    assert len(await content(pcm)) == 3 * len(wav)


async def test_audio_is_streamed_during_synthesis(
    runtime_with_voice: Runtime, async_client: AsyncClient, engine: ToneEngine
) -> None:
    response = await post(async_client, {**GOOD, "input": "One sentence that goes on for a while. " * 10})
    parts = aiter(response)
    first = await anext(parts)
    assert len(first) > 44
    # Meanwhile, synthesis stays a little ahead of what the connection has taken.
    ahead_s = sum(stop - start for start, stop in engine.decoded) * engine.hop_length / engine.sample_rate
    rest = b"".join([part async for part in parts])
    assert ahead_s <= AHEAD_S + MAX_IN_FLIGHT * LARGEST_WINDOW * engine.hop_length / engine.sample_rate
    assert len(rest) / 2 / engine.sample_rate > ahead_s


async def test_speed(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    natural = await content(await post(async_client, GOOD))
    fast = await content(await post(async_client, {**GOOD, "speed": 3}))
    assert len(fast) < len(natural) / 2


async def test_openai_fields_without_effect_are_accepted(
    runtime_with_voice: Runtime, async_client: AsyncClient
) -> None:
    response = await post(async_client, {**GOOD, "instructions": "Sing.", "stream_format": "audio"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "code", "param"),
    [
        ({"model": 1}, 400, "field_invalid", "model"),
        ({"voice": "joanna"}, 400, "voice_unknown", "voice"),
        ({"voice": "../../etc/passwd"}, 400, "voice_unknown", "voice"),
        ({"voice": 1}, 400, "field_invalid", "voice"),
        ({"voice": ["tone"]}, 400, "field_invalid", "voice"),
        ({"speaker": "alice"}, 400, "speaker_unknown", "speaker"),
        ({"input": None}, 400, "field_missing", "input"),
        ({"input": ["Hi"]}, 400, "field_invalid", "input"),
        ({"input": ""}, 400, "text_empty", "input"),
        ({"input": "<think>Only a thought."}, 400, "text_empty", "input"),
        ({"input": "a" * 1001}, 400, "text_too_long", "input"),
        ({"input": "😀" * 1001}, 400, "text_too_long", "input"),
        ({"input": "語" * 1001}, 400, "text_too_long", "input"),
        ({"input": "\ud800"}, 400, "text_encoding", "input"),
        ({"response_format": "ogg"}, 400, "format_unknown", "response_format"),
        ({"response_format": {}}, 400, "field_invalid", "response_format"),
        ({"stream_format": "websocket"}, 400, "field_invalid", "stream_format"),
        ({"stream": "no"}, 400, "field_invalid", "stream"),
        ({"speed": 5}, 400, "speed_out_of_range", "speed"),
        ({"speed": "1"}, 400, "field_invalid", "speed"),
        ({"speed": True}, 400, "field_invalid", "speed"),
        ({"speed": 10**400}, 400, "speed_out_of_range", "speed"),
        ({"sample_rate": 23000}, 400, "sample_rate_unsupported", "sample_rate"),
        ({"sample_rate": 22050, "response_format": "opus"}, 400, "sample_rate_unsupported", "sample_rate"),
        ({"sample_rate": 24000.5}, 400, "field_invalid", "sample_rate"),
        ({"timestamp_granularities": "word"}, 400, "field_invalid", "timestamp_granularities"),
        ({"timestamp_granularities": [["word"]]}, 400, "field_invalid", "timestamp_granularities"),
        ({"skip_thinking": 1}, 400, "field_invalid", "skip_thinking"),
        ({"instructions": 1}, 400, "field_invalid", "instructions"),
    ],
)
async def test_invalid_requests_get_an_error_code(
    runtime_with_voice: Runtime,
    async_client: AsyncClient,
    engine: ToneEngine,
    change: dict[str, Any],
    status: int,
    code: str,
    param: str,
) -> None:
    response = await post(async_client, {**GOOD, **change})
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (status, code, param)
    assert error["type"] == "invalid_request_error"
    assert engine.decoded == []


@pytest.mark.parametrize("length", [1, 1000])
@pytest.mark.parametrize("character", ["a", "😀", "語"])
async def test_texts_are_measured_in_code_points(
    runtime_with_voice: Runtime, async_client: AsyncClient, character: str, length: int
) -> None:
    response = await post(async_client, {**GOOD, "input": character * length})
    assert response.status_code == 200 or response.json()["error"]["code"] != "text_too_long"
    await content(response) if response.streaming else None


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"a"', b"[" * 100000, b"\xff\xfe", '{"input": "Hello"}'.encode("utf-16"), b'{"speed": NaN}']
)
async def test_a_body_that_is_no_object(runtime_with_voice: Runtime, async_client: AsyncClient, body: bytes) -> None:
    response = await post(async_client, body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "body_invalid")


async def test_a_body_too_large(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await post(async_client, b" " * 300_000)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "body_too_large")


async def test_a_form_error_explains_what_to_send(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await post(async_client, b"input=Hi", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.json()["error"]["code"]) == (415, "media_type")


async def test_other_methods_are_refused(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.get("/v1/audio/speech")
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert response.json()["error"]["code"] == "method_unknown"


@pytest.mark.parametrize("path", ["/v1", "/v1/audio/transcriptions", "/v1/x%0A", "/v1/themes/x%0A", "/v1/%00"])
@pytest.mark.parametrize("method", ["get", "post"])
async def test_other_addresses_are_refused_in_json(
    runtime_with_voice: Runtime, async_client: AsyncClient, method: str, path: str
) -> None:
    response = await getattr(async_client, method)(path)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "address_unknown")


async def test_pages_of_other_sites_are_refused(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await post(async_client, GOOD, headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "cross_site")


async def test_a_busy_server_says_when_to_come_back(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    places = [runtime_with_voice.pool.utterance_slot() for _ in range(8)]
    for place in places:
        place.__enter__()
    response = await post(async_client, GOOD)
    assert (response.status_code, response.json()["error"]["code"], response["Retry-After"]) == (503, "busy", "2")
    for place in places:
        place.__exit__(None, None, None)
    assert (await post(async_client, GOOD)).status_code == 200


async def test_an_engine_that_fails(runtime_with_voice: Runtime, async_client: AsyncClient, engine: ToneEngine) -> None:
    engine.break_with = SystemExit()
    response = await post(async_client, GOOD)
    assert (response.status_code, response.json()["error"]["type"]) == (500, "server_error")


async def test_alive_and_ready(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    assert (await async_client.get("/healthz")).status_code == 200
    assert (await async_client.get("/readyz")).status_code == 503
    assert await runtime_with_voice.warm_up()
    assert (await async_client.get("/readyz")).status_code == 200


async def test_not_ready_without_a_voice(db: None, runtime: Runtime, async_client: AsyncClient) -> None:
    assert not await runtime.warm_up()
    assert (await async_client.get("/readyz")).status_code == 503
    response = await post(async_client, {**GOOD, "voice": "joe"})
    assert response.json()["error"]["code"] == "voice_unknown"


async def test_a_request_does_not_wait_for_another(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    engine.hold()
    first = asyncio.create_task(request({"input": "Hello.", "stream": False}))
    try:
        await asyncio.to_thread(engine.reached.wait, 10)
        async with asyncio.timeout(5):
            status, _, _ = await request(b"", path="/v1/models", method="GET")
        assert (status, first.done()) == (200, False)
    finally:
        engine.release()
    assert (await first)[0] == 200
