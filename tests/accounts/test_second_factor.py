"""Tests the second factor, which the admin requires if ``ADMIN_REQUIRE_2FA`` is set."""

import re
import time
from io import StringIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import AccountSession
from tests.accounts.auth_helpers import ADMIN, sign_in_from
from tests.accounts.conftest import PASSWORD, signed_in, visitor

pytestmark = pytest.mark.django_db
PATH = "/accounts/second-factor/"
PICTURE = f"{PATH}secret.svg"


@pytest.fixture(autouse=True)
def _asked_for(settings: Any) -> None:
    settings.ADMIN_REQUIRE_2FA = True


@pytest.fixture
def charlie() -> User:
    """Create a staff account."""
    return User.objects.create_superuser("charlie", password=PASSWORD)


def shown(user: User, *, steps: int = 0, confirmed: bool = True) -> str:
    """Return the app's code now, or the given number of 30 s steps later."""
    device = TOTPDevice.objects.get(user=user, confirmed=confirmed)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time() + steps * device.step
    return f"{totp.token():06d}"


def enrolled(user: User) -> tuple[Client, list[str]]:
    """Return a browser in which the user has enrolled an app, and the recovery codes."""
    client = signed_in(user)
    client.get(PATH)
    answer = client.post(PATH, {"code": shown(user, confirmed=False)})
    assert answer.status_code == 200
    return client, re.findall(r"<li><code>(\w+)</code>", answer.text)


def is_open(client: Client) -> bool:
    return client.get("/admin/auth/user/").status_code == 200


def test_enrollment_from_the_password_to_the_admin(charlie: User) -> None:
    client = visitor()
    assert sign_in_from(client, "charlie", login_url=f"{ADMIN}?next=/admin/auth/user/").status_code == 302
    answer = client.get("/admin/auth/user/", follow=True)
    assert answer.redirect_chain[-1] == (f"{PATH}?next=%2Fadmin%2Fauth%2Fuser%2F", 302)
    assert "The admin requires two-factor authentication" in answer.text
    answer = client.post(PATH, {"code": shown(charlie, confirmed=False), "next": "/admin/auth/user/"})
    assert 'href="/admin/auth/user/"' in answer.text
    assert len(set(re.findall(r"<li><code>(\w{8})</code>", answer.text))) == 10
    assert is_open(client)


@pytest.mark.parametrize("path", ["/admin/", "/admin/auth/user/", "/admin/auth/user/add/", "/admin/jsi18n/"])
def test_the_admin_rejects_the_password_alone(charlie: User, path: str) -> None:
    enrolled(charlie)
    client = signed_in(charlie)
    assert client.get(path).status_code == 302
    answer = client.post(path, {"username": "x"}, follow=True)
    assert "Enter your authentication code" in answer.text
    assert answer.redirect_chain[-1][0].startswith(PATH)


def test_a_code_verifies_a_session_once(charlie: User) -> None:
    enrolled(charlie)
    code = shown(charlie, steps=1)
    client = signed_in(charlie)
    before = client.session.session_key
    answer = client.post(PATH, {"code": f" {code[:3]} {code[3:]} ", "next": "/admin/auth/user/"})
    assert answer["Location"] == "/admin/auth/user/"
    assert is_open(client)
    assert client.session.session_key != before
    assert AccountSession.objects.filter(session_key=client.session.session_key).exists()
    assert not AccountSession.objects.filter(session_key=before).exists()
    other = signed_in(charlie)
    assert other.post(PATH, {"code": code}).status_code == 400
    assert not is_open(other)


def test_the_code_of_the_enrollment_cannot_be_reused(charlie: User) -> None:
    client = signed_in(charlie)
    client.get(PATH)
    code = shown(charlie, confirmed=False)
    client.post(PATH, {"code": code})
    assert signed_in(charlie).post(PATH, {"code": code}).status_code == 400


def test_a_recovery_code_works_once(charlie: User) -> None:
    _, codes = enrolled(charlie)
    client, other = signed_in(charlie), signed_in(charlie)
    assert client.post(PATH, {"code": codes[0].upper()}).status_code == 302
    assert is_open(client)
    assert "You have 9 unused recovery codes" in client.get(PATH).text
    assert other.post(PATH, {"code": codes[0]}).status_code == 400
    assert not is_open(other)


@pytest.mark.parametrize("code", ["000000", "abcdefgh", "1", "٠٠٠٠٠٠", "x" * 20, "x" * 21, "", "<b>"])
@pytest.mark.parametrize("has_app", [True, False])
def test_a_wrong_code_is_reported_and_verifies_nothing(charlie: User, code: str, has_app: bool) -> None:
    if has_app:
        enrolled(charlie)
    client = signed_in(charlie)
    client.get(PATH)
    answer = client.post(PATH, {"code": code})
    assert answer.status_code == 400
    assert 'id="id_code_error"' in answer.text
    assert "<b>" not in answer.text.split("<main")[1]
    assert not is_open(client)
    assert TOTPDevice.objects.filter(user=charlie, confirmed=True).exists() is has_app


