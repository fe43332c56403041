"""Tests against session fixation, cross-site request forgery and open redirects on all sign-in pages."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.accounts.auth_helpers import ADMIN, SIGN_IN, sign_in_from
from tests.accounts.conftest import PASSWORD, signed_in, visitor
from tests.accounts.test_second_factor import PATH, enrolled

pytestmark = pytest.mark.django_db
NEW = {"old_password": PASSWORD, "new_password1": "down the rabbit hole", "new_password2": "down the rabbit hole"}
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https:///evil.example",
    "http:/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "\x00//evil.example",
    "\x1f//evil.example",
    " //evil.example",
    "ht\ntps://evil.example",
    "javascript:evil()",
    "jAvAsCrIpT:evil()",
    "data:text/html,evil",
    "//testserver@evil.example",
    "https://testserver.evil.example",
    "//evil.example\\@testserver",
    "/\r\nLocation: https://evil.example",
]
"""Known spellings of URLs that bypass weaker open redirect checks."""


@pytest.fixture
def charlie() -> User:
    """Create a superuser."""
    return User.objects.create_superuser("charlie", password=PASSWORD)


def own(location: str, elsewhere: str) -> bool:
    """Return whether the redirect stays on this site; percent-encoded line breaks are part of a path."""
    return location in ("/accounts/", "/admin/") or (elsewhere[1:3] == "\r\n" and location.startswith("/%0D%0A"))


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize("login_url", [SIGN_IN, "/accounts/sign-up/", ADMIN])
@pytest.mark.parametrize("how", ["form", "address"])
def test_no_open_redirect(charlie: User, elsewhere: str, login_url: str, how: str) -> None:
    name = "bob" if "sign-up" in login_url else "charlie"
    fields = {"username": name, "password": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    query = {"QUERY_STRING": f"next={quote(elsewhere, safe='')}"} if how == "address" else {}
    if how == "form":
        fields["next"] = elsewhere
    answer = visitor().post(login_url, fields, **query)  # type: ignore[arg-type]
    assert answer.status_code == 302
    assert own(answer["Location"], elsewhere), answer["Location"]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_open_redirect_when_signed_in_or_signing_out(charlie: User, elsewhere: str) -> None:
    client = signed_in(charlie)
    for answer in (
        client.get(SIGN_IN, {"next": elsewhere}),
        client.get("/accounts/sign-up/", {"next": elsewhere}),
        client.get(ADMIN, {"next": elsewhere}),
        client.post("/accounts/sign-out/", {"next": elsewhere}),
    ):
        assert answer.status_code == 302
        assert own(answer["Location"], elsewhere), answer["Location"]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_open_redirect_after_the_second_factor(charlie: User, elsewhere: str, settings: Any) -> None:
    settings.ADMIN_REQUIRE_2FA = True
    _, codes = enrolled(charlie)
    client = signed_in(charlie)
    answer = client.post(PATH, {"code": codes[0], "next": elsewhere})
    assert answer.status_code == 302
    assert own(answer["Location"], elsewhere), answer["Location"]


@pytest.mark.parametrize("login_url", [SIGN_IN, ADMIN])
def test_a_fixed_session_is_not_signed_in(charlie: User, login_url: str) -> None:
    planted = visitor()
    session = planted.session
    session["planted"] = "yes"
    session.save()
    theirs = Client()
    theirs.cookies["sessionid"] = session.session_key or ""
    assert sign_in_from(theirs, "charlie", login_url=login_url).status_code == 302
    assert theirs.cookies["sessionid"].value != session.session_key
    assert "_auth_user_id" not in planted.session
    assert planted.get("/accounts/password/").status_code == 302


def test_a_fixed_session_is_not_signed_in_at_sign_up(db: None) -> None:
    planted = visitor()
    session = planted.session
    session["planted"] = "yes"
    session.save()
    theirs = Client()
    theirs.cookies["sessionid"] = session.session_key or ""
    fields = {"username": "dora", "password1": PASSWORD, "password2": PASSWORD}
    assert theirs.post("/accounts/sign-up/", fields).status_code == 302
    assert theirs.get("/accounts/password/").status_code == 200
    assert planted.get("/accounts/password/").status_code == 302


def test_sign_in_discards_the_session_of_another_account(alice: User, charlie: User) -> None:
    client = signed_in(alice)
    session = client.session
    session["hers"] = "secret"
    session.save()
    sign_in_from(client, "charlie", login_url=ADMIN)
    assert client.session["_auth_user_id"] == str(charlie.pk)
    assert "hers" not in client.session


def test_a_new_password_gives_the_session_a_new_key(alice: User) -> None:
    client = signed_in(alice)
    stolen = Client()
    stolen.cookies["sessionid"] = client.cookies["sessionid"].value
    client.post("/accounts/password/", NEW)
    assert client.get("/accounts/password/").status_code == 200
    assert stolen.get("/accounts/password/").status_code == 302


@pytest.mark.parametrize("login_url", [SIGN_IN, ADMIN])
def test_sign_in_rotates_the_csrf_token(charlie: User, login_url: str) -> None:
    client = visitor()
    client.get(SIGN_IN)
    before = client.cookies["csrftoken"].value
    sign_in_from(client, "charlie", login_url=login_url)
    assert client.cookies["csrftoken"].value != before


WRITING = sorted(
    f"/accounts/{pattern.pattern}"
    for pattern in get_resolver("accounts.urls").url_patterns
    if isinstance(pattern, URLPattern) and hasattr(pattern.callback.view_class, "post")  # type: ignore[attr-defined]
)


def test_every_account_form_is_tested() -> None:
    names = (
        "delete",
        "password",
        "preferences",
        "second-factor",
        "sessions",
        "sign-in",
        "sign-out",
        "sign-up",
        "tokens",
    )
    assert [f"/accounts/{name}/" for name in names] == WRITING


@pytest.mark.parametrize("path", [*WRITING, ADMIN])
@pytest.mark.parametrize("token", ["none", "made up", "of another browser"])
def test_cross_site_forms_are_rejected(charlie: User, path: str, token: str, settings: Any) -> None:
    settings.ADMIN_REQUIRE_2FA = True
    client = Client(enforce_csrf_checks=True)
    client.force_login(charlie)
    client.get("/accounts/")
    fields = {**NEW, "username": "charlie", "password": PASSWORD, "end": "all", "code": "000000"}
    if token != "none":
        client.cookies["csrftoken"] = "a" * 32
        other = Client()
        other.get(SIGN_IN)
        fields["csrfmiddlewaretoken"] = "b" * 32 if token == "made up" else other.cookies["csrftoken"].value
    assert client.post(path, fields).status_code == 403
    assert client.get("/accounts/password/").status_code == 200
    charlie.refresh_from_db()
    assert charlie.check_password(PASSWORD)
