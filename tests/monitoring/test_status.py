"""Rollups and the status page: counting, availability, quantiles, bounds, permissions and the empty page."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from core import metrics
from core.errors import StorageUnavailableError
from core.storage import database
from monitoring.models import MINUTE_S, QUARTER_DAY_S, QUARTER_S, Rollup
from monitoring.rollups import BUCKETS, KEPT_S, Period, Recorder, is_failure, store
from monitoring.status import quantile, windows
from synthesis.runtime import Runtime
from tests.clock import Clock

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 26, 21, 30, 30, tzinfo=UTC)


class Server:
    """A server whose clock the test advances; it beats every ten seconds."""

    def __init__(self, now: datetime = NOW, process: int = 0) -> None:
        self.clock = Clock(1000.0)
        self.began = now
        self.recorder = Recorder(self.clock, self.now, process)

    def now(self) -> datetime:
        return self.began + timedelta(seconds=self.clock.now - 1000.0)

    async def run(self, seconds: int, *, ready: bool = True) -> None:
        for _ in range(seconds // 10):
            self.clock.now += 10
            await self.recorder.beat(ready=ready)


def speak(outcome: str = "done", first_audio_s: float | None = 0.06, audio_s: float = 6.0, voice: str = "joe") -> None:
    metrics.UTTERANCES.labels("socket", outcome).inc()
    if first_audio_s is not None:
        metrics.FIRST_AUDIO.labels("socket", "false").observe(first_audio_s)
    metrics.AUDIO.labels(voice).inc(audio_s)


def rows(resolution: int = MINUTE_S) -> list[Rollup]:
    return list(Rollup.objects.filter(resolution=resolution).order_by("start", "process"))


async def in_thread(work: Any) -> Any:
    return await database.read(work)


async def test_a_period_is_in_each_resolution() -> None:
    server = Server()
    for number in range(10):
        speak(first_audio_s=0.06 if number else 0.4)
    speak("engine_failed")
    speak("cancelled")
    speak("limit_utterances")
    metrics.ERRORS.labels("socket", "engine_failed").inc()
    metrics.UNDERRUNS.inc(2)
    server.recorder.sample(sockets=7, waiting=3, load=0.5)
    server.recorder.sample(sockets=2, waiting=0, load=0.25)
    await server.run(60)
    for resolution in (MINUTE_S, QUARTER_S, QUARTER_DAY_S):
        *before, row = await in_thread(lambda resolution=resolution: rows(resolution))
        assert (row.utterances, row.failed, row.underruns, row.audio_s) == (13, 1, 2, 78)
        assert (row.peak_sockets, row.peak_waiting, row.peak_load) == (7, 3, 0.5)
        assert sum(each.ready_s for each in (*before, row)) == 60
        assert (row.voices, row.errors) == ({"joe": 78}, {"engine_failed": 1})
        assert dict(zip(BUCKETS, row.first_audio, strict=True))[0.075] == 12
        assert row.first_audio[-1] == 13
    await server.run(120)
    assert [row.utterances for row in await in_thread(rows)] == [0, 13, 0, 0]
    assert [row.ready_s for row in await in_thread(rows)] == [30, 60, 60, 30]
    (row,) = await in_thread(lambda: rows(QUARTER_S))
    assert (row.utterances, row.ready_s) == (13, 180)


async def test_nothing_is_lost_while_the_storage_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()

    async def unavailable(_work: object) -> None:
        raise StorageUnavailableError

    with monkeypatch.context() as broken:
        broken.setattr(database, "write", unavailable)
        speak()
        await server.run(120)
    assert await in_thread(rows) == []
    speak()
    await server.run(60)
    stored = await in_thread(rows)
    assert sum(row.utterances for row in stored) == 2
    assert [row.ready_s for row in stored] == [30, 60, 60, 30]


def test_old_rows_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KEPT_S, MINUTE_S, 600)
    for minute in range(15):
        moment = NOW + timedelta(minutes=minute)
        store(Period(moment, ready_s=60), 0, moment)
    assert len(rows(MINUTE_S)) == KEPT_S[MINUTE_S] / MINUTE_S
    store(Period(NOW), 0, NOW + timedelta(days=40))
    assert Rollup.objects.count() == 3


async def test_processes_are_added_and_one_that_is_ready_is_enough() -> None:
    one, two = Server(process=0), Server(process=1)
    one.recorder.sample(sockets=3, waiting=1, load=0.4)
    two.recorder.sample(sockets=4, waiting=1, load=0.6)
    await one.run(600)
    await two.run(600, ready=False)
    (hour, *_) = await in_thread(lambda: windows(one.now()))
    assert (hour.availability.text, hour.availability.met) == ("100.00%", True)
    plots = {plot.title: plot.most for plot in hour.plots}
    assert (plots["Open tabs, peak"], plots["Load, peak"]) == ("7", "60 %")


@pytest.mark.parametrize("seconds", [70, 130, 3600])
async def test_availability_does_not_depend_on_when_the_rows_are_written(
    seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Periods of 70 s put two ends in some minutes and none in others."""
    monkeypatch.setattr("monitoring.rollups.FLUSH_S", seconds)
    server = Server()
    await server.run(1240)
    await server.recorder.flush()
    found = await in_thread(lambda: windows(server.now()))
    assert [window.availability.text for window in found] == ["100.00%"] * 3
    # The first and the last minute are not whole.
    assert {row.ready_s for row in (await in_thread(rows))[1:-1]} == {60}


