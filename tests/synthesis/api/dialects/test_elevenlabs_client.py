"""The ``elevenlabs`` package, unchanged, against the real server."""

import base64

import pytest
from elevenlabs import VoiceSettings
from elevenlabs.client import AsyncElevenLabs, ElevenLabs
from elevenlabs.core import ApiError

from core.close_codes import UNAUTHORIZED
from tests.e2e.server import Server
from tests.synthesis.api.dialects.test_elevenlabs import check_times, seconds

pytestmark = pytest.mark.voice

TEXT = "Hello, alice. This is spoken while it is synthesized."


@pytest.fixture(scope="module")
def client(server: Server, token: str) -> ElevenLabs:
    return ElevenLabs(base_url=server.url.rstrip("/"), api_key=token)


def test_speech(client: ElevenLabs) -> None:
    whole = client.text_to_speech.convert("joe", text=TEXT, model_id="eleven_multilingual_v2")
    streamed = client.text_to_speech.stream("joe", text=TEXT, output_format="opus_48000_64")
    durations = seconds(b"".join(whole), "mp3_44100_128"), seconds(b"".join(streamed), "opus_48000_64")
    assert durations[0] == pytest.approx(durations[1], abs=0.3)
    fast = VoiceSettings(speed=1.2, stability=0.5)
    spoken = client.text_to_speech.convert("joe", text=TEXT, voice_settings=fast, output_format="pcm_24000")
    assert seconds(b"".join(spoken), "pcm_24000") < 0.95 * durations[0]


def test_timestamps(client: ElevenLabs) -> None:
    timed = client.text_to_speech.convert_with_timestamps("joe", text=TEXT, output_format="pcm_16000")
    assert timed.alignment is not None
    check_times(timed.alignment.model_dump(), TEXT, len(base64.b64decode(timed.audio_base_64)) / 32_000)
    lines = list(client.text_to_speech.stream_with_timestamps("joe", text=TEXT))
    characters = [one for line in lines if line.alignment for one in line.alignment.characters]
    assert "".join(characters) == TEXT
    assert len(lines) > 1
    assert seconds(b"".join(base64.b64decode(line.audio_base_64) for line in lines), "mp3_44100_128") > 1


def test_text_that_arrives_in_pieces(server: Server, client: ElevenLabs) -> None:
    # The package always uses TLS here.
    client.text_to_speech._ws_base_url = server.url.rstrip("/").replace("http", "ws")
    parts = client.text_to_speech.convert_realtime(
        "joe", text=iter(("It cost $5", ".3 billion", ". That is", " all.")), output_format="pcm_16000"
    )
    assert seconds(b"".join(parts), "pcm_16000") > 1
    with pytest.raises(ApiError) as refused:
        list(client.text_to_speech.convert_realtime("nobody", text=iter(("Hello.",))))
    # The client has the error's message only if it reads it before the close frame.
    assert refused.value.status_code == UNAUTHORIZED


def test_lists(client: ElevenLabs) -> None:
    assert [voice.voice_id for voice in client.voices.get_all().voices] == ["joe"]
    assert client.voices.search(search="jo").total_count == 1
    assert client.voices.get("joe").name == "Joe"
    assert client.models.list()[0].can_do_text_to_speech


async def test_the_asynchronous_client(server: Server) -> None:
    client = AsyncElevenLabs(base_url=server.url.rstrip("/"), api_key="not needed on this machine")
    parts = [part async for part in client.text_to_speech.stream("joe", text=TEXT)]
    assert seconds(b"".join(parts), "mp3_44100_128") > 1


def test_errors(server: Server, client: ElevenLabs) -> None:
    with pytest.raises(ApiError) as refused:
        list(client.text_to_speech.convert("nobody", text=TEXT))
    assert refused.value.status_code == 404
    assert refused.value.body["detail"]["status"] == "voice_not_found"
    with pytest.raises(ApiError) as refused:
        list(ElevenLabs(base_url=server.url, api_key="an_unknown").text_to_speech.convert("joe", text=TEXT))
    assert (refused.value.status_code, refused.value.body["detail"]["status"]) == (401, "invalid_api_key")
