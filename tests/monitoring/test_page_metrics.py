"""Timings of pages: hostile reports, opting out, the share of loads, the metrics and the status page."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from pytest_django import Settings

from accounts.models import AccountPreferences
from core.limits import registry
from monitoring.exposition import exposition
from monitoring.rollups import Recorder
from monitoring.status import windows
from synthesis.runtime import Runtime
from terminal.page_metrics import MAX_BYTES, MAX_ERRORS, MAX_MS, MAX_SWITCHES, is_measured
from tests.clock import Clock

pytestmark = pytest.mark.django_db(transaction=True)

REPORT = {"first_paint_ms": 180, "connected_ms": 450.5, "theme_switch_ms": [15, 30], "errors": 2}
MARK = '<meta name="page-metrics">'


def counted() -> str:
    """Return the lines of these metrics."""
    lines = exposition(None).decode().splitlines()
    return "\n".join(line for line in lines if line.startswith("alphanumeric_page_"))


def send(body: Any, client: Client | None = None, **headers: str) -> int:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    sender = client or Client()
    return sender.post("/page-metrics", text, content_type="text/plain;charset=UTF-8", headers=headers).status_code


def test_a_report_is_counted_and_shown() -> None:
    """A browser reports; the operator sees the 75th percentile."""
    clock, began = Clock(0.0), datetime(2026, 11, 26, 21, 0, 30, tzinfo=UTC)
    recorder = Recorder(clock, lambda: began + timedelta(seconds=clock.now), 0)
    for _ in range(4):
        assert send(REPORT) == 204
    shown = counted()
    for measure in ("first_paint", "connected", "theme_switch"):
        assert f'page_seconds_count{{measure="{measure}"}}' in shown
    store_after_a_minute(recorder, clock)
    (hour, *_) = windows(began + timedelta(seconds=70))
    assert (hour.page.first_paint, hour.page.connected) == ("175 ms", "450 ms")
    assert hour.page.errors == "8 in 4 reports"
    assert hour.page.theme_switch == "35 ms"


def store_after_a_minute(recorder: Recorder, clock: Clock) -> None:
    clock.now += 60
    async_to_sync(recorder.flush)()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "[]",
        "{}",
        "null",
        b"\xff\xfe",
        '"' * 50,
        "[" * 900,
        '{"errors": ' + "9" * 900 + "}",
        {"first_paint_ms": "180"},
        {"first_paint_ms": True},
        {"first_paint_ms": None},
        {"first_paint_ms": -1},
        {"first_paint_ms": MAX_MS + 1},
        '{"first_paint_ms": NaN}',
        '{"connected_ms": Infinity}',
        '{"connected_ms": 1e999}',
        {"connected_ms": [1]},
        {"theme_switch_ms": 5},
        {"theme_switch_ms": {"0": 1}},
        {"theme_switch_ms": [1] * (MAX_SWITCHES + 1)},
        {"theme_switch_ms": [1, "2"]},
        {"errors": 1.5},
        {"errors": False},
        {"errors": -1},
        {"errors": MAX_ERRORS + 1},
        {**REPORT, "text": "a secret"},
        {**REPORT, "__proto__": {}},
    ],
    ids=lambda body: str(body)[:30],
)
def test_an_invalid_report_is_rejected_as_a_whole(body: Any) -> None:
    before = counted()
    assert send(body) == 400
    assert counted() == before


def test_a_large_report_is_rejected() -> None:
    before = counted()
    assert send('{"errors": 1' + " " * MAX_BYTES + "}") == 413
    assert send({**REPORT, "theme_switch_ms": [1] * MAX_BYTES}, None, content_length="5") in (400, 413)
    assert counted() == before


def test_reports_over_the_rate_limit_are_rejected() -> None:
    answers = [send({"errors": 0}) for _ in range(registry.PAGE_REPORTS_PER_MINUTE.default + 1)]
    assert set(answers[:-1]) == {204}
    assert answers[-1] == 429


def test_pages_of_other_sites_report_nothing() -> None:
    before = counted()
    assert send(REPORT, origin="https://evil.example") == 403
    assert send(REPORT, sec_fetch_site="cross-site") == 403
    assert Client().get("/page-metrics").status_code == 405
    assert counted() == before


async def page_text(client: AsyncClient, path: str, **headers: str) -> str:
    """Return the HTML of a page."""
    return (await client.get(path, headers=headers)).content.decode()


@pytest.mark.parametrize("signal", [{"sec_gpc": "1"}, {"dnt": "1"}])
async def test_a_browser_that_opts_out_is_not_measured(
    runtime_with_voice: Runtime, async_client: AsyncClient, settings: Settings, signal: dict[str, str]
) -> None:
    settings.PAGE_METRICS_SHARE = 1
    assert MARK in await page_text(async_client, "/")
    assert MARK not in await page_text(async_client, "/", **signal)
    before = counted()
    answer = await async_client.post("/page-metrics", json.dumps(REPORT), content_type="text/plain", headers=signal)
    assert answer.status_code == 204
    assert counted() == before


async def test_the_operator_and_the_account_switch_it_off(
    runtime_with_voice: Runtime, async_client: AsyncClient, settings: Settings
) -> None:
    settings.PAGE_METRICS_SHARE = 1
    alice = await User.objects.acreate_user("alice", password="right")
    await async_client.aforce_login(alice)
    page = await page_text(async_client, "/accounts/")
    assert 'name="page_metrics" checked' in page
    assert MARK in await page_text(async_client, "/")
    await async_client.post("/accounts/preferences/", {"cache_speech": "on"})
    assert MARK not in await page_text(async_client, "/")
    assert (await async_client.get("/accounts/data.json")).json()["page_metrics"] is False
    await AccountPreferences.objects.all().adelete()
    settings.PAGE_METRICS_SHARE = 0
    assert MARK not in await page_text(async_client, "/")
    before = counted()
    assert (await async_client.post("/page-metrics", json.dumps(REPORT), content_type="text/plain")).status_code == 204
    assert counted() == before
    # The switch is not shown, and saving the other one does not change it.
    page = await page_text(async_client, "/accounts/")
    assert 'type="hidden" name="page_metrics" value="on"' in page


async def test_only_a_share_of_the_loads_is_measured(rf: Any, settings: Settings) -> None:
    settings.PAGE_METRICS_SHARE = 0.25
    drawn = iter([number / 100 for number in range(100)])
    measured = [await is_measured(rf.get("/"), None, lambda: next(drawn)) for _ in range(100)]
    assert sum(measured) == 25
