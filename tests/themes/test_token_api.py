"""Tests of themes over HTTP with a token."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient

from accounts.tokens import create_token
from core.storage import database
from tests.themes.users import publish
from themes import formats
from themes.store.queries import shipped_defaults

pytestmark = pytest.mark.django_db(transaction=True)


class Script:
    """A program of a user, with a token."""

    def __init__(self, secret: str) -> None:
        self._client = AsyncClient()
        self._headers = {"Authorization": f"Bearer {secret}"}

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        ask = getattr(self._client, method)
        if method == "get":
            return await ask(path, headers=self._headers)
        return await ask(path, data, content_type="application/json", headers=self._headers)


async def script(name: str, scopes: tuple[str, ...] = ("themes",)) -> Script:
    user, _ = await User.objects.aget_or_create(username=name)
    _, secret = await database.write(lambda: create_token(user, "dotfiles", list(scopes)))
    return Script(secret)


@pytest.fixture
async def alice(db: None) -> Script:
    await database.write(lambda: publish("ocean-dark"))
    return await script("alice")


@pytest.fixture
def file() -> bytes:
    return formats.write(shipped_defaults()[0], "alphanumeric").data


@pytest.mark.parametrize("written", formats.WRITABLE)
async def test_import_and_export(alice: Script, written: str) -> None:
    sent = formats.write(shipped_defaults()[0], written).data
    made = await alice.call("post", "/v1/themes?name=Mine", sent)
    assert (made.status_code, made.json()["own"]) == (201, True)
    got = await alice.call("get", f"/v1/themes/{made.json()['id']}?format={written}")
    assert got.status_code == 200
    assert formats.read(got.content).theme.colors == formats.read(sent).theme.colors
    assert got["Content-Disposition"].startswith("attachment")


async def test_the_selection(alice: Script, file: bytes) -> None:
    made = (await alice.call("post", "/v1/themes?show=true", file)).json()
    shown = (await alice.call("get", "/v1/theme")).json()
    assert shown[made["scheme"]]["id"] == made["id"]
    changed = await alice.call("put", "/v1/theme", {"mode": "dark", "dark": "ocean-dark", "light": None})
    assert (changed.status_code, changed.json()["mode"], changed.json()["dark"]["id"]) == (200, "dark", "ocean-dark")
    assert changed.json() == (await alice.call("get", "/v1/theme")).json()
    # The selection is the account's, not that of a device.
    assert changed.json()["device_only"] is False


async def test_own_themes_are_replaced_and_deleted(alice: Script, file: bytes) -> None:
    made = (await alice.call("post", "/v1/themes", file)).json()
    path = f"/v1/themes/{made['id']}"
    other = json.loads(file) | {"name": "Other"}
    assert (await alice.call("put", path, other)).json()["name"] == "Other"
    listed = (await alice.call("get", "/v1/themes")).json()["data"]
    assert [one["name"] for one in listed if one["own"]] == ["Other"]
    assert (await alice.call("delete", path)).json()["deleted"] is True
    assert (await alice.call("get", path)).status_code == 404


async def test_other_accounts_see_nothing(alice: Script, file: bytes) -> None:
    made = (await alice.call("post", "/v1/themes", file)).json()
    bob, path = await script("bob"), f"/v1/themes/{made['id']}"
    for answer in (
        await bob.call("get", path),
        await bob.call("put", path, file),
        await bob.call("delete", path),
        await bob.call("put", "/v1/themes/ocean-dark", file),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "theme_unknown")
    assert made["id"] not in (await bob.call("get", "/v1/themes")).text


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("put", "/v1/theme", {"mode": "sepia"}, 400, "field_invalid"),
        ("put", "/v1/theme", {"mode": ["dark"]}, 400, "field_invalid"),
        ("put", "/v1/theme", {"minimum_contrast": True}, 400, "field_invalid"),
        ("put", "/v1/theme", {"dark": "nothing"}, 404, "theme_unknown"),
        ("put", "/v1/theme", {"darkness": "ocean-dark"}, 400, "field_unknown"),
        ("put", "/v1/theme", b"{", 400, "body_invalid"),
        ("post", "/v1/themes", b"{", 400, "file_unreadable"),
        ("post", "/v1/themes", b"x" * 60_000, 413, "file_too_large"),
        ("get", "/v1/themes/ocean-dark?format=pdf", None, 400, "format_unknown"),
        ("get", "/v1/themes/nothing", None, 404, "theme_unknown"),
        ("delete", "/v1/theme", None, 405, "method_unknown"),
    ],
)
async def test_invalid_requests_get_an_error_code(
    alice: Script, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = await alice.call(method, path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/v1/theme", "/v1/themes", "/v1/themes/ocean-dark"])
async def test_a_token_with_the_scope_is_needed(alice: Script, path: str) -> None:
    visitor = await AsyncClient().get(path)
    assert (visitor.status_code, visitor.json()["error"]["code"]) == (401, "token_missing")
    speaker = await (await script("alice", ("speak",))).call("get", path)
    assert (speaker.status_code, speaker.json()["error"]["code"]) == (403, "scope_missing")
    browser = AsyncClient()
    await browser.aforce_login(await User.objects.aget(username="alice"))
    assert (await browser.get(path)).status_code == 401