async def test_downtime_is_time_without_rows() -> None:
    server = Server()
    await server.run(1800)
    server.recorder = Recorder(server.clock, server.now, 0)
    server.clock.now += 900
    server.recorder = Recorder(server.clock, server.now, 0)
    await server.run(900)
    (hour, day, month) = await in_thread(lambda: windows(server.now()))
    # 45 of 60 minutes.
    for window in (hour, day, month):
        assert window.availability.met is False
        assert 0.74 < float(window.availability.text.rstrip("%")) / 100 < 0.76


async def test_a_server_that_is_down_now_is_unavailable() -> None:
    server = Server()
    await server.run(600)
    (fine, *_) = await in_thread(lambda: windows(server.now() + timedelta(seconds=50)))
    (down, *_) = await in_thread(lambda: windows(server.now() + timedelta(seconds=600)))
    assert (fine.availability.text, down.availability.text) == ("100.00%", "50.00%")


async def test_the_objectives_of_an_hour() -> None:
    server = Server()
    for _ in range(90):
        speak(first_audio_s=0.06)
    for _ in range(10):
        speak(first_audio_s=0.25, voice="amy")
    speak("timeout", None, audio_s=0)
    await server.run(60)
    (hour, *_) = await in_thread(lambda: windows(server.now()))
    assert (hour.first_audio.text, hour.first_audio.met) == ("250 ms", False)
    assert (hour.errors.text, hour.errors.met) == ("0.99%", False)
    assert (hour.utterances, hour.audio, hour.underruns) == ("101", "10 min", "0 (0.00 per minute)")
    assert hour.voices == [("joe", "9 min"), ("amy", "60 s")]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([], None), ([0] * len(BUCKETS), None), ([100] * len(BUCKETS), 0.02375), ([0] * 11 + [10], float("inf"))],
)
def test_the_quantile(counts: list[int], expected: float | None) -> None:
    assert quantile(0.95, counts) == expected


@pytest.mark.parametrize(
    ("outcome", "failed"), [("done", False), ("cancelled", False), ("limit_utterances", False), ("busy", True)]
)
def test_which_outcomes_are_failures(outcome: str, failed: bool) -> None:
    assert is_failure(outcome) is failed


class TestPage:
    """The page in the admin."""

    def page(self, client: Client) -> str:
        response = client.get("/admin/monitoring/rollup/")
        assert response.status_code == 200
        return response.content.decode()

    def test_before_anything_is_recorded(self, admin_client: Client, runtime: Runtime) -> None:
        page = self.page(admin_client)
        assert "Nothing is recorded yet" in page
        assert "Waiting utterances" in page

    def test_figures_and_plots(self, admin_client: Client, runtime: Runtime) -> None:
        now = datetime.now(UTC)
        counted = {("outcome", "done"): 5.0, ("first_audio", "0.075"): 5.0, ("first_audio", "inf"): 5.0}
        for minutes in (3, 2, 1, 0):
            moment = now - timedelta(minutes=minutes)
            store(Period(moment, 60, 2, 0, 0.5, {**counted, ("voice", "<b>"): 9.0}), 0, moment)
        page = self.page(admin_client)
        assert "20" in page
        assert "&lt;b&gt; 36 s" in page
        # The CSP allows no inline style and no inline script.
        assert " style=" not in page
        assert "<script>" not in page
        plots = re.findall(r"<svg viewBox.*?</svg>", page, re.DOTALL)
        assert len(plots) == 18
        for plot in plots:
            assert ET.fromstring(plot).get("aria-label")  # noqa: S314 - our own page

    def test_it_needs_the_permission(self, client: Client, runtime: Runtime) -> None:
        alice = User.objects.create_user("alice", password="right", is_staff=True)
        client.force_login(alice)
        assert client.get("/admin/monitoring/rollup/").status_code == 403
        alice.user_permissions.add(Permission.objects.get(codename="view_rollup"))
        assert client.get("/admin/monitoring/rollup/").status_code == 200

    def test_nothing_can_be_changed(self, admin_client: Client, runtime: Runtime) -> None:
        store(Period(NOW), 0, NOW)
        key = rows()[0].pk
        for path in ("add/", f"{key}/delete/"):
            assert admin_client.get(f"/admin/monitoring/rollup/{path}").status_code == 403
        assert admin_client.post(f"/admin/monitoring/rollup/{key}/change/", {}).status_code == 403
