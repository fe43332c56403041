"""Tests of the page of access tokens, and of their rows in the admin."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken
from core.api.tokens import PREFIX
from tests.accounts.conftest import signed_in

pytestmark = pytest.mark.django_db
PATH = "/accounts/tokens/"
NEW = {"name": "Chat", "scopes": ["speak", "themes"], "lifetime": "30"}


def secret_in(page: str) -> str:
    found = re.search(r'<code id="secret">([^<]+)</code>', page)
    assert found is not None
    return found[1]


def test_a_token_is_shown_once_and_stored_as_a_hash(alice: User) -> None:
    client = signed_in(alice)
    answer = client.post(PATH, {**NEW, "requests_per_minute": "5"})
    secret = secret_in(answer.text)
    assert secret.startswith(PREFIX)
    assert len(secret) > 40
    assert "no-store" in answer["Cache-Control"]
    row = ApiToken.objects.get()
    assert (row.user, row.name, row.scopes, row.requests_per_minute) == (alice, "Chat", ["speak", "themes"], 5)
    assert row.expires_at is not None
    assert timedelta(days=29) < row.expires_at - timezone.now() < timedelta(days=31)
    assert secret not in [str(getattr(row, field.name)) for field in ApiToken._meta.fields]
    page = client.get(PATH).text
    assert "Chat" in page
    assert secret not in page
    assert row.hint in page
    assert "never used" in page


def test_a_token_is_revoked(alice: User, bob: User) -> None:
    client, stranger = signed_in(alice), signed_in(bob)
    client.post(PATH, NEW)
    name = str(ApiToken.objects.get().pk)
    assert "Chat" not in stranger.get(PATH).text
    assert "already revoked" in stranger.post(PATH, {"revoke": name}, follow=True).text
    assert ApiToken.objects.count() == 1
    assert "The token Chat is revoked." in client.post(PATH, {"revoke": name}, follow=True).text
    assert ApiToken.objects.count() == 0
    for wrong in (name, "x", ""):
        assert client.post(PATH, {"revoke": wrong}).status_code == 302


def test_all_tokens_are_revoked(alice: User, bob: User) -> None:
    client = signed_in(alice)
    for user in (alice, alice, bob):
        tokens.create_token(user, "Chat", ["speak"])
    client.post(PATH, {"revoke": "all"})
    assert [row.user for row in ApiToken.objects.all()] == [bob]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": ["admin"]},
        {"lifetime": "31"},
        {"requests_per_minute": "0"},
        {"characters_per_minute": "-1"},
    ],
)
def test_invalid_forms(alice: User, change: dict[str, object]) -> None:
    answer = signed_in(alice).post(PATH, {**NEW, **change})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert ApiToken.objects.count() == 0


def test_only_staff_may_permit_reading_the_server(alice: User) -> None:
    alice.is_staff = True
    alice.save()
    assert signed_in(alice).post(PATH, {**NEW, "scopes": ["admin"]}).status_code == 200
    assert ApiToken.objects.get().scopes == ["admin"]


def test_an_account_has_a_bounded_number_of_tokens(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_TOKENS", 2)
    client = signed_in(alice)
    assert [client.post(PATH, NEW).status_code for _ in range(3)] == [200, 200, 400]


def test_visitors_have_no_tokens(browser: Client) -> None:
    for answer in (browser.get(PATH), browser.post(PATH, NEW)):
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/sign-in/?next={PATH}")


def test_the_page_names_the_state_of_each_token(alice: User) -> None:
    tokens.create_token(alice, "Old", ["speak"], expires_at=timezone.now() - timedelta(days=1))
    used, _ = tokens.create_token(alice, "Used", ["speak"], characters_per_minute=70)
    used.last_used_at = timezone.now() - timedelta(hours=2)
    used.save()
    page = signed_in(alice).get(PATH).text
    assert "<b>expired</b>" in page
    assert "last used 2\xa0hours ago" in page
    assert "70 characters per minute" in page
    assert "never expires" in page


def test_tokens_are_part_of_the_data_of_the_account(alice: User) -> None:
    _, secret = tokens.create_token(alice, "Chat", ["speak"])
    data = signed_in(alice).get("/accounts/data.json").json()
    assert [(token["name"], token["scopes"]) for token in data["tokens"]] == [("Chat", ["speak"])]
    assert secret not in str(data)


def test_a_deleted_account_leaves_no_tokens(alice: User) -> None:
    tokens.create_token(alice, "Chat", ["speak"])
    alice.delete()
    assert ApiToken.objects.count() == 0


def test_the_admin_lists_and_revokes_tokens_of_others_but_makes_none(alice: User, bob: User) -> None:
    row, _ = tokens.create_token(alice, "Chat", ["speak"])
    bob.is_staff = bob.is_superuser = True
    bob.save()
    client = signed_in(bob)
    page = client.get("/admin/accounts/apitoken/").text
    assert "Chat" in page
    assert row.digest not in page + client.get(f"/admin/accounts/apitoken/{row.pk}/change/").text
    assert client.get("/admin/accounts/apitoken/add/").status_code == 403
    client.post(f"/admin/accounts/apitoken/{row.pk}/delete/", {"post": "yes"})
    assert ApiToken.objects.count() == 0
