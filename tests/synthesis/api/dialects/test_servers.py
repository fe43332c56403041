"""The dialects of self-hosted servers, Coqui, MaryTTS and Piper, over ASGI: parameters, errors and access rules."""

import io
import json
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient

from core.api.errors import ApiError
from synthesis.api.dialects.views import voice_for_language
from synthesis.catalog import CatalogVoice, VoiceCatalog
from synthesis.models import LimitPolicyRow, Voice
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine, tone_manifest
from tests.synthesis.api.client import content, request

pytestmark = pytest.mark.django_db(transaction=True)

FORM = "application/x-www-form-urlencoded"
SPEAKING = ["/api/tts?text=Hello.", "/process?INPUT_TEXT=Hello."]


@pytest.fixture
async def duo(runtime_with_voice: Runtime, engine: ToneEngine, tmp_path: Path) -> None:
    """Add a voice with two speakers."""
    (tmp_path / "duo").mkdir()
    tone_manifest(engine).write(tmp_path / "duo")
    await Voice.objects.acreate(id="duo", name="Duo", language="de-DE", sample_rate=8000, speakers=["alice", "bob"])
    await runtime_with_voice.catalog.refresh()


async def wav(response: Any) -> float:
    """Return the duration of a WAV file with exact lengths."""
    assert response.status_code == 200, response.content
    data = await content(response)
    assert int(response["Content-Length"]) == len(data)
    with wave.open(io.BytesIO(data)) as file:
        assert file.getnframes() * 2 + 44 == len(data)
        return float(file.getnframes() / file.getframerate())


async def form(client: AsyncClient, address: str, content_type: str = FORM, **fields: str) -> Any:
    return await client.post(address, data=urlencode(fields), content_type=content_type)


async def piper(client: AsyncClient, body: Any, address: str = "/synthesize") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post(address, data=data, content_type="application/json")


async def test_coqui(duo: None, async_client: AsyncClient) -> None:
    usual = await wav(await async_client.get(f"/api/tts?text={quote('Grüße, alice.')}"))
    for fields in (
        {"speaker_id": "tone", "language_id": "", "style_wav": ""},
        {"speaker_id": "duo:bob"},
        {"language_id": "de"},
        {"language_id": "en"},
        {"speaker_id": " TONE "},
    ):
        assert await wav(await form(async_client, "/api/tts/", text="Grüße, alice.", **fields)) == usual
    headers = {"text": "Grüße, alice.".encode().decode("latin1"), "speaker-id": "tone"}
    assert await wav(await async_client.get("/api/tts", headers=headers)) == usual


@pytest.mark.parametrize("language", ["de", "de_DE", "DE-at ", "de-Latn-DE"])
def test_a_language_selects_its_default_voice(language: str) -> None:
    first = CatalogVoice("alice", "Alice", "de-DE", (), 8000, default=False)
    english = CatalogVoice("charlie", "Charlie", "en-US", (), 8000, default=True)
    catalog = VoiceCatalog((english, first, replace(first, id="bob", language_default=True)))
    assert voice_for_language(catalog, language) == "bob"
    with pytest.raises(ApiError):
        voice_for_language(catalog, "d")


async def test_a_speaker_of_the_default_voice(
    duo: None, runtime_with_voice: Runtime, async_client: AsyncClient
) -> None:
    await Voice.objects.filter(id="tone").aupdate(default=False)
    await Voice.objects.filter(id="duo").aupdate(default=True)
    await runtime_with_voice.catalog.refresh()
    await wav(await async_client.get("/api/tts?text=Hello.&speaker_id=alice"))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "field_missing"),
        ("text=", "field_missing"),
        ("text=%20", "field_missing"),
        ("text=" + "a" * 1001, "text_too_long"),
        ("text=Hello.&speaker_id=nobody", "voice_unknown"),
        ("text=Hello.&speaker_id=duo:carol", "speaker_unknown"),
        ("text=Hello.&language_id=tlh", "language_unsupported"),
        ("text=Hello.&style_wav=/etc/passwd", "field_invalid"),
        ("text=Hello.&speaker_wav=http://example.com/a.wav", "field_invalid"),
        ("text=%ff%fe", "body_invalid"),
        ("&".join(f"a{number}=1" for number in range(200)), "body_invalid"),
    ],
)
async def test_errors_of_coqui(duo: None, async_client: AsyncClient, query: str, code: str) -> None:
    refused = await async_client.get(f"/api/tts?{query}")
    assert refused.status_code == 400
    assert refused.json()["code"] == code
    assert isinstance(refused.json()["error"], str)


