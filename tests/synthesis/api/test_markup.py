"""SSML over the HTTP API and its websocket."""

import json
from typing import Any

import pytest
from django.test import AsyncClient

from synthesis.runtime import Runtime
from tests.synthesis.api.client import post
from tests.synthesis.api.test_socket import talking

pytestmark = pytest.mark.django_db(transaction=True)

SSML = '<speak>Hi <mark name="m"/><sub alias="there">AT&amp;T</sub>.</speak>'


async def test_words_and_marks_have_their_times(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    body = {"input": SSML, "response_format": "pcm", "timestamp_granularities": ["word"]}
    answer = (await post(async_client, {**body, "input_type": "ssml"})).json()
    assert [word["word"] for word in answer["words"]] == ["Hi", "AT&T"]
    assert answer["marks"] == [{"name": "m", "time": answer["words"][1]["start"]}]
    # The text itself says that it is SSML.
    assert (await post(async_client, body)).json()["marks"] == answer["marks"]
    assert "marks" not in (await post(async_client, {**body, "input_type": "text"})).json()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"input": "hello", "input_type": "ssml"}, "ssml_malformed"),
        ({"input": "<speak>a & b</speak>"}, "ssml_malformed"),
        ({"input": "<speak><break time='x'/>a</speak>"}, "ssml_invalid"),
        ({"input": "<speak>a</speak>", "input_type": "xml"}, "field_invalid"),
        ({"input": "<speak>a</speak>", "input_type": 1}, "field_invalid"),
        ({"input": "a", "reading": {"code": "sing"}}, "reading_invalid"),
        ({"input": "a", "reading": {"sound": "read"}}, "reading_invalid"),
        ({"input": "a", "reading": {"lead_in_s": 11}}, "reading_invalid"),
        ({"input": "a", "reading": {"lead_in_s": True}}, "reading_invalid"),
        ({"input": "a", "reading": {"pauses": 1}}, "reading_invalid"),
        ({"input": "a", "reading": {"languages": "de"}}, "reading_invalid"),
        ({"input": "a", "reading": "skip"}, "field_invalid"),
    ],
)
async def test_errors_have_a_code(runtime_with_voice: Runtime, async_client: AsyncClient, body: Any, code: str) -> None:
    response = await post(async_client, body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)


async def test_explain_reads_ssml(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    body = json.dumps({"input": '<speak><phoneme ph="aː">x</phoneme> y</speak>'})
    response = await async_client.post("/v1/audio/speech/explain", data=body, content_type="application/json")
    words = response.json()["words"]
    assert words[0]["phonemes"] == "aː"
    assert "phonemes" not in words[1]


async def test_a_document_that_arrives_in_pieces_is_spoken_as_a_whole(runtime_with_voice: Runtime) -> None:
    async with talking() as alice:
        await alice.send("session.update", input_type="ssml", timestamp_granularities=["word"])
        await alice.until("session.updated")
        for piece in (SSML[:20], SSML[20:50], SSML[50:]):
            await alice.send("input_text.append", text=piece)
        await alice.send("input_text.end")
        assert (await alice.until("speech.words"))["marks"][0]["name"] == "m"
        await alice.until("speech.done")
        assert alice.words == ["Hi", "AT&T"]
        # Errors: a document that is too long, and one without an end.
        await alice.send("input_text.append", text="<speak>" + "a" * 1000)
        assert (await alice.until("error"))["error"]["code"] == "text_too_long"
        await alice.send("input_text.append", text="<speak>")
        await alice.send("input_text.end")
        assert (await alice.until("error"))["error"]["code"] == "ssml_malformed"


async def test_reading_options_of_a_request(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    body = {"input": "One. Two.", "response_format": "pcm", "timestamp_granularities": ["word"]}
    plain = (await post(async_client, body)).json()
    slow = (await post(async_client, {**body, "reading": {"sentence_pause_s": 2, "lead_in_s": 1, "code": None}})).json()
    assert slow["words"][0]["start"] == pytest.approx(plain["words"][0]["start"] + 1, abs=0.001)
    assert slow["duration"] == pytest.approx(plain["duration"] + 1 + 1.75, abs=0.002)
    async with talking() as alice:
        await alice.send("session.update", reading={"sentence_pause_s": 2, "lead_in_s": 1}, sample_rate=8000)
        await alice.until("session.updated")
        await alice.send("input_text.append", text="One. Two.")
        await alice.send("input_text.end")
        usage = (await alice.until("speech.done"))["usage"]
        assert usage["output_tokens"] == pytest.approx(slow["duration"] * 20, abs=2)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ["Yes."]),
        ({"skip_thinking": False}, ["<think>Hmm.</think>", "Yes."]),
        ({"reading": {"thinking": "announce"}}, ["<think>Hmm.</think>", "Yes."]),
        ({"reading": {"thinking": "skip"}}, ["Yes."]),
    ],
)
async def test_thoughts(
    runtime_with_voice: Runtime, async_client: AsyncClient, fields: dict[str, Any], words: list[str]
) -> None:
    body = {"input": "<think>Hmm.</think> Yes.", "response_format": "pcm", "timestamp_granularities": ["word"]}
    answer = (await post(async_client, {**body, **fields})).json()
    assert [word["word"] for word in answer["words"]] == words