def test_codes_cannot_be_guessed(charlie: User) -> None:
    _, codes = enrolled(charlie)
    client = signed_in(charlie)
    assert client.post(PATH, {"code": "000000"}).status_code == 400
    # The right code is throttled too.
    answer = client.post(PATH, {"code": shown(charlie, steps=1)})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "Too many wrong codes. Try again in a minute" in answer.text
    assert TOTPDevice.objects.get().throttling_failure_count == 1
    # Recovery codes have their own counter.
    assert client.post(PATH, {"code": codes[0]}).status_code == 302


def test_the_qr_code_and_the_text_have_the_same_secret(charlie: User) -> None:
    client = signed_in(charlie)
    page = client.get(PATH).text
    device = TOTPDevice.objects.get()
    assert not device.confirmed
    secret = re.search(r"enter the secret: <code>([A-Z2-7 ]+)</code>", page)
    assert secret is not None
    assert f"secret={secret[1].replace(' ', '')}&amp;" in page
    assert client.get(PATH).text.count(secret[1]) == 1
    answer = client.get(PICTURE)
    assert (answer["Content-Type"], answer.status_code) == ("image/svg+xml", 200)
    assert "no-store" in answer["Cache-Control"]
    picture = ET.fromstring(answer.content)  # noqa: S314 - our own
    assert not any(element.tag.endswith("script") or "style" in element.attrib for element in picture.iter())
    for piece in ("<script", " style=", "data:"):
        assert piece not in page


def test_the_secret_is_not_shown_after_enrollment(charlie: User) -> None:
    client, _ = enrolled(charlie)
    key = TOTPDevice.objects.get().config_url.split("secret=")[1].split("&")[0]
    for browser in (client, signed_in(charlie)):
        assert browser.get(PICTURE).status_code == 404
        assert key not in browser.get(PATH).text.replace(" ", "")
    for path in ("otp_totp/totpdevice/", "otp_static/staticdevice/"):
        assert client.get(f"/admin/{path}").status_code == 404


@pytest.mark.parametrize("do", ["codes", "replace"])
def test_changes_require_a_verified_session(charlie: User, do: str) -> None:
    enrolled(charlie)
    codes = set(StaticToken.objects.values_list("token", flat=True))
    assert signed_in(charlie).post(PATH, {"do": do}).status_code == 400
    assert set(StaticToken.objects.values_list("token", flat=True)) == codes
    assert TOTPDevice.objects.filter(confirmed=True).exists()


def test_new_recovery_codes_replace_the_old_ones(charlie: User) -> None:
    client, codes = enrolled(charlie)
    answer = client.post(PATH, {"do": "codes"})
    assert len(re.findall(r"<li><code>\w{8}</code>", answer.text)) == 10
    assert signed_in(charlie).post(PATH, {"code": codes[0]}).status_code == 400


def test_a_new_device_replaces_the_old_one(charlie: User) -> None:
    client, _ = enrolled(charlie)
    before = TOTPDevice.objects.get().key
    assert "Set up the new one here." in client.post(PATH, {"do": "replace"}, follow=True).text
    assert not is_open(client)
    assert TOTPDevice.objects.get().key != before
    assert not StaticToken.objects.exists()


def test_the_command_removes_the_second_factor(charlie: User) -> None:
    client, _ = enrolled(charlie)
    out = StringIO()
    call_command("forget_second_factor", "charlie", stdout=out)
    assert "charlie has no second factor now" in out.getvalue()
    assert not is_open(client)
    assert "The admin requires two-factor authentication" in client.get("/admin/", follow=True).text
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        call_command("forget_second_factor", "nobody")


@pytest.mark.parametrize("path", [PATH, PICTURE])
def test_the_pages_are_for_staff_only(alice: User, charlie: User, settings: Any, path: str) -> None:
    assert signed_in(alice).get(path).status_code == 404
    assert visitor().get(path)["Location"] == f"/accounts/sign-in/?next={path}"
    client = signed_in(charlie)
    assert "Two-factor authentication" in client.get("/accounts/").text
    settings.ADMIN_REQUIRE_2FA = False
    assert client.get(path).status_code == 404
    assert "Two-factor authentication" not in client.get("/accounts/").text
    assert is_open(client)


def test_bobs_codes_do_not_work_for_charlie(charlie: User) -> None:
    bob = User.objects.create_superuser("bob", password=PASSWORD)
    enrolled(charlie)
    enrolled(bob)
    client = signed_in(charlie)
    assert client.post(PATH, {"code": shown(bob, steps=1)}).status_code == 400
    session = client.session
    session["otp_device_id"] = TOTPDevice.objects.get(user=bob).persistent_id
    session.save()
    assert not is_open(client)


def test_cross_site_forms_are_rejected(charlie: User) -> None:
    enrolled(charlie)
    client = Client(enforce_csrf_checks=True)
    client.force_login(charlie)
    assert client.post(PATH, {"code": shown(charlie, steps=1)}).status_code == 403
    assert not is_open(client)