async def test_marytts(duo: None, async_client: AsyncClient) -> None:
    fields = {"INPUT_TEXT": "Hello, alice.", "INPUT_TYPE": "TEXT", "OUTPUT_TYPE": "AUDIO", "AUDIO": "WAVE_FILE"}
    usual = await wav(await form(async_client, "/process", **fields, LOCALE="en_US", VOICE="tone"))
    # Clients send no media type, and the locale alone.
    assert await wav(await form(async_client, "/process", "", **fields, LOCALE="de")) == usual
    assert await wav(await async_client.get(f"/process?{urlencode({**fields, 'VOICE': 'duo:bob'})}")) == usual
    rate = {"effect_Rate_selected": "on", "effect_Rate_parameters": "durScale:2.0;"}
    assert await wav(await form(async_client, "/process", **fields, **rate)) > 1.3 * usual


async def test_the_lists_of_marytts(duo: None, async_client: AsyncClient) -> None:
    for address, lines in (
        ("/voices", ["tone en_US u other", "duo:alice de_DE u other", "duo:bob de_DE u other"]),
        ("/locales", ["en_US", "de_DE"]),
        ("/audioformats", ["WAVE_FILE", "WAVE", "WAVE_STREAM"]),
    ):
        response = await async_client.get(address)
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert response.content.decode().splitlines() == lines
    assert (await async_client.get("/version")).content.startswith(b"Mary TTS server")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "field_missing"),
        ({"INPUT_TEXT": ""}, "text_empty"),
        ({"INPUT_TEXT": "Hello.", "VOICE": "cmu-slt-hsmm"}, "voice_unknown"),
        ({"INPUT_TEXT": "Hello.", "LOCALE": "fr"}, "language_unsupported"),
        ({"INPUT_TEXT": "Hello.", "INPUT_TYPE": "RAWMARYXML"}, "field_invalid"),
        ({"INPUT_TEXT": "Hello.", "OUTPUT_TYPE": "PHONEMES"}, "field_invalid"),
        ({"INPUT_TEXT": "Hello.", "AUDIO": "AU_FILE"}, "field_invalid"),
        ({"INPUT_TEXT": "Hello.", "effect_Robot_selected": "on"}, "field_invalid"),
        ({"INPUT_TEXT": "Hello.", "effect_Rate_selected": "on"}, "field_invalid"),
        ({"INPUT_TEXT": "Hi.", "effect_Rate_selected": "on", "effect_Rate_parameters": "durScale:0"}, "field_invalid"),
        (
            {"INPUT_TEXT": "Hi.", "effect_Rate_selected": "on", "effect_Rate_parameters": "durScale:99"},
            "speed_out_of_range",
        ),
    ],
)
async def test_errors_of_marytts(duo: None, async_client: AsyncClient, fields: dict[str, str], code: str) -> None:
    refused = await form(async_client, "/process", **fields)
    assert refused.status_code == 400
    assert refused["Content-Type"].startswith("text/plain")
    assert refused.content.decode().endswith(f"({code})\n")


async def test_piper(duo: None, async_client: AsyncClient) -> None:
    usual = await wav(await piper(async_client, {"text": "Hello, alice."}))
    for body in (
        {"voice": "tone", "speaker": None, "length_scale": None, "noise_scale": 0.6},
        {"voice": "tone", "speaker_id": 0},
        {"voice": "duo", "speaker": "bob"},
        {"voice": "duo", "speaker_id": 1, "speaker": "nobody"},
    ):
        assert await wav(await piper(async_client, {"text": "Hello, alice.", **body}, "/")) == usual
    assert await wav(await piper(async_client, {"text": "Hello, alice.", "length_scale": 2})) > 1.3 * usual


