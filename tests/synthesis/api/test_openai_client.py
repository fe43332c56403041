"""OpenAI's clients, unchanged, against the real server: sync, async, streamed, in every format.

Besides the ``openai`` package: that for Node.js, Pipecat's service and LiveKit's plugin, from ``make clients``.
"""

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import openai
import pytest

from synthesis.audio.formats import FORMATS
from tests.e2e.server import Server
from tests.programs import find_program, lacks
from tests.synthesis.api import clients
from tests.synthesis.api.real_server import serving

pytestmark = pytest.mark.voice

TEXT = "Hello, alice. This is spoken while it is synthesized."
PROGRAMS = Path(clients.__file__).parent
ENVIRONMENTS = Path(sys.prefix) / "clients"


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
    # As clients send it if the address was entered with a slash at its end.
    doubled = f"{server.url}/v1"
    async with openai.AsyncOpenAI(base_url=doubled, api_key="not needed", max_retries=0) as client:
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


def speak(server: Server, program: str) -> Any:
    """Return what a program of ``PROGRAMS`` reports. Skips the test if its libraries are missing."""
    interpreter = ENVIRONMENTS / program.removeprefix("speak_").removesuffix(".py") / "bin" / "python"
    if program.endswith(".js"):
        interpreter = Path(find_program("node", "nodejs"))
    installed = (PROGRAMS / "node_modules").exists() if program.endswith(".js") else interpreter.exists()
    if not installed:
        lacks(f"the libraries of {program} are missing: make clients")
    command = [str(interpreter), str(PROGRAMS / program), f"{server.url}v1"]
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "NO_PROXY": "*"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_the_client_for_node(server: Server) -> None:
    result = speak(server, "speak_openai.js")
    durations = {name: seconds(base64.b64decode(audio), name) for name, audio in result["audio"].items()}
    assert max(durations.values()) - min(durations.values()) < 0.1, durations
    assert len(result["parts"]) > 1, "not streamed"
    assert sum(result["parts"]) / 48_000 == pytest.approx(durations["pcm"], abs=0.3)
    *deltas, done = result["events"]
    assert (set(deltas), done) == ({"speech.audio.delta"}, "speech.audio.done")
    assert result["models"] == ["tts-1", "tts-1-hd", "gpt-4o-mini-tts", "joe"]
    assert result["error"] == {"status": 400, "code": "voice_unknown", "param": "voice"}


def test_the_service_of_pipecat(server: Server) -> None:
    spoken = speak(server, "speak_pipecat.py")
    assert (spoken["errors"], spoken["texts"], spoken["rates"]) == ([], 2, [24_000])
    assert 3.5 < spoken["seconds"] < 7
    assert spoken["peak"] > 3_000
    assert spoken["frames"] > 2, "not streamed"


def test_the_plugin_of_livekit(server: Server) -> None:
    result = speak(server, "speak_livekit.py")
    for way in ("events", "mp3", "pcm"):
        assert result[way]["rates"] == [24_000]
        assert result[way]["seconds"] == pytest.approx(result["pcm"]["seconds"], abs=0.3)
        assert result[way]["peak"] > 3_000
    refusal = result["error"]["status"], result["error"]["body"]["code"]
    assert refusal == (400, "voice_unknown")
