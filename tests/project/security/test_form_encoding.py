"""Forms with an unsupported encoding get 400 and one line in the log."""

import logging

import pytest
from django.test import Client

from project.logging import demote_suspicious_operation

pytestmark = pytest.mark.django_db
BROKEN = (
    ("application/x-www-form-urlencoded; charset=utf-7", b"text=+ADw-"),
    ("application/x-www-form-urlencoded; charset=no-such-charset", b"text=a"),
    ("application/x-www-form-urlencoded; charset=hex", b"text=61"),
    ("multipart/form-data; charset=utf-7; boundary=b", b"--b--"),
    ("multipart/form-data; charset=base64; boundary=b", b"--b--"),
    ("multipart/form-data", b"--b--"),
    ("multipart/form-data; boundary=", b"--b--"),
    ("multipart/form-data; boundary=" + "x" * 300, b"--b--"),
)


@pytest.mark.parametrize("path", ["/", "/speech.wav", "/accounts/sign-in/"])
@pytest.mark.parametrize(("media_type", "body"), BROKEN)
def test_an_undecodable_form_gets_400(
    path: str, media_type: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(raise_request_exception=False)
    answer = client.generic("POST", path, body, content_type=media_type)
    assert answer.status_code == 400
    for record in caplog.records:
        assert demote_suspicious_operation(record)
        assert (record.levelno, record.exc_info) == (logging.WARNING, None)


@pytest.mark.parametrize("charset", ["", "; charset=utf-8"])
def test_utf_8_forms_are_accepted(charset: str) -> None:
    answer = Client().generic("POST", "/", b"text=", content_type=f"application/x-www-form-urlencoded{charset}")
    # 503: no voice is installed, which the view checks after parsing the form.
    assert answer.status_code == 503
