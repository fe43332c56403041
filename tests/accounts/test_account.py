"""Tests sign-up, password change, data export and account deletion."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts.models import caches_speech
from tests.accounts.conftest import PASSWORD, own_theme, signed_in, visitor
from themes.models import DevicePreference, Theme, ThemeOwner

pytestmark = pytest.mark.django_db
NEW = {"username": "charlie", "password1": PASSWORD, "password2": PASSWORD}


def test_charlie_signs_up_and_is_signed_in(browser: Client) -> None:
    own_theme(browser, "Tide")
    answer = browser.post("/accounts/sign-up/", NEW, follow=True)
    assert answer.redirect_chain == [("/accounts/", 302)]
    assert "Welcome, charlie." in answer.text
    assert "1 theme moved to your account." in answer.text
    assert Theme.objects.get().owner.user == User.objects.get(username="charlie")


def test_the_password_rules_are_shown(browser: Client) -> None:
    page = browser.get("/accounts/sign-up/").text
    assert "at least 8 characters" in page
    assert 'aria-describedby="id_password1_helptext"' in page


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"username": "alice"}, "username", "This name is taken."),
        ({"username": "ALICE"}, "username", "This name is taken."),
        ({"username": "two words"}, "username", "no spaces"),
        ({"username": ""}, "username", "Choose a name."),
        ({"username": "x" * 151}, "username", "at most 150"),
        ({"password1": "", "password2": ""}, "password1", "Type the password."),
        ({"password2": "another one"}, "password2", "The two passwords do not match."),
        ({"password1": "12345678", "password2": "12345678"}, "password2", "entirely numeric"),
        ({"password1": "charlie1", "password2": "charlie1"}, "password2", "similar to the username"),
        ({"password1": "ü" * 5000, "password2": "ü" * 5000}, "password1", "at most 4096"),
    ],
)
def test_an_error_is_shown_at_its_field(
    alice: User, browser: Client, change: dict[str, str], field: str, said: str
) -> None:
    answer = browser.post("/accounts/sign-up/", {**NEW, **change})
    assert answer.status_code == 400
    assert "<title>Error: " in answer.text
    error = answer.text.split(f'id="id_{field}_error">')[1].split("</p>")[0]
    assert said in error
    assert f"id_{field}_error" in answer.text.split(f'name="{field}"')[1].split(">")[0]
    assert PASSWORD not in answer.text
    assert User.objects.count() == 1


def test_a_rejected_form_keeps_its_input_except_passwords(browser: Client) -> None:
    answer = browser.post("/accounts/sign-up/", {**NEW, "password2": "secret thing"})
    assert 'value="charlie"' in answer.text
    assert "secret thing" not in answer.text


def test_sign_up_can_be_closed(alice: User, browser: Client, settings: Any) -> None:
    settings.SIGN_UP_ENABLED = False
    answer = browser.post("/accounts/sign-up/", NEW)
    assert answer.status_code == 403
    assert "Sign-up is closed on this server." in answer.text
    assert not User.objects.filter(username="charlie").exists()
    for path in ("/accounts/", "/accounts/sign-in/"):
        assert "/accounts/sign-up/" not in browser.get(path).text
    assert signed_in(alice).get("/accounts/").status_code == 200


def test_the_overview_shows_the_account(alice: User) -> None:
    client = signed_in(alice)
    own_theme(client, "Tide")
    page = client.get("/accounts/").text
    assert "<h2>alice</h2>" in page
    assert "You have 1 own theme." in page
    for link in ("/", "/themes/", "/accounts/password/", "/accounts/data.json", "/accounts/delete/"):
        assert f'href="{link}"' in page


def test_alice_switches_the_speech_cache_off_and_on(alice: User, bob: User) -> None:
    client = signed_in(alice)
    assert 'name="cache_speech" checked' in client.get("/accounts/").text
    answer = client.post("/accounts/preferences/", {}, follow=True)
    assert "None of your speech is kept in memory." in answer.text
    assert 'name="cache_speech" checked' not in answer.text
    assert (caches_speech(alice.pk), caches_speech(bob.pk)) == (False, True)
    assert client.get("/accounts/data.json").json()["cache_speech"] is False
    client.post("/accounts/preferences/", {"cache_speech": "on"})
    assert caches_speech(alice.pk)


@pytest.mark.parametrize("path", ["preferences/", "password/", "data.json", "delete/"])
def test_account_pages_require_sign_in(browser: Client, path: str) -> None:
    answer = browser.get(f"/accounts/{path}")
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/sign-in/?next=/accounts/{path}")


def test_a_new_password_keeps_this_session_and_ends_the_others(alice: User) -> None:
    here, elsewhere = signed_in(alice), signed_in(alice)
    fields = {
        "old_password": PASSWORD,
        "new_password1": "down the rabbit hole",
        "new_password2": "down the rabbit hole",
    }
    answer = here.post("/accounts/password/", fields, follow=True)
    assert "Your password was changed." in answer.text
    assert "<h2>alice</h2>" in here.get("/accounts/").text
    assert "<h2>alice</h2>" not in elsewhere.get("/accounts/").text
    alice.refresh_from_db()
    assert alice.check_password("down the rabbit hole")


def test_a_new_password_requires_the_current_one(alice: User) -> None:
    fields = {"old_password": "wrong", "new_password1": "down the rabbit hole", "new_password2": "down the rabbit hole"}
    answer = signed_in(alice).post("/accounts/password/", fields)
    assert answer.status_code == 400
    assert "The current password is wrong." in answer.text
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_alice_exports_only_her_own_data(alice: User, bob: User) -> None:
    own_theme(signed_in(bob), "Bobs")
    client = signed_in(alice)
    own_theme(client, "Tide")
    answer = client.get("/accounts/data.json")
    data = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert data["name"] == "alice"
    assert [theme["name"] for theme in data["themes"]] == ["Tide"]
    assert [place["browser"] for place in data["sessions"]] == ["A program"]
    assert data["preference"]["dark"] == data["themes"][0]["id"]
    assert "password" not in answer.text


def test_deleting_an_account_deletes_its_data(alice: User, bob: User) -> None:
    bobs = signed_in(bob)
    own_theme(bobs, "Bobs")
    client = signed_in(alice)
    own_theme(client, "Tide")
    theme = own_theme(client, "Gone already")
    client.post(f"{theme}delete")
    client.post("/themes/", {"mode": "dark", "minimum_contrast": "7", "here": "on"})
    assert DevicePreference.objects.count() == 1
    answer = client.post("/accounts/delete/", {"password": PASSWORD}, follow=True)
    assert "The account alice, its themes and its preferences were deleted." in answer.text
    assert list(User.objects.all()) == [bob]
    assert list(Theme.objects.values_list("name", flat=True)) == ["Bobs"]
    assert not DevicePreference.objects.exists()
    assert ThemeOwner.objects.get().user == bob
    assert "_auth_user_id" not in client.session
    assert "Tide" not in client.get("/themes/").text


@pytest.mark.parametrize("password", ["", "wrong", "x" * 5000])
def test_nothing_is_deleted_without_the_password(alice: User, password: str) -> None:
    client = signed_in(alice)
    own_theme(client, "Tide")
    answer = client.post("/accounts/delete/", {"password": password})
    assert answer.status_code == 400
    assert 'id="id_password_error"' in answer.text
    assert User.objects.filter(pk=alice.pk).exists()
    assert Theme.objects.filter(owner__user=alice).count() == 1


def test_concurrent_sign_ups_with_one_name(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.forms import SignUpForm

    # The other account is created between the check and the insertion.
    monkeypatch.setattr(SignUpForm, "clean_username", lambda form: form.cleaned_data["username"])
    monkeypatch.setattr(SignUpForm, "validate_unique", lambda form: None)
    assert visitor().post("/accounts/sign-up/", NEW).status_code == 302
    answer = browser.post("/accounts/sign-up/", NEW)
    assert answer.status_code == 400
    assert "This name is taken." in answer.text
    assert User.objects.filter(username="charlie").count() == 1