async def test_the_lists_of_piper(duo: None, async_client: AsyncClient, settings: Any) -> None:
    listed = (await async_client.get("/voices", headers={"Accept": "application/json"})).json()
    assert listed["duo"]["speaker_id_map"] == {"alice": 0, "bob": 1}
    assert listed["tone"]["audio"]["sample_rate"] == 8000
    assert (await async_client.get("/info")).json()["voice"]["name"] == "tone"
    settings.API_DIALECTS = ["piper"]
    assert set((await async_client.get("/voices")).json()) == {"tone", "duo"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "field_missing"),
        ({"text": 5}, "field_invalid"),
        ({"text": ""}, "text_empty"),
        ({"text": "Hi.", "voice": "en_US-lessac-medium"}, "voice_unknown"),
        ({"text": "Hi.", "voice": ["tone"]}, "field_invalid"),
        ({"text": "Hi.", "voice": "duo", "speaker": "carol"}, "speaker_unknown"),
        ({"text": "Hi.", "voice": "duo", "speaker_id": 2}, "field_invalid"),
        ({"text": "Hi.", "speaker_id": True}, "field_invalid"),
        ({"text": "Hi.", "length_scale": 0}, "field_invalid"),
        ({"text": "Hi.", "length_scale": "slow"}, "field_invalid"),
        ({"text": "Hi.", "length_scale": 1e-300}, "speed_out_of_range"),
        (b"{", "body_invalid"),
        (b'{"text": NaN}', "body_invalid"),
    ],
)
async def test_errors_of_piper(duo: None, async_client: AsyncClient, body: Any, code: str) -> None:
    for address in ("/synthesize", "/"):
        refused = await piper(async_client, body, address)
        assert refused.status_code == 400
        assert refused.json()["code"] == code


async def test_media_types(duo: None, async_client: AsyncClient) -> None:
    for address in ("/api/tts", "/process", "/synthesize"):
        refused = await async_client.post(address, data=b"text=Hello.", content_type="text/plain")
        assert refused.status_code == 415
        assert not refused["Content-Type"].startswith("text/html")
    assert (await async_client.post("/process", data="INPUT_TEXT=é".encode(), content_type=FORM)).status_code == 400


async def test_the_page_stays_a_page(duo: None, async_client: AsyncClient) -> None:
    for response in (await async_client.get("/"), await form(async_client, "/", text="Hello.")):
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/html")


async def test_methods(duo: None, async_client: AsyncClient) -> None:
    for address in ("/api/tts", "/process", "/synthesize", "/voices", "/version"):
        refused = await async_client.delete(address)
        assert refused.status_code == 405
        assert not refused["Content-Type"].startswith("text/html")
    for address in SPEAKING:
        head = await async_client.head(address)
        assert (head.status_code, head["Content-Type"]) == (200, "audio/wav")


async def test_a_wrong_host(duo: None) -> None:
    for path in ("/api/tts", "/voices", "/process"):
        status, headers, body = await request({}, path=path, host="evil.example.com", method="GET")
        assert status == 400
        assert not headers["content-type"].startswith("text/html")
        assert b"host_unknown" in body


async def test_pages_of_other_sites_cannot_speak(duo: None, async_client: AsyncClient) -> None:
    for address in SPEAKING:
        for mark in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.com"}):
            refused = await async_client.get(address, headers=mark)
            assert refused.status_code == 403
            assert b"cross_site" in refused.content
    for path in ("/synthesize", "/"):
        status, _, body = await request({"text": "Hello."}, path=path, origin="https://evil.example.com")
        assert (status, json.loads(body)["code"]) == (403, "cross_site")


async def test_the_session_of_a_browser_does_not_speak(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"api_access": "none"})
    await runtime_with_voice.rate_limiter.refresh()
    await async_client.aforce_login(await User.objects.acreate_user("alice"))
    for address in SPEAKING:
        refused = await async_client.get(address)
        assert refused.status_code == 401
        assert refused["WWW-Authenticate"] == "Bearer"


async def test_visitors_of_other_machines_need_a_token(runtime_with_voice: Runtime) -> None:
    for path in ("/synthesize", "/"):
        status, _, body = await request({"text": "Hello."}, path=path, address="192.0.2.7")
        assert (status, json.loads(body)["code"]) == (401, "token_missing")


async def test_requests_are_limited_like_all_speech(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"requests_per_minute": 1})
    await runtime_with_voice.rate_limiter.refresh()
    await wav(await async_client.get(SPEAKING[0]))
    refused = await async_client.get(SPEAKING[1])
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


async def test_disabled_dialects_have_no_addresses(
    runtime_with_voice: Runtime, async_client: AsyncClient, settings: Any
) -> None:
    settings.API_DIALECTS = []
    for address in (*SPEAKING, "/voices", "/locales", "/version", "/info", "/v2/voices"):
        assert (await async_client.get(address)).status_code == 404
    assert (await piper(async_client, {"text": "Hello."})).status_code == 404
    assert (await piper(async_client, {"text": "Hello."}, "/"))["Content-Type"].startswith("text/html")
    settings.API_DIALECTS = ["coqui"]
    assert (await async_client.get("/process?INPUT_TEXT=Hello.")).status_code == 404
    await wav(await async_client.get(SPEAKING[0]))
