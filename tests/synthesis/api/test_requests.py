"""Tests of parameters as real client programs send them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient

from synthesis.models import Voice, VoiceAlias
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine, tone_manifest
from tests.synthesis.api.client import content, post, speak

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "Hello, alice. How are you?"


@pytest.fixture
async def two_voices(runtime_with_voice: Runtime, engine: ToneEngine, tmp_path: Path) -> Runtime:
    """Add a second voice, to which the alias ``nova`` points; ``alloy`` means the default voice."""
    (tmp_path / "slow").mkdir()
    tone_manifest(engine).write(tmp_path / "slow")
    slow = await Voice.objects.acreate(id="slow", name="Slow", language="en-US", sample_rate=8000)
    await VoiceAlias.objects.all().adelete()
    await VoiceAlias.objects.acreate(name="nova", voice=slow)
    await VoiceAlias.objects.acreate(name="alloy")
    return runtime_with_voice


async def voice_of(client: AsyncClient, **fields: Any) -> str:
    """Return the name of the selected voice, which the error about its missing speaker contains."""
    response = await post(client, {"input": TEXT, "speaker": "nobody", **fields})
    message = str(response.json()["error"]["message"])
    assert response.json()["error"]["code"] == "speaker_unknown", message
    return message.split()[0]


@pytest.mark.parametrize(
    ("fields", "voice"),
    [
        ({}, "Tone"),
        ({"voice": None, "model": None}, "Tone"),
        ({"voice": "", "model": "whatever"}, "Tone"),
        ({"voice": "slow"}, "Slow"),
        ({"voice": " SLOW "}, "Slow"),
        ({"voice": "nova"}, "Slow"),
        ({"voice": " Nova"}, "Slow"),
        ({"voice": "alloy"}, "Tone"),
        ({"model": "slow"}, "Slow"),
        ({"model": "NOVA"}, "Slow"),
        ({"model": "slow", "voice": "tone"}, "Tone"),
    ],
)
async def test_voices_and_aliases(
    two_voices: Runtime, async_client: AsyncClient, fields: dict[str, Any], voice: str
) -> None:
    assert await voice_of(async_client, **fields) == voice


async def test_an_unknown_voice_is_not_substituted(two_voices: Runtime, async_client: AsyncClient) -> None:
    error = (await post(async_client, {"input": TEXT, "voice": "shimmer"})).json()["error"]
    assert (error["code"], error["choices"]) == ("voice_unknown", ["tone", "slow"])


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"model": "tts-1", "voice": "alloy"}, id="open-webui"),
        pytest.param({"voice": " nova", "response_format": "mp3", "speed": 1.05}, id="SillyTavern"),
        pytest.param({"model": "slow", "backend": "x", "voice": None}, id="LibreChat"),
        pytest.param({"voice": "alloy", "response_format": "wav", "instructions": "Be kind."}, id="Home Assistant"),
        pytest.param({"voice": "nova", "response_format": "pcm", "extra": {"a": [1]}}, id="Pipecat"),
        pytest.param({"speed": None, "response_format": None, "stream_format": None, "sample_rate": None}, id="nulls"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer sk-none"}])
async def test_requests_of_programs(
    two_voices: Runtime, async_client: AsyncClient, fields: dict[str, Any], headers: dict[str, str]
) -> None:
    response = await post(async_client, {"input": TEXT, **fields}, headers=headers)
    assert response.status_code == 200, response.content
    assert await content(response)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("<think>Hmm.\nLet me see.</think>Hello.", "Hello."),
        ("<THINK>a</THINK> One. <think>b</think> Two.", "One. Two."),
        ("Hello. <think>never ends", "Hello."),
        ("Is 3 <think> 2?", "Is 3"),
    ],
)
async def test_thinking_blocks_are_not_spoken(
    runtime_with_voice: Runtime, async_client: AsyncClient, text: str, spoken: str
) -> None:
    words = json.loads(await speak(async_client, text, timestamp_granularities=["word"]))["words"]
    assert " ".join(word["word"] for word in words) == spoken
    response = await post(async_client, {"input": text, "skip_thinking": False, "response_format": "srt"})
    assert b"hmm" in response.content.lower() or response.content != await speak(
        async_client, text, response_format="srt"
    )


@pytest.mark.parametrize("path", ["/v1/audio/speech/", "/v1//audio/speech", "/v1/audio//speech//"])
async def test_trailing_and_doubled_slashes_are_ignored(
    runtime_with_voice: Runtime, async_client: AsyncClient, path: str
) -> None:
    assert (await post(async_client, {"input": TEXT}, address=path)).status_code == 200


def events_of(body: bytes) -> list[dict[str, Any]]:
    blocks = body.decode().split("\n\n")
    assert blocks.pop() == ""
    assert all(block.startswith("data: ") and "\n" not in block for block in blocks)
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


async def test_server_sent_events(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await post(
        async_client,
        {"input": TEXT, "stream_format": "sse", "response_format": "pcm", "timestamp_granularities": ["word"]},
    )
    assert response["Content-Type"] == "text/event-stream"
    events = events_of(await content(response))
    assert events[-1]["type"] == "speech.audio.done"
    used = events[-1]["usage"]
    assert used["total_tokens"] == used["input_tokens"] + used["output_tokens"] == len(TEXT) + used["output_tokens"]
    audio = b"".join(base64.b64decode(one["audio"]) for one in events if one["type"] == "speech.audio.delta")
    assert audio == await speak(async_client, TEXT, response_format="pcm")
    words = [word for one in events if one["type"] == "speech.audio.words" for word in one["words"]]
    assert [word["word"] for word in words] == TEXT.split()
    starts = [word["start"] for word in words]
    assert starts == sorted(starts)
    assert words[-1]["end"] <= len(audio) / 48000
    assert {one["type"] for one in events} == {"speech.audio.words", "speech.audio.delta", "speech.audio.done"}
    plain = events_of(await speak(async_client, TEXT, stream_format="sse"))
    assert {one["type"] for one in plain} == {"speech.audio.delta", "speech.audio.done"}


async def test_words_as_json(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    answer = json.loads(
        await speak(async_client, TEXT, response_format="wav", timestamp_granularities=["word"], stream=False)
    )
    assert base64.b64decode(answer["audio"]) == await speak(async_client, TEXT, response_format="wav", stream=False)
    assert (answer["format"], answer["sample_rate"], len(answer["words"])) == ("wav", 8000, 5)
    assert answer["words"][-1]["end"] <= answer["duration"]


async def test_captions(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    srt = await post(async_client, {"input": TEXT, "response_format": "srt"})
    assert srt["Content-Type"] == "application/x-subrip; charset=utf-8"
    assert srt.content.decode().splitlines()[0] == "1"
    assert "\nHello, alice.\n\n2\n" in srt.content.decode()
    vtt = (await speak(async_client, "Tom & alice. Bye.", response_format="vtt")).decode()
    assert vtt.startswith("WEBVTT\n\n00:00:00.")
    assert "Tom &amp; alice.\n" in vtt


async def test_voices_and_models_are_listed(two_voices: Runtime, async_client: AsyncClient) -> None:
    voices = (await async_client.get("/v1/audio/voices?model=tts-1")).json()
    assert voices["voices"] == voices["data"]
    assert [(one["id"], one["name"], one["language"]) for one in voices["voices"]] == [
        ("tone", "Tone", "en-US"),
        ("slow", "Slow", "en-US"),
    ]
    models = (await async_client.get("/v1/models/")).json()
    names = [one["id"] for one in models["data"]]
    assert names == ["tts-1", "tts-1-hd", "gpt-4o-mini-tts", "tone", "slow"]
    audio_models = (await async_client.get("/v1/audio/models")).json()
    assert [(one["id"], one["name"]) for one in audio_models["models"]] == [(name, name) for name in names]
    for entry in models["data"]:
        assert (await async_client.get(f"/v1/models/{entry['id']}")).json() == entry
        assert isinstance(entry["created"], int)
    unknown = await async_client.get("/v1/models/tts-9")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_unknown")


@pytest.mark.parametrize(
    ("path", "allow"), [("/v1/audio/speech", "POST, OPTIONS"), ("/v1/models", "GET, HEAD, OPTIONS")]
)
async def test_options_without_cors(
    runtime_with_voice: Runtime, async_client: AsyncClient, path: str, allow: str
) -> None:
    response = await async_client.options(path, headers={"Origin": "https://chat.example.com"})
    assert (response.status_code, response["Allow"], response.content) == (204, allow, b"")
    assert not [name for name in response.headers if name.lower().startswith("access-control")]
    assert (await async_client.head(path)).status_code == (405 if "speech" in path else 200)
