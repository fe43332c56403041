"""Texts are validated after the request was charged, and never on the event loop."""

import json
import threading
from typing import Any

import pytest
from django.test import AsyncClient

from core.limits.subjects import subject_for
from synthesis.pipeline import synthesizer, text_reading
from synthesis.runtime import Runtime
from synthesis.text.validation import check_spoken
from tests.terminal.socket_client import tab

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "_" * 999 + "!"


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """Record the threads that validate texts."""
    made: list[threading.Thread] = []

    def check(*args: Any, **fields: Any) -> None:
        made.append(threading.current_thread())
        check_spoken(*args, **fields)

    monkeypatch.setattr(text_reading, "check_spoken", check)
    return made


async def assert_checked_off_the_loop(
    runtime_with_voice: Runtime, checks: list[threading.Thread], client: str | None
) -> None:
    assert [thread is threading.current_thread() for thread in checks] == [False]
    subject = subject_for(None, client)
    reading = await runtime_with_voice.rate_limiter.request_quota(
        subject, await runtime_with_voice.rate_limiter.policy(subject)
    )
    assert reading.used == 1


async def test_a_tab_validates_text_off_the_event_loop(
    runtime_with_voice: Runtime, checks: list[threading.Thread]
) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text=TEXT)
        assert (await alice.control())["code"] == "text_unspeakable"
    await assert_checked_off_the_loop(runtime_with_voice, checks, None)


async def test_the_api_validates_text_off_the_event_loop(
    runtime_with_voice: Runtime, checks: list[threading.Thread]
) -> None:
    body = json.dumps({"model": "tts-1", "voice": "tone", "input": TEXT})
    answer = await AsyncClient().post("/v1/audio/speech", body, content_type="application/json")
    assert answer.json()["error"]["code"] == "text_unspeakable"
    await assert_checked_off_the_loop(runtime_with_voice, checks, "127.0.0.1")


@pytest.mark.parametrize("path", ["/", "/speech.wav"])
async def test_the_form_validates_text_off_the_event_loop(
    runtime_with_voice: Runtime, checks: list[threading.Thread], path: str
) -> None:
    answer = await AsyncClient().post(path, {"text": TEXT})
    assert answer.status_code == 400
    await assert_checked_off_the_loop(runtime_with_voice, checks, "127.0.0.1")


async def test_a_text_over_the_length_limit_is_not_charged(
    runtime_with_voice: Runtime, checks: list[threading.Thread]
) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="a" * 1001)
        assert (await alice.control())["code"] == "text_too_long"
    assert checks == []


async def test_the_text_validation_queue_is_bounded(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesizer, "CHECKS_WAITING", 0)
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="Hello.")
        error = await alice.control()
        assert (error["code"], error["retry_after"]) == ("busy", 2)
