"""Origin validation of websocket handshakes."""

import pytest
from pytest_django import Settings

from project.server.origin_validator import is_allowed_origin


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
    settings.ALLOWED_HOSTS = ["speech.test"]
    settings.TRUSTED_ORIGINS = ["https://listed.test"]
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    assert is_allowed_origin(headers) is expected


def test_behind_tls_an_http_origin_is_rejected(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["speech.test"]
    settings.BEHIND_TLS_PROXY = True
    assert is_allowed_origin([(b"host", b"speech.test"), (b"origin", b"https://speech.test")])
    assert not is_allowed_origin([(b"host", b"speech.test"), (b"origin", b"http://speech.test")])


def test_duplicate_headers_are_rejected(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["speech.test"]
    assert not is_allowed_origin([(b"host", b"speech.test"), (b"host", b"speech.test")])
    assert not is_allowed_origin(
        [(b"host", b"speech.test"), (b"origin", b"http://speech.test"), (b"origin", b"http://evil.test")]
    )
    assert not is_allowed_origin([])
