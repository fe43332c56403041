"""Tests against account enumeration: neither messages nor the number of hashes reveal which names exist."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.test import Client

from tests.accounts.auth_helpers import ADMIN, SIGN_IN, attempt
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
WHO = ["nobody", "alice", "closed", "charlie"]


class CountingHasher(MD5PasswordHasher):
    """Counts the hashes, which dominate the response time of the real hasher."""

    hashed: list[str] = []

    def encode(self, password: str, salt: str) -> str:
        self.hashed.append(password)
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def hashed(settings: Any) -> Iterator[list[str]]:
    settings.PASSWORD_HASHERS = ["tests.accounts.test_enumeration.CountingHasher"]
    User.objects.create_user("alice", password=PASSWORD)
    User.objects.create_user("closed", password=PASSWORD, is_active=False)
    User.objects.create_user("charlie", password=PASSWORD, is_staff=True)
    CountingHasher.hashed.clear()
    yield CountingHasher.hashed
    CountingHasher.hashed.clear()


def shown(answer: Any, name: str) -> tuple[int, str, list[str], dict[str, str]]:
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.text).replace(name, "NAME")
    headers = {key: value for key, value in answer.headers.items() if key not in ("Content-Length", "Expires")}
    return answer.status_code, text, sorted(answer.cookies), {**headers, "Last-Modified": "", "Date": ""}


@pytest.mark.parametrize("login_url", [SIGN_IN, ADMIN])
def test_all_sign_in_errors_are_identical(login_url: str) -> None:
    answers = [shown(attempt(Client(), name, "wrong", login_url=login_url), name) for name in WHO]
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    ("login_url", "name"), [(SIGN_IN, "nobody"), (SIGN_IN, "closed"), (ADMIN, "alice"), (ADMIN, "closed")]
)
def test_an_inactive_account_gets_the_same_error_with_the_right_password(login_url: str, name: str) -> None:
    assert shown(attempt(Client(), name, PASSWORD, login_url=login_url), name) == shown(
        attempt(Client(), "nobody", "wrong", login_url=login_url), "nobody"
    )


@pytest.mark.parametrize("login_url", [SIGN_IN, ADMIN])
@pytest.mark.parametrize("password", ["wrong", PASSWORD])
@pytest.mark.parametrize("name", WHO)
def test_each_attempt_hashes_once(hashed: list[str], login_url: str, name: str, password: str) -> None:
    attempt(Client(), name, password, login_url=login_url)
    assert hashed == [password]


@pytest.mark.parametrize("name", WHO)
def test_a_password_that_is_too_long_is_never_hashed(hashed: list[str], name: str) -> None:
    for login_url in (SIGN_IN, ADMIN):
        assert attempt(Client(), name, "x" * 5000, login_url=login_url).status_code in (200, 400)
    assert hashed == []


@pytest.mark.parametrize("name", WHO)
def test_throttled_names_get_the_same_error(hashed: list[str], name: str) -> None:
    answers = [attempt(Client(), name, "wrong") for _ in range(12)]
    nobodys = [attempt(Client(), "somebody", "wrong") for _ in range(12)]
    assert [answer.status_code for answer in answers] == [answer.status_code for answer in nobodys]
    assert len(hashed) == 2 * 10
