"""Ratings and reports of wrong readings: what is stored, what is refused, and what the operator sees."""

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.test import Client
from pytest_django import Settings

from core import metrics
from core.limits import registry
from feedback import store
from feedback.admin import as_cell
from feedback.models import Rating, ReadingReport
from synthesis.runtime import Runtime

pytestmark = pytest.mark.django_db(transaction=True)

REPORT = {"text": "The bass swam by.", "voice": "joe", "words": "bass"}


def post(client: Client, what: str, fields: Any, **headers: str) -> Any:
    body = fields if isinstance(fields, str) else json.dumps(fields)
    return client.post(f"/feedback/{what}", body, content_type="application/json", headers=headers)


@pytest.fixture
def staff(client: Client) -> Client:
    """Return a client that is signed in to the admin."""
    client.force_login(User.objects.create_superuser("charlie"))
    return client


def test_a_rating_is_stored_without_anything_that_identifies_the_user() -> None:
    alice = Client()
    alice.force_login(User.objects.create_user("alice"))
    before = metrics.RATINGS.labels("5")._value.get()
    assert post(alice, "rate", {"score": 5, "words": " calm \0 "}).status_code == 204
    row: dict[str, Any] = dict(Rating.objects.values().get())
    assert row.pop("id")
    assert isinstance(row.pop("day"), date)
    assert row == {"score": 5, "words": "calm"}
    assert metrics.RATINGS.labels("5")._value.get() == before + 1


def test_a_report_has_what_the_user_saw_and_nothing_else() -> None:
    assert post(Client(), "reading", REPORT).status_code == 204
    row: dict[str, Any] = dict(ReadingReport.objects.values().get())
    assert {name: row[name] for name in REPORT} == REPORT
    assert row.keys() == {"id", "day", *REPORT}


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        *(("rate", {"score": score}) for score in (0, 6, 4.5, True, "5", None)),
        ("rate", {}),
        ("rate", []),
        ("rate", "{"),
        ("rate", {"score": 5, "words": 1}),
        ("rate", {"score": 5, "words": "a" * 501}),
        ("rate", '{"score": 5, "words": "\\ud800"}'),
        ("reading", {**REPORT, "text": " "}),
        ("reading", {**REPORT, "text": "a" * 2001}),
        ("reading", {**REPORT, "voice": "a" * 101}),
        ("reading", {**REPORT, "voice": None}),
    ],
)
def test_anything_else_is_refused(what: str, fields: Any) -> None:
    response = post(Client(), what, fields)
    assert response.status_code == 400
    assert response.json()["error"]["code"] in ("field_invalid", "body_invalid")
    assert not Rating.objects.exists()
    assert not ReadingReport.objects.exists()


