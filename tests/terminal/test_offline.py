"""The service worker's script, the page that it stores, the manifest, and shared texts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import AsyncClient, Client
from django.urls import get_script_prefix, set_script_prefix
from PIL import Image
from pytest_django import Settings

from core.limits import registry
from synthesis.runtime import Runtime
from terminal.offline import release
from tests.csp import parse_policy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Compute the release anew in each test, and afterwards."""
    release.current.cache_clear()
    yield
    release.current.cache_clear()


def config(client: Client, path: str = "/service-worker.js") -> dict[str, Any]:
    """Return what the worker's script passes to the module."""
    script = client.get(path).text
    assert script.startswith("import { start } from ")
    return dict(json.loads(script.partition("start(self, ")[2].removesuffix(");\n")))


def test_the_worker_stores_the_files_and_the_page_of_its_release(client: Client) -> None:
    stored = config(client)
    assert (stored["root"], stored["staticRoot"], stored["maxSharedBytes"]) == ("/", "/static/", 256 * 1024)
    names = [str(name).removeprefix("/static/") for name in stored["files"]]
    assert all(finders.find(name) for name in names)
    assert {"js/main.js", "js/ui/player-bar.js", "css/terminal.css", "css/player.css", "favicon.svg"} <= set(names)
    assert not [name for name in names if name.startswith(("admin/", "audio/")) or name == "css/pages.css"]
    assert client.get(stored["shell"]).status_code == 200


def test_the_worker_is_always_revalidated_and_has_a_policy_of_its_own(client: Client) -> None:
    response = client.get("/service-worker.js")
    assert response["Content-Type"] == "text/javascript"
    assert "no-cache" in response["Cache-Control"]
    policy = {"default-src": "'none'", "script-src": "'self'", "connect-src": "'self'"}
    assert parse_policy(response["Content-Security-Policy"]) == policy
    assert not response.cookies


def test_the_stored_page_is_the_same_for_all_users(runtime_with_voice: Runtime, client: Client) -> None:
    path = config(client)["shell"]
    neutral = client.get(path)
    alice = User.objects.create_user("alice-the-owner", password="tall-green-trees-88")
    own = Client()
    own.force_login(alice)
    own.get("/")
    answer = own.get(path)
    assert answer.content == neutral.content
    assert "alice" not in answer.text
    assert not answer.cookies
    assert not neutral.cookies
    assert answer["Cache-Control"] == "no-store"
    assert 'id="offline-note"' in answer.text
    # What differs between users: colors, voices and the token of a form.
    assert not [part for part in ("theme.css", ">tone<", "csrf", "page-metrics") if part in answer.text]
    assert "offline-note" not in own.get("/").text


def test_the_page_of_another_release_is_not_stored(client: Client, settings: Settings) -> None:
    before = config(client)
    settings.DOCUMENT_MAX_MB += 1
    release.current.cache_clear()
    after = config(client)
    assert before["release"] != after["release"]
    assert client.get(before["shell"]).status_code == 404
    assert client.get(after["shell"]).status_code == 200


def test_the_site_may_be_below_a_path(client: Client, settings: Settings) -> None:
    settings.STATIC_URL = "/voice/static/"
    prefix = get_script_prefix()
    # As the server does for each request, from FORCE_SCRIPT_NAME.
    set_script_prefix("/voice/")
    try:
        stored, manifest = config(client), client.get("/manifest.webmanifest").json()
        page = client.get(str(stored["shell"]).removeprefix("/voice")).text
    finally:
        set_script_prefix(prefix)
    assert (stored["root"], stored["staticRoot"]) == ("/voice/", "/voice/static/")
    assert stored["shell"].startswith("/voice/offline/")
    assert 'data-root="/voice/"' in page
    assert manifest["id"] == manifest["start_url"] == manifest["scope"] == "/voice/"
    assert manifest["share_target"]["action"] == "/voice/share"
    assert all(shortcut["url"].startswith("/voice/") for shortcut in manifest["shortcuts"])


def test_the_manifest_has_icons_of_the_sizes_that_it_names(client: Client) -> None:
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    icons = response.json()["icons"]
    assert {icon["sizes"] for icon in icons if icon["type"] == "image/png"} == {"192x192", "512x512"}
    for icon in icons:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert path
        if icon["type"] == "image/png":
            with Image.open(path) as picture:
                assert f"{picture.width}x{picture.height}" == icon["sizes"]
                opaque = picture.convert("RGBA").getpixel((0, 0))[3] == 255  # type: ignore[index]
                assert opaque == (icon["purpose"] == "maskable")


def test_without_offline_page_an_installed_worker_removes_itself(
    runtime_with_voice: Runtime, client: Client, settings: Settings
) -> None:
    assert 'rel="manifest"' in client.get("/").text
    shell = config(client)["shell"]
    settings.OFFLINE_PAGE = False
    assert 'retire(self, "/");' in client.get("/service-worker.js").text
    assert client.get(shell).status_code == 404
    assert 'rel="manifest"' not in client.get("/").text


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (
            {"title": "News", "text": "Read this", "url": "https://example.com/"},
            "News\nRead this\nhttps://example.com/",
        ),
        (
            {"title": "News", "text": "News: https://example.com/", "url": "https://example.com/"},
            "News: https://example.com/",
        ),
        ({"title": "a", "text": "a"}, "a"),
        ({"text": "/clear"}, "//clear"),
        ({"text": "<b>\r\n"}, "&lt;b&gt;"),
        ({}, ""),
    ],
)
async def test_a_shared_text_is_shown_and_not_spoken(
    runtime_with_voice: Runtime, async_client: AsyncClient, fields: dict[str, str], shown: str
) -> None:
    # As the share sheet of a phone sends it: the request has no site.
    headers = {"Origin": "null", "Sec-Fetch-Site": "none"}
    response = await async_client.post("/share", fields, headers=headers)
    assert response.status_code == 200
    assert f">{shown}</textarea>" in response.content.decode()
    assert "<audio" not in response.content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.com"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_site_cannot_share(
    runtime_with_voice: Runtime, async_client: AsyncClient, headers: dict[str, str]
) -> None:
    response = await async_client.post("/share", {"text": "Buy now"}, headers=headers)
    assert response.status_code == 403
    assert "Buy now" not in response.content.decode()


async def test_a_shared_text_is_bounded(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    long = "a" * (registry.MAX_FORM_BYTES.default + 1)
    response = await async_client.post("/share", {"text": long}, content_type="application/x-www-form-urlencoded")
    assert "Save it as a file" in response.content.decode() or response.status_code == 413
    assert (await async_client.get("/share")).status_code == 302


def test_a_flood_of_shared_texts_is_limited(runtime_with_voice: Runtime, client: Client) -> None:
    answers = [client.post("/share", {"text": "a"}).status_code for _ in range(registry.POSTS_PER_MINUTE.default + 1)]
    assert answers == [200] * registry.POSTS_PER_MINUTE.default + [429]
