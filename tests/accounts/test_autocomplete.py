"""Fields about the user have the purposes that password managers and assistive technology fill (WCAG 1.3.5, 3.3.8)."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts.views.second_factor import CodeForm
from tests.accounts.conftest import signed_in

pytestmark = pytest.mark.django_db
FIELD = re.compile(r'<input(?=[^>]* name="(?P<name>[^"]+)")(?=[^>]* type="(?:text|password)")[^>]*>')


def purposes(page: str) -> dict[str, str]:
    """Return the ``autocomplete`` of the text fields of a page, by name."""
    found = {field["name"]: re.search(r' autocomplete="([^"]+)"', field[0]) for field in FIELD.finditer(page)}
    return {name: purpose[1] if purpose else "" for name, purpose in found.items()}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("sign-in", {"username": "username", "password": "current-password"}),
        ("sign-up", {"username": "username", "password1": "new-password", "password2": "new-password"}),
    ],
)
def test_visitors_fields_have_a_purpose(client: Client, path: str, expected: dict[str, str]) -> None:
    assert purposes(client.get(f"/accounts/{path}/").text) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "password",
            {
                "username": "username",
                "old_password": "current-password",
                "new_password1": "new-password",
                "new_password2": "new-password",
            },
        ),
        ("delete", {"username": "username", "password": "current-password"}),
    ],
)
def test_members_fields_have_a_purpose(alice: User, path: str, expected: dict[str, str]) -> None:
    assert purposes(signed_in(alice).get(f"/accounts/{path}/").text) == expected


def test_codes_can_be_filled() -> None:
    assert 'autocomplete="one-time-code"' in str(CodeForm()["code"])