@pytest.mark.parametrize("what", ["asked", "rate", "reading"])
def test_other_sites_methods_and_servers_are_refused(what: str, settings: Settings) -> None:
    fields = {"score": 1, **REPORT}
    assert post(Client(), what, fields, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert post(Client(), what, fields, Origin="https://evil.example").status_code == 403
    assert Client().get(f"/feedback/{what}").status_code == 405
    settings.FEEDBACK = False
    assert post(Client(), what, fields).status_code == 404
    assert not Rating.objects.exists()
    assert not ReadingReport.objects.exists()


def test_feedback_is_limited_in_rate() -> None:
    most = registry.FEEDBACK_PER_HOUR.default
    answers = [post(Client(), "rate", {"score": 1}) for _ in range(most + 1)]
    assert [answer.status_code for answer in answers] == [204] * most + [429]
    assert answers[-1]["Retry-After"] == "3600"
    assert Rating.objects.count() == most


def test_only_the_newest_rows_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_RATINGS", "MAX_READING_REPORTS"):
        monkeypatch.setattr(registry, name, type(registry.MAX_RATINGS)("few", 2, "rows", registry.Scope.PROCESS, ""))
    for score in (1, 2, 3, 4):
        store.add_rating(score, "")
        store.add_report(f"text {score}", "", "")
    assert sorted(Rating.objects.values_list("score", flat=True)) == [3, 4]
    assert sorted(ReadingReport.objects.values_list("text", flat=True)) == ["text 3", "text 4"]


def test_the_database_holds_no_other_score() -> None:
    with pytest.raises(IntegrityError):
        Rating.objects.create(day=date(2026, 11, 27), score=6)


def test_the_page_asks_at_most_monthly(runtime_with_voice: Runtime, settings: Settings) -> None:
    def asks(client: Client, **headers: str) -> bool:
        return 'name="rating"' in client.get("/", headers=headers).text

    client = Client()
    assert asks(client)
    assert not asks(client, **{"Sec-GPC": "1"})
    assert not asks(client, DNT="1")
    cookie = post(client, "asked", {}).cookies["asked"]
    assert (cookie.value, cookie["max-age"], cookie["httponly"], cookie["samesite"]) == ("1", 31 * 86400, True, "Lax")
    assert not asks(client)
    assert post(client, "asked", {"never": True}).cookies["asked"]["max-age"] == 400 * 86400
    settings.FEEDBACK = False
    other = Client().get("/").text
    assert 'name="rating"' not in other
    assert "data-feedback" not in other


def test_the_figures() -> None:
    assert store.figures().average is None
    rows = [(2026, 11, 27, 5), (2026, 11, 1, 4), (2026, 8, 30, 5), (2026, 8, 29, 1), (2025, 11, 1, 1)]
    for year, month, day, score in rows:
        Rating.objects.create(day=date(year, month, day), score=score)
    found = store.figures(date(2026, 11, 27))
    assert found.average is not None
    assert (round(found.average, 3), found.number) == (4.667, 3)
    assert found.distribution == [(5, 2), (4, 1), (3, 0), (2, 0), (1, 0)]
    assert [(month.name, month.average, month.number) for month in found.months] == [
        ("November 2026", 4.5, 2),
        ("August 2026", 3.0, 2),
    ]


def test_the_admin_shows_the_figures_and_exports(staff: Client) -> None:
    assert "no data" in staff.get("/admin/feedback/rating/").text
    store.add_rating(5, "=HYPERLINK(1)")
    store.add_rating(4, "calm, clear")
    store.add_report(**REPORT)
    page = staff.get("/admin/feedback/rating/").text
    assert "4.50 of 5 (2 ratings)" in page
    assert "status-missed" not in page
    rows = list(csv.reader(io.StringIO(staff.get("/admin/feedback/rating/export.csv").text)))
    assert [row[1:] for row in rows] == [["score", "words"], ["5", "'=HYPERLINK(1)"], ["4", "calm, clear"]]
    reports = staff.get("/admin/feedback/readingreport/")
    assert "The bass swam by." in reports.text
    exported = staff.get("/admin/feedback/readingreport/export.csv")
    assert exported["Content-Disposition"] == 'attachment; filename="readingreports.csv"'
    assert "The bass swam by." in exported.text
    store.add_rating(1, "")
    assert "status-missed" in staff.get("/admin/feedback/rating/").text
    assert staff.get("/admin/feedback/rating/add/").status_code == 403


def test_the_export_needs_the_permission_to_view(client: Client) -> None:
    bob = User.objects.create_user("bob", is_staff=True)
    client.force_login(bob)
    assert client.get("/admin/feedback/rating/export.csv").status_code == 403
    client.logout()
    assert client.get("/admin/feedback/rating/export.csv").status_code == 302


def test_the_status_page_has_the_objective(runtime_with_voice: Runtime, staff: Client) -> None:
    store.add_rating(3, "")
    page = staff.get("/admin/monitoring/rollup/").text
    assert "User satisfaction" in page
    assert "3.00 of 5 (1 rating in 90 days) (missed)" in page


@pytest.mark.parametrize(
    ("value", "cell"), [("=1", "'=1"), ("-1", "'-1"), ("@a", "'@a"), ("\t=1", "'\t=1"), ("a=1", "a=1")]
)
def test_a_cell_is_no_formula(value: str, cell: str) -> None:
    assert as_cell(value) == cell
