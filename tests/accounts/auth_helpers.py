"""Sign-in attempts from different addresses and browsers."""

from typing import Any

from django.test import Client

from tests.accounts.conftest import PASSWORD

WRONG = "wrong"
HERE, ELSEWHERE, THIRD = "198.51.100.1", "203.0.113.9", "192.0.2.77"
SIGN_IN, ADMIN = "/accounts/sign-in/", "/admin/login/"


def attempt(
    client: Client, name: str, password: str = WRONG, *, address: str = HERE, login_url: str = SIGN_IN, **more: Any
) -> Any:
    """Submit one sign-in attempt to the page, from the address."""
    return client.post(login_url, {"username": name, "password": password}, REMOTE_ADDR=address, **more)


def sign_in_from(client: Client, name: str, *, address: str = HERE, login_url: str = SIGN_IN) -> Any:
    """Sign in with the right password."""
    return attempt(client, name, PASSWORD, address=address, login_url=login_url)


def guess_passwords(name: str, times: int, *, address: str = ELSEWHERE, login_url: str = SIGN_IN) -> Any:
    """Submit wrong passwords from clients without cookies, and return the last response."""
    for _ in range(times - 1):
        attempt(Client(), name, address=address, login_url=login_url)
    return attempt(Client(), name, address=address, login_url=login_url)
