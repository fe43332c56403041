"""Correlation ids: validation, threads, and one id per request, utterance, theme change and sign-in."""

import asyncio
import json
import logging
import threading
from typing import Any

import pytest
from channels.testing import HttpCommunicator
from django.contrib.auth.models import User
from pytest_django import Settings

from core.logs import correlation
from core.logs.addresses import logged_address
from core.logs.client_errors import LINE_BURST, ClientErrorLog
from core.storage import database
from project.asgi import application
from synthesis.runtime import Runtime
from terminal.socket.work_queue import WorkQueue
from tests.clock import Clock
from tests.fake_engine import ToneEngine
from tests.monitoring.client import call
from tests.monitoring.conftest import Lines
from tests.terminal.socket_client import Tab, tab

pytestmark = pytest.mark.django_db(transaction=True)

ALICE, BOB = "a11ce-0000-4000", "b0b00000b0b00000"
SPEECH = {"model": "tts-1", "voice": "tone", "input": "The secret plan.", "response_format": "wav"}


@pytest.fixture(autouse=True)
def hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]


def ids(lines: list[dict[str, Any]], **fields: object) -> list[object]:
    """Return the ids of the records with those fields."""
    return [
        line.get("correlation_id") for line in lines if all(line.get(key) == value for key, value in fields.items())
    ]


@pytest.mark.parametrize("sent", ["7f3a0c12", "x" * 64, "7B5E9B8E-7A51-4B6B-8F0A-0A1B2C3D4E5F"])
def test_a_valid_id_is_kept(sent: str) -> None:
    assert correlation.accept(sent) == sent


@pytest.mark.parametrize(
    "sent",
    [None, 7, "", "short", "x" * 65, "an_0123456789", "10.20.30.40", "two words", "é" * 9, "line\nbreak1", "١" * 8],
)
def test_an_invalid_id_is_replaced(sent: object) -> None:
    made = correlation.accept(sent)
    assert made != sent
    assert len(made) == 16


async def test_a_request_has_the_id_of_its_client(log: Lines, runtime_with_voice: Runtime) -> None:
    _, headers, _ = await call("/v1/audio/speech", SPEECH, x_request_id=ALICE)
    assert headers["x-request-id"] == ALICE
    assert ids(log(), event="utterance") == [ALICE]
    (line,) = [line for line in log() if line.get("event") == "utterance"]
    assert (line["outcome"], line["transport"], line["voice"], line["characters"]) == ("done", "http", "tone", 16)
    assert line["audio_s"] > 0
    assert line["first_audio_ms"] >= 0


async def test_no_line_has_the_text_the_token_or_the_address(log: Lines, runtime_with_voice: Runtime) -> None:
    await call("/v1/audio/speech", SPEECH, authorization="Bearer an_of_alice")
    await call("/v1/audio/speech", SPEECH)
    logged = json.dumps(log())
    assert "utterance" in logged
    assert not any(private in logged for private in ("secret plan", "an_of_alice", "127.0.0.1"))


async def test_an_error_has_the_id_and_a_line(log: Lines, runtime_with_voice: Runtime) -> None:
    status, headers, body = await call("/v1/audio/speech", {**SPEECH, "input": ""}, x_request_id=BOB)
    assert (status, headers["x-request-id"]) == (400, BOB)
    assert json.loads(body)["error"]["correlation_id"] == BOB
    assert ids(log(), event="error", code="text_empty") == [BOB]


async def test_a_request_without_a_valid_id_gets_one(log: Lines, runtime_with_voice: Runtime) -> None:
    _, first, body = await call("/v1/nothing", x_request_id="an_of_alice_0123")
    _, second, _ = await call("/v1/nothing")
    assert json.loads(body)["error"]["correlation_id"] == first["x-request-id"] != second["x-request-id"]
    assert "an_of_alice" not in json.dumps(log())


async def test_a_request_for_the_whole_server_is_answered(log: Lines) -> None:
    status, headers, _ = await call("*", x_request_id=ALICE)
    assert (status, headers["x-request-id"]) == (404, ALICE)
    assert ids(log(), event="request", path="/*") == [ALICE]


