"""The ``openai`` package, unchanged, against the real server: sync, async, streamed, in every format."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import openai
import pytest

from synthesis.audio.formats import FORMATS
from tests.e2e.server import Server
from tests.synthesis.api.real_server import serving

pytestmark = pytest.mark.voice

TEXT = "Hello, alice. This is spoken while it is synthesized."


@pytest.fixture(scope="module")
def server(joe_voice_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(joe_voice_dir, tmp_path_factory.mktemp("openai")) as served:
        yield served


@pytest.fixture
def client(server: Server) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}v1/", api_key="not needed", max_retries=0)


def seconds(data: bytes, audio_format: str) -> float:
    if audio_format == "pcm":
        return len(data) / 48_000
    with av.open(io.BytesIO(data), "r") as container:
        return sum((frame.samples / frame.sample_rate for frame in container.decode(audio=0)), 0.0)


def test_every_format_has_the_same_duration(client: openai.OpenAI) -> None:
    durations: dict[str, float] = {}
    for name in FORMATS:
        parts: list[bytes] = []
        with client.audio.speech.with_streaming_response.create(
            model="tts-1",
            voice="alloy",
            input=TEXT,
            response_format=name,  # type: ignore[arg-type]  # one of its literals
            speed=1.1,
        ) as response:
            parts.extend(response.iter_bytes())
        assert len(parts) > 1, "not streamed"
        durations[name] = seconds(b"".join(parts), name)
    assert max(durations.values()) - min(durations.values()) < 0.1, durations


async def test_the_asynchronous_client(server: Server) -> None:
    async with openai.AsyncOpenAI(base_url=f"{server.url}v1", api_key="not needed", max_retries=0) as client:
        whole = await client.audio.speech.create(model="gpt-4o-mini-tts", voice="coral", input=TEXT)
        async with client.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="coral", input=TEXT, instructions="Speak softly."
        ) as response:
            streamed = b"".join([part async for part in response.iter_bytes()])
        names = [model.id async for model in client.models.list()]
    assert seconds(whole.content, "mp3") == pytest.approx(seconds(streamed, "mp3"), abs=0.3)
    assert names == ["tts-1", "tts-1-hd", "gpt-4o-mini-tts", "joe"]


def test_events(client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="joe", input=TEXT, stream_format="sse"
    ) as response:
        lines = [line for line in response.iter_lines() if line]
    assert all(line.startswith('data: {"type": "speech.audio.') for line in lines)
    assert '"usage"' in lines[-1]


def test_models(client: openai.OpenAI) -> None:
    assert client.models.retrieve("joe").owned_by == "alphanumeric"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nothing")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"voice": "joanna"}, "voice_unknown"),
        ({"response_format": "ogg"}, "format_unknown"),
        ({"input": ""}, "text_empty"),
    ],
)
def test_errors_are_those_of_the_client(client: openai.OpenAI, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.speech.create(**{"model": "tts-1", "voice": "joe", "input": "Hello.", **fields})
    assert refused.value.code == code
    assert refused.value.type == "invalid_request_error"


def test_an_unknown_token(server: Server) -> None:
    client = openai.OpenAI(base_url=f"{server.url}v1/", api_key="an_unknown", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as refused:
        client.audio.speech.create(model="tts-1", voice="joe", input="Hello.")
    assert refused.value.code == "token_unknown"
