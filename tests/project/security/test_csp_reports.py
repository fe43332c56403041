"""CSP reports are counted and rate limited, and their text is not logged."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from project.security.csp_reports import MAX_REPORT_BYTES, VIOLATIONS


@pytest.fixture(autouse=True)
def _reset_counters() -> Iterator[None]:
    VIOLATIONS.clear()
    yield
    VIOLATIONS.clear()


def report(client: Client, body: Any) -> int:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post("/csp-report", text, content_type="application/csp-report").status_code


def former_report(**fields: str) -> dict[str, Any]:
    return {"csp-report": {"effective-directive": "script-src-elem", "blocked-uri": "inline", **fields}}


def test_both_report_formats_are_counted(client: Client) -> None:
    assert report(client, former_report()) == 204
    new = [{"type": "csp-violation", "body": {"effectiveDirective": "img-src", "blockedURL": "https://evil.example/x"}}]
    assert report(client, new) == 204
    assert VIOLATIONS == {"script-src-elem": 1, "img-src": 1}


def test_client_text_is_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        report(
            client,
            former_report(**{"blocked-uri": "https://secret.example/\nforged line", "document-uri": "/?private"}),
        )
        report(client, former_report(**{"effective-directive": "made-up-words", "violated-directive": "x\ny"}))
    assert "a https URL" in caplog.text
    assert not {"secret", "forged", "private", "made-up"} & set(caplog.text.replace("\n", " ").split(" "))
    assert "secret" not in caplog.text
    assert VIOLATIONS == {"script-src-elem": 1, "other": 1}


@pytest.mark.parametrize(
    "body", ["", "x", "[]", "{}", "[1]", '{"csp-report": 1}', "[" * 9000, json.dumps([{"body": {}}] * 11)]
)
def test_invalid_reports_are_rejected(client: Client, body: str) -> None:
    assert report(client, body) == 400
    assert not VIOLATIONS


def test_a_large_report_is_rejected(client: Client) -> None:
    assert report(client, former_report(sample="x" * MAX_REPORT_BYTES)) == 400


def test_reports_over_the_rate_limit_are_rejected(client: Client) -> None:
    answers = [report(client, former_report()) for _ in range(31)]
    assert set(answers[:30]) == {204}
    assert answers[30] == 429


def test_only_post_is_allowed(client: Client) -> None:
    assert client.get("/csp-report").status_code == 405
