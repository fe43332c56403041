"""Origin validation of websocket handshakes."""

import logging
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from pytest_django import Settings

from core.web.same_site import origin_refusal
from project.server.origin_validator import OriginValidator, handshake_refusal


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("speech.test", "http://speech.test", True),
        ("speech.test:8000", "http://speech.test:8000", True),
        ("SPEECH.test", "https://speech.test", True),
        ("speech.test", None, True),
        ("speech.test", "https://listed.test", True),
        ("speech.test:8000", "http://speech.test:3000", False),
        ("speech.test:8000", "http://speech.test", False),
        ("speech.test:443", "https://speech.test", True),
        ("speech.test:80", "http://speech.test", True),
        ("speech.test:80", "https://speech.test", True),
        ("speech.test", "https://speech.test:443", True),
        ("speech.test", "https://LISTED.test", True),
        ("speech.test", "https://listed.test:443", True),
        ("speech.test", "https://listed.test:8443", False),
        ("speech.test:80", "http://speech.test:3000", False),
        ("[::1]:80", "http://[::1]", True),
        ("speech.test", "https://speech.test:80", False),
        ("speech.test", "http://evil.test", False),
        ("speech.test", "http://speech.test.evil.test", False),
        ("speech.test", "null", False),
        ("speech.test", "file://speech.test", False),
        ("speech.test", "http://[", False),
        ("evil.test", "http://evil.test", False),
        ("evil.test", None, False),
    ],
)
def test_origins(settings: Settings, host: str, origin: str | None, expected: bool) -> None:
    settings.ALLOWED_HOSTS = ["speech.test", "[::1]"]
    settings.TRUSTED_ORIGINS = ["https://listed.test"]
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    assert (handshake_refusal(headers) is None) is expected


def test_behind_tls_an_http_origin_is_rejected(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["speech.test"]
    settings.BEHIND_TLS_PROXY = True
    assert not handshake_refusal([(b"host", b"speech.test"), (b"origin", b"https://speech.test")])
    assert handshake_refusal([(b"host", b"speech.test"), (b"origin", b"http://speech.test")])


def test_duplicate_headers_are_rejected(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["speech.test"]
    assert handshake_refusal([(b"host", b"speech.test"), (b"host", b"speech.test")])
    assert handshake_refusal(
        [(b"host", b"speech.test"), (b"origin", b"http://speech.test"), (b"origin", b"http://evil.test")]
    )
    assert handshake_refusal([])


async def handshake(**headers: str) -> bool:
    """Return whether a handshake with these headers passes the origin check."""

    async def accepting(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return bool((await WebsocketCommunicator(OriginValidator(accepting), "/ws/terminal/", headers=pairs).connect())[0])


async def test_a_refused_handshake_is_logged_with_the_origin_and_the_setting(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALLOWED_HOSTS = ["speech.test"]
    assert not await handshake(host="speech.test", origin="http://alice.test:8142")
    assert not await handshake(host="bob.test", origin="http://bob.test")
    first, second = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "TRUSTED_ORIGINS=http://alice.test:8142" in first
    assert "The host bob.test is not in ALLOWED_HOSTS" in second


def test_a_rejection_names_the_setting_to_change(settings: Settings) -> None:
    assert "TRUSTED_ORIGINS=http://alice.test" in origin_refusal("http://alice.test", "speech.test")
    assert "Origin: null" in origin_refusal("null", "speech.test")
    settings.BEHIND_TLS_PROXY = True
    assert "over https only" in origin_refusal("http://speech.test", "speech.test")
