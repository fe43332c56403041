"""Passwords cannot be guessed, and nobody who knows theirs is kept out by those who try."""

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
from tests.accounts.auth_helpers import ADMIN, ELSEWHERE, HERE, SIGN_IN, THIRD, attempt, enter, hammer
from tests.accounts.conftest import PASSWORD, signed_in, visitor

pytestmark = pytest.mark.django_db
PAIR, NAME, ADDRESS = (
    login_throttle.NAME_AND_ADDRESS.max_attempts,
    login_throttle.NAME.max_attempts,
    login_throttle.ADDRESS.max_attempts,
)


@pytest.fixture
def operator() -> User:
    """Somebody whom the admin lets in."""
    return User.objects.create_superuser("charlie", password=PASSWORD)


@pytest.mark.parametrize("door", [SIGN_IN, ADMIN])
def test_guessing_ends_and_it_is_said_until_when(operator: User, door: str) -> None:
    hammer("charlie", PAIR, door=door)
    answer = hammer("charlie", 1, door=door)
    assert answer.status_code == 429
    wait = int(answer["Retry-After"])
    assert 0 < wait <= attempts.PERIOD_S
    assert f"Too many failed attempts. Try again {attempts.format_wait(wait)}" in answer.text
    assert 'value="charlie"' in answer.text
    assert 'value="wrong"' not in answer.text


@pytest.mark.parametrize("door", [SIGN_IN, ADMIN])
def test_the_right_password_helps_a_guesser_no_more(operator: User, door: str) -> None:
    hammer("charlie", PAIR)
    assert enter(Client(), "charlie", address=ELSEWHERE, door=door).status_code == 429


def test_nothing_is_hashed_for_a_guesser(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hammer("alice", PAIR)
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *_: pytest.fail("hashed"))
    assert hammer("alice", 1).status_code == 429


@pytest.mark.parametrize(("name", "same"), [("alice", True), ("ALICE", True), ("ａｌｉｃｅ", True), ("bob", False)])
def test_a_name_is_one_however_it_is_typed(alice: User, name: str, same: bool) -> None:
    hammer("alice", PAIR)
    assert (hammer(name, 1).status_code == 429) is same


def test_names_that_nobody_has_are_counted_like_others(alice: User) -> None:
    answers = {name: [hammer(name, 1).status_code for _ in range(PAIR + 2)] for name in ("alice", "nobody")}
    assert answers["alice"] == answers["nobody"] == [400] * PAIR + [429] * 2


def test_a_stranger_elsewhere_cannot_keep_alice_out(alice: User) -> None:
    hammer("alice", 2 * ADDRESS)
    assert enter(Client(), "alice", address=HERE).status_code == 302


def test_many_strangers_cannot_keep_her_out_of_a_browser_that_she_used(alice: User) -> None:
    hers = Client()
    enter(hers, "alice")
    hers.post("/accounts/sign-out/")
    for number in range(NAME // PAIR + 1):
        hammer("alice", PAIR, address=f"203.0.113.{number}")
    assert enter(Client(), "alice", address=THIRD).status_code == 429
    # Not even from the stranger's own address.
    assert enter(hers, "alice", address="203.0.113.0").status_code == 302


def test_her_browser_has_its_own_tries_and_no_more(alice: User) -> None:
    hers = Client()
    enter(hers, "alice")
    hers.post("/accounts/sign-out/")
    tries = [attempt(hers, "alice", address=f"203.0.113.{number}").status_code for number in range(12)]
    assert tries == [400] * login_throttle.KNOWN.max_attempts + [429] * 2
    assert enter(Client(), "alice").status_code == 302


def test_a_browser_that_bob_knows_is_a_stranger_to_alice(alice: User, bob: User) -> None:
    bobs = Client()
    enter(bobs, "bob", address=ELSEWHERE)
    bobs.post("/accounts/sign-out/")
    hammer("alice", PAIR)
    assert attempt(bobs, "alice", address=ELSEWHERE).status_code == 429


@pytest.mark.parametrize("value", ["", "x", "WyJhIiwgWyJiIl1d:1:2", "a:b:c"])
def test_a_cookie_that_was_made_up_helps_nobody(alice: User, value: str) -> None:
    hammer("alice", PAIR)
    client = Client()
    client.cookies["known"] = value
    assert attempt(client, "alice", address=ELSEWHERE).status_code == 429


def test_the_cookie_of_another_browser_and_name_cannot_be_put_together(alice: User, bob: User) -> None:
    client = Client()
    enter(client, "bob")
    cookie = client.cookies["known"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "bob" not in cookie.value


def test_several_people_share_a_browser(alice: User, bob: User) -> None:
    shared = Client()
    for name in ("alice", "bob"):
        enter(shared, name)
        shared.post("/accounts/sign-out/")
    for name in ("alice", "bob"):
        hammer(name, PAIR, address=HERE)
        assert enter(shared, name, address=HERE).status_code == 302
        shared.post("/accounts/sign-out/")


def test_right_tries_are_not_counted(alice: User) -> None:
    # Each from a browser that nobody knows.
    assert {enter(Client(), "alice").status_code for _ in range(2 * ADDRESS)} == {302}
    assert attempt(Client(), "alice").status_code == 400


def test_one_address_cannot_try_all_names(db: None) -> None:
    answers = [hammer(f"name{number}", 1).status_code for number in range(ADDRESS + 2)]
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
def test_an_address_is_one_customers(alice: User, first: str, second: str, same: bool) -> None:
    hammer("alice", PAIR, address=first)
    assert (hammer("alice", 1, address=second).status_code == 429) is same


def test_it_ends(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hammer("alice", PAIR)
    wait = int(hammer("alice", 1)["Retry-After"])
    later = time.time() + wait + 1
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: later))
    assert hammer("alice", 1).status_code == 400


def test_forms_that_lack_something_are_no_tries(alice: User) -> None:
    for _ in range(PAIR + 1):
        attempt(Client(), "alice", "", address=ELSEWHERE)
    assert hammer("alice", 1).status_code == 400


@pytest.mark.parametrize("where", ["locmem", "redis"])
def test_a_thousand_at_once_are_no_more_than_in_turn(
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


def test_what_cannot_be_counted_is_refused(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def add(self, *_: Any) -> bool:
            return False

        def incr(self, *_: Any) -> None:
            return None

        def get(self, *_: Any) -> int:
            return 0

    monkeypatch.setattr("django_ratelimit.core.caches", {"limits": Broken()})
    answer = enter(Client(), "alice")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


def new_account(name: str, address: str = HERE) -> Any:
    fields = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    return Client().post("/accounts/sign-up/", fields, REMOTE_ADDR=address)


def test_sign_up_is_counted_by_address(alice: User) -> None:
    # A name that is taken tells just that: it is what has to be slow.
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
def test_a_found_session_is_no_way_to_guess_the_password(alice: User, bob: User, path: str, field: str) -> None:
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
    # Nobody else is held up, nor she at the door.
    assert signed_in(bob).post(path, {field: PASSWORD, **new}).status_code == 302
    assert enter(visitor(), "alice").status_code == 302


def test_the_admin_has_no_password_page_of_its_own(operator: User) -> None:
    assert signed_in(operator).post("/admin/password_change/", {})["Location"] == "/accounts/password/"


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "in a minute"), (60, "in a minute"), (61, "in 2 minutes"), (900, "in 15 minutes")]
)
def test_waits_in_words(seconds: int, words: str) -> None:
    assert attempts.format_wait(seconds) == words
    assert TooManyAttemptsError("Again {when}.", seconds).message == f"Again {words}."
