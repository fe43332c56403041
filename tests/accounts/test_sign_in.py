"""Tests sign-in and sign-out: errors, redirects, and the merge of the visitor's themes."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.accounts.conftest import PASSWORD, own_theme, signed_in, visitor
from themes.models import Theme
from themes.owners import identity

pytestmark = pytest.mark.django_db


def send(client: Client, **fields: str) -> object:
    return client.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD, **fields})


def test_alice_signs_in(alice: User, browser: Client) -> None:
    answer = browser.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/accounts/", 302)]
    assert "You are signed in as alice." in answer.text


def test_sign_in_rotates_the_session_and_the_device(alice: User, browser: Client) -> None:
    browser.post("/accounts/sign-in/", {"username": "nobody", "password": "x"})
    browser.get("/accounts/sign-in/")
    before = browser.cookies[identity.COOKIE].value
    old_session = signed_in(alice).cookies["sessionid"].value
    send(browser)
    assert browser.cookies["sessionid"].value != old_session
    assert browser.cookies[identity.COOKIE].value != before


@pytest.mark.parametrize(
    "fields", [{"password": "wrong"}, {"username": "nobody"}, {"username": "nobody", "password": "x"}]
)
def test_the_error_does_not_reveal_whether_the_name_exists(
    alice: User, browser: Client, fields: dict[str, str]
) -> None:
    answer = browser.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD, **fields})
    assert answer.status_code == 400
    assert "The name or the password is wrong." in answer.text
    assert f'value="{fields.get("username", "alice")}"' in answer.text
    assert PASSWORD not in answer.text
    assert 'aria-describedby="form-error"' in answer.text
    assert 'id="form-error"' in answer.text
    assert "_auth_user_id" not in browser.session


def test_an_inactive_account_gets_the_error_of_an_unknown_one(alice: User, browser: Client) -> None:
    User.objects.update(is_active=False)
    answer = browser.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD})
    assert "The name or the password is wrong." in answer.text


@pytest.mark.parametrize("field", ["username", "password"])
def test_a_missing_field_is_reported(alice: User, browser: Client, field: str) -> None:
    answer = browser.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD, field: ""})
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in answer.text
    assert f'aria-describedby="id_{field}_error"' in answer.text


def test_sign_in_redirects_to_next(alice: User, browser: Client) -> None:
    assert 'name="next" value="/themes/"' in browser.get("/accounts/sign-in/?next=/themes/").text
    answer = browser.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD, "next": "/themes/"})
    assert answer["Location"] == "/themes/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil"]
)
@pytest.mark.parametrize("action", ["sign-in", "sign-up"])
def test_no_open_redirect(alice: User, browser: Client, elsewhere: str, action: str) -> None:
    assert "evil" not in browser.get(f"/accounts/{action}/", {"next": elsewhere}).text
    fields = {"username": "alice" if action == "sign-in" else "bob", "password": PASSWORD, "next": elsewhere}
    answer = browser.post(f"/accounts/{action}/", {**fields, "password1": PASSWORD, "password2": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/")


def test_themes_move_to_the_account(alice: User, browser: Client) -> None:
    own_theme(browser, "Tide")
    own_theme(browser, "Foam")
    answer = browser.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD}, follow=True)
    assert "2 themes moved to your account." in answer.text
    assert set(Theme.objects.filter(owner__user=alice).values_list("name", flat=True)) == {"Tide", "Foam"}


def test_duplicate_themes_are_reported(alice: User, browser: Client) -> None:
    own_theme(signed_in(alice), "Tide")
    own_theme(browser, "Tide")
    answer = browser.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD}, follow=True)
    assert "1 theme already in your account." in answer.text
    assert Theme.objects.filter(owner__user=alice).count() == 1


def test_no_message_is_shown_late_after_a_redirect_to_the_terminal(alice: User, browser: Client) -> None:
    browser.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD, "next": "/"})
    assert "You are signed in as" not in browser.get("/accounts/").text


def test_bob_sees_nothing_of_alice_in_the_same_browser(alice: User, bob: User) -> None:
    client = signed_in(alice)
    own_theme(client, "Secret of Alice")
    client.post("/accounts/sign-out/")
    assert "Secret of Alice" not in client.get("/themes/").text
    client.post("/accounts/sign-in/", {"username": "bob", "password": PASSWORD})
    assert "Secret of Alice" not in client.get("/themes/").text
    assert "Secret of Alice" in signed_in(alice).get("/themes/").text


def test_sign_out_ends_the_session_and_rotates_the_device(alice: User) -> None:
    client = signed_in(alice)
    before = client.cookies[identity.COOKIE].value
    answer = client.post("/accounts/sign-out/", follow=True)
    assert "You are signed out." in answer.text
    assert "_auth_user_id" not in client.session
    assert client.cookies[identity.COOKIE].value != before


def test_sign_out_requires_post(alice: User) -> None:
    client = signed_in(alice)
    assert client.get("/accounts/sign-out/").status_code == 405
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("path", ["sign-in/", "sign-up/", "sign-out/", "password/", "delete/"])
def test_cross_site_forms_are_rejected(alice: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(f"/accounts/{path}", {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 403
    assert "Your browser sent no cookie" in answer.text
    assert User.objects.filter(pk=alice.pk).exists()
    assert "_auth_user_id" in client.session


def test_a_form_from_before_sign_in_is_rejected_as_expired(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/sign-in/")
    answer = client.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD, "csrfmiddlewaretoken": "x"})
    assert answer.status_code == 403
    assert "The form had expired" in answer.text


def test_a_same_site_form_passes(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/sign-in/")
    fields = {"username": "alice", "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    assert client.post("/accounts/sign-in/", fields).status_code == 302


def test_a_signed_in_user_is_redirected(alice: User) -> None:
    client = signed_in(alice)
    assert client.get("/accounts/sign-in/?next=/themes/")["Location"] == "/themes/"
    assert client.get("/accounts/sign-up/")["Location"] == "/accounts/"


@pytest.mark.parametrize("path", ["", "sign-in/", "sign-up/"])
def test_the_pages_are_not_cached(browser: Client, path: str) -> None:
    answer = browser.get(f"/accounts/{path}")
    assert "no-store" in answer["Cache-Control"]
    assert "<script" not in answer.text
    assert " style=" not in answer.text


def test_fields_have_autocomplete_tokens_for_password_managers(browser: Client) -> None:
    page = browser.get("/accounts/sign-in/").text
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert visitor().get("/accounts/sign-up/").text.count('autocomplete="new-password"') == 2
