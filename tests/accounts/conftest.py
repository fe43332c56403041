"""Fixtures: the accounts of alice and bob, and browsers."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.themes.users import publish

PASSWORD = "through the looking glass"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze the throttle's fixed window, so that it does not end during a test."""
    now = time.time()
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: now))


@pytest.fixture(autouse=True)
def _presets(db: None) -> None:
    publish("ocean-dark")


@pytest.fixture
def alice() -> User:
    """Create the account of alice."""
    return User.objects.create_user("alice", password=PASSWORD)


@pytest.fixture
def bob() -> User:
    """Create the account of bob."""
    return User.objects.create_user("bob", password=PASSWORD)


@pytest.fixture
def browser() -> Client:
    """Return a browser with a device cookie that is not signed in."""
    return visitor()


def visitor() -> Client:
    """Return a new browser with a device cookie."""
    client = Client()
    client.get("/themes/")
    return client


def signed_in(user: User) -> Client:
    """Return a browser in which the user has signed in through the page."""
    client = visitor()
    answer = client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def own_theme(client: Client, name: str) -> str:
    """Create an own theme and return its URL."""
    answer = client.post("/themes/new", {"source": "ocean-dark", "name": name, "show": "on"})
    assert answer.status_code == 302
    return str(answer["Location"])
