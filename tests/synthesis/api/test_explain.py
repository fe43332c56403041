"""Tests of ``POST /v1/audio/speech/explain``."""

import json
from typing import Any

import pytest
from django.test import AsyncClient

from synthesis.runtime import Runtime

pytestmark = pytest.mark.django_db(transaction=True)


async def post(client: AsyncClient, body: Any) -> Any:
    return await client.post("/v1/audio/speech/explain", data=json.dumps(body), content_type="application/json")


async def test_explain_returns_the_reading_of_a_text(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await post(async_client, {"input": "Pay $5. Now"})
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    words = response.json()["words"]
    assert words[1] == {
        "start": 4, "end": 7, "class": "money", "spoken": "five dollars", "punctuation": ".", "segment_end": True,
    }  # fmt: skip
    assert response.json()["phonemes"].startswith("p")


async def test_explain_is_charged_like_speech(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    left = [(await post(async_client, {"input": text})).headers["RateLimit"] for text in ("one", "two")]
    remaining = [int(header.partition("r=")[2].partition(";")[0]) for header in left]
    assert remaining[1] == remaining[0] - 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "field_missing"),
        ({"input": " "}, "text_empty"),
        ({"input": "\u200b!!"}, "text_unspeakable"),
        ({"input": "hi", "speed": 9}, "speed_out_of_range"),
        ({"input": "hi", "voice": "nobody"}, "voice_unknown"),
        ({"input": 5}, "field_invalid"),
        ([], "body_invalid"),
    ],
)
async def test_invalid_requests_get_an_error_code(
    runtime_with_voice: Runtime, async_client: AsyncClient, body: Any, code: str
) -> None:
    response = await post(async_client, body)
    assert response.json()["error"]["code"] == code


async def test_only_post(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.get("/v1/audio/speech/explain")
    assert response.json()["error"]["code"] == "method_unknown"
