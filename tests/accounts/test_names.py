"""Tests that sign-up, the admin, the command line and the throttle compare names by their canonical form."""

import io
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client

from accounts.models import AccountName
from accounts.names import canonical
from accounts.throttling import login_throttle
from tests.accounts.auth_helpers import ELSEWHERE, attempt, guess_passwords, sign_in_from
from tests.accounts.conftest import PASSWORD, signed_in

pytestmark = pytest.mark.django_db

SAME = [("russell", "rußell"), ("ärger", "ÄRGER"), ("ﬁona", "FIONA"), ("σίσυφος", "ΣΊΣΥΦΟΣ"), ("alice", "ａｌｉｃｅ")]
"""Pairs with one canonical form that SQLite's LIKE, which ignores case for ASCII only, treats as different."""


def sign_up(client: Client, name: str) -> Any:
    return client.post("/accounts/sign-up/", {"username": name, "password1": PASSWORD, "password2": PASSWORD})


def create_legacy_account(name: str) -> User:
    """Create an account as a version without canonical names did."""
    user = User(username=name)
    user.set_password(PASSWORD)
    User.objects.bulk_create([user])  # sends no signal
    return User.objects.get(username=name)


def migrate_names() -> None:
    import_module("accounts.migrations.0003_account_names").store_names(apps, None)


@pytest.mark.parametrize(("first", "second"), SAME)
def test_canonicalizing_a_name_is_idempotent(first: str, second: str) -> None:
    assert canonical(first) == canonical(second) == canonical(canonical(first))


@pytest.mark.parametrize(("first", "second"), SAME)
def test_sign_up_rejects_a_name_that_folds_to_a_taken_name(first: str, second: str) -> None:
    assert sign_up(Client(), first).status_code == 302
    answer = sign_up(Client(), second)
    assert answer.status_code == 400
    assert "This name is taken" in answer.text
    assert User.objects.count() == 1


def test_a_name_taken_after_the_check_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.create_user("russell", password=PASSWORD)
    monkeypatch.setattr("accounts.names.check", lambda *_: None)
    answer = sign_up(Client(), "rußell")
    assert answer.status_code == 400
    assert "This name is taken" in answer.text
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda name: User.objects.create_user(name, password=PASSWORD),
        lambda name: User.objects.create_superuser(name, password=PASSWORD),
        lambda name: User(username=name).save(),
    ],
)
def test_no_code_path_creates_a_second_account_with_a_name(make: Callable[[str], object]) -> None:
    make("russell")
    with pytest.raises(ValidationError, match="This name is taken"):
        make("Rußell")
    assert User.objects.count() == 1


def test_the_database_enforces_unique_canonical_names(alice: User, bob: User) -> None:
    with pytest.raises(IntegrityError):
        AccountName.objects.filter(user=bob).update(canonical="alice")


def test_createsuperuser_reports_a_taken_name() -> None:
    User.objects.create_user("russell", password=PASSWORD)
    with pytest.raises(CommandError, match="This name is taken"):
        call_command("createsuperuser", "--noinput", "--username", "rußell", "--email", "", stderr=io.StringIO())
    assert User.objects.count() == 1


def test_the_admin_rejects_a_taken_name_in_both_forms() -> None:
    User.objects.create_user("russell", password=PASSWORD)
    operator = User.objects.create_superuser("charlie", password=PASSWORD)
    client = signed_in(operator)
    fields = {"username": "rußell", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/admin/auth/user/add/", fields)
    assert answer.status_code == 200
    assert "This name is taken" in answer.text
    change = f"/admin/auth/user/{operator.pk}/change/"
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    flags = {"is_active": "on", "is_staff": "on", "is_superuser": "on"}
    answer = client.post(change, {"username": "RUSSELL", **dates, **flags})
    assert answer.status_code == 200
    assert "This name is taken" in answer.text
    assert client.post(change, {"username": "Charles", **dates, **flags}).status_code == 302
    assert AccountName.objects.get(user=operator).canonical == "charles"


def test_a_name_can_change_case_and_is_reusable_after_deletion(alice: User) -> None:
    alice.username = "ALICE"
    alice.save()
    alice.delete()
    User.objects.create_user("Alice", password=PASSWORD)


def test_a_folded_name_gives_no_extra_attempts(capsys: pytest.CaptureFixture[str]) -> None:
    # Both accounts exist since a version without canonical names.
    create_legacy_account("russell")
    create_legacy_account("rußell")
    migrate_names()
    guess_passwords("russell", login_throttle.NAME_AND_ADDRESS.max_attempts)
    for _ in range(3):
        attacker = Client()
        assert sign_in_from(attacker, "rußell", address="192.0.2.1").status_code == 302
        attacker.post("/accounts/sign-out/")
        assert attempt(attacker, "russell", address=ELSEWHERE).status_code == 429


def test_a_known_browser_stays_known_after_a_rename(alice: User) -> None:
    hers = Client()
    sign_in_from(hers, "alice")
    hers.post("/accounts/sign-out/")
    alice.username = "alicia"
    alice.save()
    guess_passwords("alicia", login_throttle.NAME_AND_ADDRESS.max_attempts)
    assert sign_in_from(hers, "alicia", address=ELSEWHERE).status_code == 302


def test_a_reused_name_has_no_known_browsers(alice: User) -> None:
    hers = Client()
    sign_in_from(hers, "alice")
    hers.post("/accounts/sign-out/")
    alice.delete()
    User.objects.create_user("alice", password=PASSWORD)
    guess_passwords("alice", login_throttle.NAME_AND_ADDRESS.max_attempts)
    assert attempt(hers, "alice", address=ELSEWHERE).status_code == 429


def test_the_migration_reports_duplicates_and_locks_out_no_account(capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = (create_legacy_account(name) for name in ("russell", "rußell", "bob"))
    migrate_names()
    told = capsys.readouterr().out
    assert "'russell'" in told
    assert "'rußell'" in told
    assert "/admin/" in told
    assert "bob" not in told
    assert set(AccountName.objects.values_list("user", "canonical")) == {(first.pk, "russell"), (third.pk, "bob")}
    for name in ("russell", "rußell"):
        assert sign_in_from(Client(), name).status_code == 302
    # The account without a canonical name can be saved, and gets one when it is renamed.
    second.refresh_from_db()
    second.first_name = "R"
    second.save()
    second.username = "bertrand"
    second.save()
    assert AccountName.objects.get(user=second).canonical == "bertrand"
    with pytest.raises(ValidationError):
        User.objects.create_user("RUSSELL")