async def test_an_error_page_has_the_reference(runtime_with_voice: Runtime) -> None:
    status, _, body = await call("/nothing", accept="text/html", x_request_id=ALICE)
    assert status == 404
    assert f"Reference {ALICE}" in body.decode()


async def test_two_utterances_of_a_tab_have_their_own_ids(log: Lines, runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="One.", correlation_id=ALICE)
        await alice.send("speech.create", id=2, text="Two.", correlation_id=BOB)
        await alice.until("speech.done", id=2)
    lines = [line for line in log() if line.get("event") == "utterance"]
    assert [(line["correlation_id"], line["transport"], line["outcome"]) for line in lines] == [
        (ALICE, "socket", "done"),
        (BOB, "socket", "done"),
    ]


async def test_a_failure_in_a_worker_has_the_id(log: Lines, runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    """The worker logs with the id of the utterance, though another message's credit submits its later jobs."""
    heard: list[str | None] = []

    def fail(*_args: object) -> None:
        heard.append(correlation.current())
        assert threading.current_thread().name == "synthesis-worker"
        logging.getLogger("engine").warning("the engine fails")
        raise RuntimeError("broken")

    engine.decode = fail  # type: ignore[method-assign, assignment]
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="One.", correlation_id=ALICE)
        error = await error_frame(alice)
    assert (error["id"], error["code"], error["correlation_id"]) == (1, "engine_failed", ALICE)
    assert set(heard) == {ALICE}
    assert set(ids(log(), message="the engine fails")) == {ALICE}
    assert ids(log(), event="utterance", outcome="engine_failed") == [ALICE]


async def error_frame(alice: Tab) -> dict[str, Any]:
    while (frame := await alice.control())["type"] != "error":
        pass
    return frame


async def test_every_window_of_a_long_text_has_the_id(runtime_with_voice: Runtime, engine: ToneEngine) -> None:
    seen: set[str | None] = set()
    decode = engine.decode

    def watch(*args: Any) -> Any:
        seen.add(correlation.current())
        return decode(*args)

    engine.decode = watch  # type: ignore[method-assign, assignment]
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="A text that goes on. " * 20, correlation_id=ALICE)
        while (frame := await alice.frame()) == frame:
            if not isinstance(frame, dict):
                await alice.send("speech.played", id=1, sample=frame.first_sample + frame.samples)
            elif frame["type"] == "speech.done":
                break
    assert seen == {ALICE}


async def test_an_invalid_id_of_a_message_is_replaced(log: Lines, runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="One.", correlation_id="The secret plan.")
        await alice.until("speech.done", id=1)
    assert "secret plan" not in json.dumps(log())
    assert len(str(ids(log(), event="utterance")[0])) == 16


async def test_an_error_of_a_message_has_its_id(log: Lines, runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="", correlation_id=ALICE)
        assert (await error_frame(alice))["correlation_id"] == ALICE
        await alice.send("nonsense")
        socket_id = (await error_frame(alice))["correlation_id"]
    assert socket_id != ALICE
    assert ids(log(), event="error") == [ALICE, socket_id]


async def test_a_theme_change_has_its_id(log: Lines, runtime_with_voice: Runtime) -> None:
    async with tab() as alice:
        await alice.send("theme.set", request_id=1, mode="dark", correlation_id=ALICE)
        await alice.until("theme.saved", request_id=1)
        await alice.send("theme.set", request_id=2, dark="nothing", correlation_id=BOB)
        error = await error_frame(alice)
    assert (error["request_id"], error["correlation_id"]) == (2, BOB)
    assert ids(log(), event="theme", change="ThemeSet") == [ALICE]
    assert ids(log(), event="error", code="theme_unknown") == [BOB]


