"""The terminal page without JavaScript, and its recordings."""

import codecs
import io
import logging
import re
import wave
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client

from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {"text": "Hello, world.", "voice": "tone", "speed": "1.0"}


def text_of(response: Any) -> str:
    return str(response.content.decode())


async def sound(response: Any) -> bytes:
    """Return the body of a streaming response."""
    return b"".join([part async for part in response])


def recording(page: str) -> str:
    found = re.search(r'<audio[^>]* src="([^"]+)"', page)
    assert found
    return found[1]


async def test_the_page(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.get("/")
    page = text_of(response)
    assert response.status_code == 200
    assert re.search(r'<option value="tone"[^>]* selected', page)
    assert "<audio" not in page
    assert set(response.cookies) == {"device"}
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]* src=)", page)


async def test_a_submitted_form_returns_an_audio_player(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    page = text_of(await async_client.post("/", FORM))
    assert "Hello, world." in page
    response = await async_client.get(recording(page))
    assert (response.status_code, response["Content-Type"]) == (200, "audio/wav")
    body = await sound(response)
    with wave.open(io.BytesIO(body)) as wav:
        assert wav.getnframes() * 2 + 44 == len(body) == int(response["Content-Length"])


async def test_a_submitted_text_is_not_logged(
    runtime_with_voice: Runtime, async_client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = text_of(await async_client.post("/", {**FORM, "text": "Nobody else reads confidences."}))
        await async_client.get(recording(page))
        await async_client.post("/speech.wav", {**FORM, "text": "Confidences\x07"})
    assert "onfidences" not in caplog.text


async def test_all_ranges_of_a_recording_share_one_synthesis(
    runtime_with_voice: Runtime, async_client: AsyncClient, engine: ToneEngine
) -> None:
    url = recording(text_of(await async_client.post("/", FORM)))
    whole = await sound(await async_client.get(url))
    made = len(engine.decoded)
    response = await async_client.get(url, headers={"Range": "bytes=0-1"})
    assert (response.status_code, await sound(response), response["Content-Range"]) == (
        206,
        b"RI",
        f"bytes 0-1/{len(whole)}",
    )
    assert len(engine.decoded) == made


@pytest.mark.parametrize(
    ("change", "kept", "expected"),
    [
        ({"text": ""}, "", "The text is empty"),
        ({"text": "Привет <b>"}, "Привет &lt;b&gt;", "English"),
        ({"text": "/speed 2"}, "/speed 2", "//|two"),
        ({"speed": "fast"}, "Hello, world.", "speed"),
        ({"speed": "9"}, "Hello, world.", "speed"),
        ({"voice": "nobody"}, "Hello, world.", "Unknown voice"),
    ],
)
async def test_an_error_is_shown_and_the_text_is_kept(
    runtime_with_voice: Runtime, async_client: AsyncClient, change: dict[str, str], kept: str, expected: str
) -> None:
    response = await async_client.post("/", {**FORM, **change})
    page = text_of(response)
    assert response.status_code == 400
    assert re.search(expected, page)
    assert kept in page
    assert "<audio" not in page


async def test_a_long_text_gets_several_players(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    text = "\r\n\r\n".join(f"This is paragraph {n}. " + "It goes on and on. " * 30 for n in range(3))
    page = text_of(await async_client.post("/", {**FORM, "text": text}))
    players = re.findall(r'<audio[^>]* src="([^"]+)"', page)
    assert len(players) == 3
    assert page.count("autoplay") == 1
    assert len(re.findall(r'<p class="text" dir="auto" lang="en-US">This is paragraph \d', page)) == 3
    for url in players:
        assert (await async_client.get(url)).status_code == 200


async def test_rejected_text_stays_in_the_form(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.post("/", {**FORM, "text": f"{'Hello, world. ' * 70}\n\n{'Привет, мир. ' * 5}"})
    page = text_of(response)
    assert response.status_code == 400
    assert page.count("<audio") == 1
    assert re.search(r"<textarea[^>]*>(Привет, мир\. ?){5}</textarea>", page)


@pytest.mark.parametrize(("text", "spoken"), [("//etc", "/etc"), ("/etc\nand more", "/etc\nand more")])
async def test_a_text_that_begins_with_a_slash_is_spoken(
    runtime_with_voice: Runtime, async_client: AsyncClient, text: str, spoken: str
) -> None:
    page = text_of(await async_client.post("/", {**FORM, "text": text}))
    assert f'<p class="text" dir="auto" lang="en-US">{spoken}</p>' in page
    assert "<audio" in page


async def test_a_text_file_is_spoken_by_the_form(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    def file(data: bytes) -> SimpleUploadedFile:
        return SimpleUploadedFile("notes.txt", data, content_type="text/plain")

    assert 'name="file"' in text_of(await async_client.get("/"))
    for data, spoken in (
        (codecs.BOM_UTF8 + b"Hello.\r\n\r\nBob.", "Hello.\n\nBob."),
        ("Hello, Bob.".encode("utf-16"), "Hello, Bob."),
        # A file is no command.
        (b"/help", "/help"),
    ):
        page = text_of(await async_client.post("/", {**FORM, "text": "", "file": file(data)}))
        assert f">{spoken}</p>" in page
        assert "<audio" in page
    for data, code in ((b"\xe9t\xe9", "not a text in UTF-8"), (b"a" * (64 * 1024 + 1), "may have 64 KB")):
        response = await async_client.post("/", {**FORM, "text": "", "file": file(data)})
        assert response.status_code == 400
        assert code in text_of(response)


async def test_help_is_answered_and_not_spoken(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.post("/", {**FORM, "text": " /help "})
    page = text_of(response)
    assert response.status_code == 200
    assert 'id="plain-help"' in page
    assert "<audio" not in page


async def test_a_form_over_the_body_limit_is_rejected(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.post("/", {**FORM, "text": "x" * 300_000})
    assert response.status_code == 400
    assert "characters" in text_of(response)


async def test_a_recording_is_downloaded_as_wav(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.post("/speech.wav", FORM)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert (await sound(response))[:4] == b"RIFF"
    assert (await async_client.post("/speech.wav", {**FORM, "text": ""})).status_code == 400
    assert (await async_client.get("/speech.wav")).status_code == 405


async def test_an_expired_recording_is_not_found(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    assert (await async_client.get("/spoken/nothing.wav")).status_code == 404


@pytest.mark.parametrize("path", ["/", "/speech.wav", "/themes/write"])
@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        # Browsers send this header without TLS.
        ({"Origin": "http://evil.example"}, True),
        ({"Origin": "http://testserver:3000"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://testserver"}, False),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}, False),
        ({}, False),
    ],
)
async def test_cross_site_forms_are_rejected(
    runtime_with_voice: Runtime, async_client: AsyncClient, path: str, headers: dict[str, str], *, refused: bool
) -> None:
    response = await async_client.post(path, FORM, headers=headers)
    assert (response.status_code == 403) is refused


async def test_a_link_from_another_site_opens_the_page(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
    assert response.status_code == 200


async def test_without_a_voice_the_page_reports_it(db: None, runtime: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.post("/", {"text": "Hello."})
    assert response.status_code == 503
    assert "No voice is installed" in text_of(response)


async def test_favicon_is_served(async_client: AsyncClient) -> None:
    response = await async_client.get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (302, "/static/favicon.svg")


def test_an_unknown_host_name_is_explained(client: Client) -> None:
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "ALLOWED_HOSTS" in text_of(response)
    assert "default-src 'none'" in response["Content-Security-Policy"]


async def test_a_handshake_that_lost_its_upgrade_header_is_explained_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = await AsyncClient().get("/ws/terminal/", headers={"sec-websocket-key": "YWxpY2UgYW5kIGJvYi4uLg=="})
    assert (response.status_code, response["Upgrade"]) == (426, "websocket")
    assert "Upgrade" in response.content.decode()
    assert any("handshake arrived without its Upgrade header" in message for message in caplog.messages)


@pytest.mark.parametrize(
    ("origin", "form", "said"),
    [
        ("http://testserver", True, "The proxy does not pass websockets."),
        ("http://testserver:8142", False, "TRUSTED_ORIGINS=http://testserver:8142"),
        ("null", False, "Origin: null"),
    ],
)
async def test_a_page_without_a_websocket_gets_the_reason(origin: str, form: bool, said: str) -> None:
    told = (await AsyncClient().post("/ws/terminal/", headers={"origin": origin})).json()
    assert told["form"] is form
    assert said in told["message"]
