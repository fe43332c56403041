"""Tests that passwords cannot be guessed, and that attackers cannot lock users out."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core.cache.backends.redis import RedisCache
from django.test import Client

from accounts.throttling import attempts, login_throttle
from accounts.throttling.attempts import AttemptLimit, TooManyAttemptsError
from tests.accounts.auth_helpers import ADMIN, ELSEWHERE, HERE, SIGN_IN, THIRD, attempt, guess_passwords, sign_in_from
from tests.accounts.conftest import PASSWORD, signed_in, visitor

pytestmark = pytest.mark.django_db
PAIR, NAME, ADDRESS = (
    login_throttle.NAME_AND_ADDRESS.max_attempts,
    login_throttle.NAME.max_attempts,
    login_throttle.ADDRESS.max_attempts,
)


@pytest.fixture
def operator() -> User:
    """Create a superuser."""
    return User.objects.create_superuser("charlie", password=PASSWORD)


@pytest.mark.parametrize("login_url", [SIGN_IN, ADMIN])
def test_guessing_is_throttled_with_retry_after(operator: User, login_url: str) -> None:
    guess_passwords("charlie", PAIR, login_url=login_url)
    answer = guess_passwords("charlie", 1, login_url=login_url)
    assert answer.status_code == 429
    wait = int(answer["Retry-After"])
    assert 0 < wait <= attempts.PERIOD_S
    assert f"Too many failed attempts. Try again {attempts.format_wait(wait)}" in answer.text
    assert 'value="charlie"' in answer.text
    assert 'value="wrong"' not in answer.text


@pytest.mark.parametrize("login_url", [SIGN_IN, ADMIN])
def test_the_right_password_is_rejected_while_throttled(operator: User, login_url: str) -> None:
    guess_passwords("charlie", PAIR)
    assert sign_in_from(Client(), "charlie", address=ELSEWHERE, login_url=login_url).status_code == 429


def test_a_throttled_attempt_is_not_hashed(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    guess_passwords("alice", PAIR)
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *_: pytest.fail("hashed"))
    assert guess_passwords("alice", 1).status_code == 429


@pytest.mark.parametrize(("name", "same"), [("alice", True), ("ALICE", True), ("ａｌｉｃｅ", True), ("bob", False)])
def test_all_spellings_of_a_name_share_a_counter(alice: User, name: str, same: bool) -> None:
    guess_passwords("alice", PAIR)
    assert (guess_passwords(name, 1).status_code == 429) is same


def test_unknown_names_are_counted_like_others(alice: User) -> None:
    answers = {name: [guess_passwords(name, 1).status_code for _ in range(PAIR + 2)] for name in ("alice", "nobody")}
    assert answers["alice"] == answers["nobody"] == [400] * PAIR + [429] * 2


def test_another_address_cannot_lock_alice_out(alice: User) -> None:
    guess_passwords("alice", 2 * ADDRESS)
    assert sign_in_from(Client(), "alice", address=HERE).status_code == 302


def test_many_addresses_cannot_lock_out_a_known_browser(alice: User) -> None:
    hers = Client()
    sign_in_from(hers, "alice")
    hers.post("/accounts/sign-out/")
    for number in range(NAME // PAIR + 1):
        guess_passwords("alice", PAIR, address=f"203.0.113.{number}")
    assert sign_in_from(Client(), "alice", address=THIRD).status_code == 429
    # Not even from the attacker's own address.
    assert sign_in_from(hers, "alice", address="203.0.113.0").status_code == 302


def test_a_known_browser_has_its_own_limit(alice: User) -> None:
    hers = Client()
    sign_in_from(hers, "alice")
    hers.post("/accounts/sign-out/")
    tries = [attempt(hers, "alice", address=f"203.0.113.{number}").status_code for number in range(12)]
    assert tries == [400] * login_throttle.KNOWN.max_attempts + [429] * 2
    assert sign_in_from(Client(), "alice").status_code == 302


def test_bobs_known_browser_is_unknown_to_alice(alice: User, bob: User) -> None:
    bobs = Client()
    sign_in_from(bobs, "bob", address=ELSEWHERE)
    bobs.post("/accounts/sign-out/")
    guess_passwords("alice", PAIR)
    assert attempt(bobs, "alice", address=ELSEWHERE).status_code == 429


@pytest.mark.parametrize("value", ["", "x", "WyJhIiwgWyJiIl1d:1:2", "a:b:c"])
def test_a_forged_known_cookie_is_ignored(alice: User, value: str) -> None:
    guess_passwords("alice", PAIR)
    client = Client()
    client.cookies["known"] = value
    assert attempt(client, "alice", address=ELSEWHERE).status_code == 429


def test_known_cookies_cannot_be_combined(alice: User, bob: User) -> None:
    client = Client()
    sign_in_from(client, "bob")
    cookie = client.cookies["known"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "bob" not in cookie.value


def test_several_accounts_share_a_browser(alice: User, bob: User) -> None:
    shared = Client()
    for name in ("alice", "bob"):
        sign_in_from(shared, name)
        shared.post("/accounts/sign-out/")
    for name in ("alice", "bob"):
        guess_passwords(name, PAIR, address=HERE)
        assert sign_in_from(shared, name, address=HERE).status_code == 302
        shared.post("/accounts/sign-out/")


def test_successful_attempts_are_not_counted(alice: User) -> None:
    # Each from an unknown browser.
    assert {sign_in_from(Client(), "alice").status_code for _ in range(2 * ADDRESS)} == {302}
    assert attempt(Client(), "alice").status_code == 400


def test_one_address_cannot_try_all_names(db: None) -> None:
    answers = [guess_passwords(f"name{number}", 1).status_code for number in range(ADDRESS + 2)]
    assert answers == [400] * ADDRESS + [429] * 2


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
        ("::ffff:203.0.113.9", "::ffff:198.51.100.1", False),
    ],
)
def test_an_ipv6_network_counts_as_one_address(alice: User, first: str, second: str, same: bool) -> None:
    guess_passwords("alice", PAIR, address=first)
    assert (guess_passwords("alice", 1, address=second).status_code == 429) is same


def test_the_throttle_expires(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    guess_passwords("alice", PAIR)
    wait = int(guess_passwords("alice", 1)["Retry-After"])
    later = time.time() + wait + 1
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: later))
    assert guess_passwords("alice", 1).status_code == 400


def test_incomplete_forms_are_not_counted(alice: User) -> None:
    for _ in range(PAIR + 1):
        attempt(Client(), "alice", "", address=ELSEWHERE)
    assert guess_passwords("alice", 1).status_code == 400


@pytest.mark.parametrize("where", ["locmem", "redis"])
def test_concurrent_attempts_cannot_exceed_the_limit(
    where: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "redis":
        shared = RedisCache(request.getfixturevalue("redis_url"), {})
        shared.clear()
        monkeypatch.setattr("django_ratelimit.core.caches", {"limits": shared})
    limit, ready = AttemptLimit("test", 10), threading.Barrier(8)

    def guess(_: int) -> int:
        ready.wait()
        return sum(limit.consume("alice") == 0 for _ in range(20))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(guess, range(8))) == 10


def test_attempts_are_rejected_without_a_cache(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def add(self, *_: Any) -> bool:
            return False

        def incr(self, *_: Any) -> None:
            return None

        def get(self, *_: Any) -> int:
            return 0

    monkeypatch.setattr("django_ratelimit.core.caches", {"limits": Broken()})
    answer = sign_in_from(Client(), "alice")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


def new_account(name: str, address: str = HERE) -> Any:
    fields = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    return Client().post("/accounts/sign-up/", fields, REMOTE_ADDR=address)


def test_sign_up_is_counted_by_address(alice: User) -> None:
    # Each attempt reveals whether a name is taken, so attempts must be limited.
    for _ in range(login_throttle.SIGN_UP.max_attempts):
        assert new_account("alice").status_code == 400
    for name in ("alice", "bob"):
        answer = new_account(name)
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 0
        assert "No account was created. Try again in" in answer.text
        assert "This name is taken" not in answer.text
        assert f'value="{name}"' in answer.text
        assert PASSWORD not in answer.text
    assert not User.objects.filter(username="bob").exists()
    assert new_account("bob", ELSEWHERE).status_code == 302


@pytest.mark.parametrize(
    ("path", "field"), [("/accounts/password/", "old_password"), ("/accounts/delete/", "password")]
)
def test_a_stolen_session_cannot_guess_the_password(alice: User, bob: User, path: str, field: str) -> None:
    client = signed_in(alice)
    new = {"new_password1": "down the rabbit hole", "new_password2": "down the rabbit hole"}
    for _ in range(login_throttle.REAUTH.max_attempts):
        assert client.post(path, {field: "wrong", **new}).status_code == 400
    for way, name in (("/accounts/password/", "old_password"), ("/accounts/delete/", "password")):
        answer = client.post(way, {name: PASSWORD, **new})
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 0
        assert "Nothing was changed. Try again in" in answer.text
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    # Other users are not affected, and alice can still sign in.
    assert signed_in(bob).post(path, {field: PASSWORD, **new}).status_code == 302
    assert sign_in_from(visitor(), "alice").status_code == 302


def test_the_admin_redirects_to_the_password_page(operator: User) -> None:
    assert signed_in(operator).post("/admin/password_change/", {})["Location"] == "/accounts/password/"


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "in a minute"), (60, "in a minute"), (61, "in 2 minutes"), (900, "in 15 minutes")]
)
def test_waits_are_formatted(seconds: int, words: str) -> None:
    assert attempts.format_wait(seconds) == words
    assert TooManyAttemptsError("Again {when}.", seconds).message == f"Again {words}."
