"""Browsers of their own for alice, bob and charlie."""

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
    """Tries are counted in windows of time, none of which is to end in the midst of a test."""
    now = time.time()
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: now))


@pytest.fixture(autouse=True)
def _presets(db: None) -> None:
    publish("ocean-dark")


@pytest.fixture
def alice() -> User:
    """An account."""
    return User.objects.create_user("alice", password=PASSWORD)


@pytest.fixture
def bob() -> User:
    """Another."""
    return User.objects.create_user("bob", password=PASSWORD)


@pytest.fixture
def browser() -> Client:
    """A browser that has been here before, and is nobody's."""
    return visitor()


def visitor() -> Client:
    """A browser with a cookie of its own."""
    client = Client()
    client.get("/themes/")
    return client


def signed_in(user: User) -> Client:
    """The person at a browser, signed in through the page."""
    client = visitor()
    answer = client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def own_theme(client: Client, name: str) -> str:
    """The address of a theme that is made there."""
    answer = client.post("/themes/new", {"source": "ocean-dark", "name": name, "show": "on"})
    assert answer.status_code == 302
    return str(answer["Location"])