async def test_a_cancelled_utterance_is_logged_with_its_id(
    log: Lines, runtime_with_voice: Runtime, engine: ToneEngine
) -> None:
    async with tab() as alice:
        await alice.send("speech.create", id=1, text="A text that goes on. " * 40, correlation_id=ALICE)
        await alice.until("speech.words")
        await alice.send(
            "speech.cancel",
            id=1,
        )
        await alice.until("speech.cancelled", id=1)
    assert ids(log(), event="utterance", outcome="cancelled") == [ALICE]


async def test_queued_work_keeps_the_id_of_its_message() -> None:
    seen: list[tuple[str, str | None]] = []
    begin = asyncio.Event()

    async def failed(error: Exception) -> None:
        seen.append((str(error), correlation.current()))

    async def first() -> None:
        await begin.wait()
        raise ValueError("first")

    async def second() -> None:
        seen.append(("second", correlation.current()))

    queue = WorkQueue(failed)
    for correlation_id, work in ((ALICE, first), (BOB, second)):
        with correlation.bound(correlation_id):
            queue.put(work)
    begin.set()
    while len(seen) < 2:
        await asyncio.sleep(0)
    assert seen == [("first", ALICE), ("second", BOB)]


async def test_database_threads_have_the_id(settings: Settings) -> None:
    settings.DATABASE_IN_ONE_THREAD = False
    written: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    with correlation.bound(ALICE):
        assert await database.read(correlation.current) == ALICE
        await database.write_later(lambda: loop.call_soon_threadsafe(written.put_nowait, correlation.current()))
    assert await written.get() == ALICE


@pytest.mark.parametrize("password", ["right", "wrong"])
async def test_a_sign_in_has_the_id_and_no_name(log: Lines, db: None, password: str) -> None:
    alice = await asyncio.to_thread(User.objects.create_user, "alice", password="right")
    form = f"username=alice&password={password}".encode()
    wire = HttpCommunicator(
        application,
        "POST",
        "/accounts/sign-in/",
        form,
        [
            (b"host", b"localhost"),
            (b"origin", b"http://localhost"),
            (b"x-request-id", ALICE.encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"cookie", b"csrftoken=" + b"a" * 32),
            (b"x-csrftoken", b"a" * 32),
        ],
    )
    wire.scope["client"] = ["127.0.0.1", 4000]
    answer = await wire.get_response(timeout=20)
    lines = [line for line in log() if line.get("event") == "sign-in"]
    outcome = "done" if password == "right" else "failed"
    assert [(line["correlation_id"], line["outcome"]) for line in lines] == [(ALICE, outcome)]
    assert "alice" not in json.dumps(lines)
    if outcome == "failed":
        assert lines[0]["address"] == "127.0.0.0/24"
        assert f"Reference {ALICE}" in answer["body"].decode()
    else:
        assert lines[0]["account"] == alice.pk


def test_lines_about_errors_are_bounded(log: Lines) -> None:
    clock = Clock()
    errors = ClientErrorLog(logging.getLogger("errors"), clock)
    for _ in range(int(LINE_BURST) + 50):
        errors.report("socket", "frame_invalid")
    assert len(log()) == LINE_BURST
    clock.now += 1
    errors.report("socket", "frame_invalid")
    assert log()[-1]["unlogged"] == 50


@pytest.mark.parametrize(
    ("address", "bits", "shown"),
    [
        ("203.0.113.77", (24, 48), "203.0.113.0/24"),
        ("::ffff:203.0.113.77", (24, 48), "203.0.113.0/24"),
        ("2001:db8:1:2::7", (24, 48), "2001:db8:1::/48"),
        ("203.0.113.77", (32, 128), "203.0.113.77"),
        ("2001:db8:1:2::7", (32, 128), "2001:db8:1:2::7"),
        ("203.0.113.77", (0, 0), "0.0.0.0/0"),
        ("a line\nbreak", (24, 48), "unknown"),
        (None, (24, 48), "unknown"),
    ],
)
def test_addresses_are_shortened(address: str | None, bits: tuple[int, int], shown: str, settings: Settings) -> None:
    settings.LOG_IPV4_PREFIX, settings.LOG_IPV6_PREFIX = bits
    assert logged_address(address) == shown
