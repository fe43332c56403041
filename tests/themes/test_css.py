"""Tests the user's stylesheet: its content and its caching."""

import re

import pytest
from django.test import AsyncClient

from synthesis.runtime import Runtime
from tests.themes.users import ALICE, plain, publish
from themes.appearance import Appearance, ThemeView
from themes.css import stylesheet
from themes.owners import identity
from themes.owners.identity import COOKIE
from themes.schema import ThemeData
from themes.store import services
from themes.store.queries import shipped_defaults
from themes.tokens import TOKENS


def css(mode: str, dark: ThemeData | None = None, light: ThemeData | None = None) -> str:
    defaults = shipped_defaults()
    shown_dark, shown_light = ThemeView("dark", 1, dark or defaults[0]), ThemeView("light", 1, light or defaults[1])
    shown = Appearance(1, mode, here=False, minimum_contrast=4.5, dark=shown_dark, light=shown_light)
    return stylesheet(shown, *defaults)


def test_the_default_themes_need_no_rules() -> None:
    assert re.findall(r"--", css("system")) == []


def test_in_system_mode_only_differences_are_sent() -> None:
    dark = css("system", plain(accent="#123456")).splitlines()[0]
    assert re.findall(r"(--[\w-]+): ([^;]+);", dark) == [("--accent", "#123456")]


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_in_a_fixed_mode_all_properties_are_sent(mode: str) -> None:
    told = dict(re.findall(r"([\w-]+): ([^;]+);", css(mode)))
    assert {token.variable for token in TOKENS} <= told.keys()
    assert told["color-scheme"] == mode


@pytest.mark.django_db(transaction=True)
class TestStylesheetView:
    """Requests the stylesheet over HTTP."""

    async def test_the_stylesheet_is_private_and_has_an_etag(
        self, runtime_with_voice: Runtime, async_client: AsyncClient
    ) -> None:
        response = await async_client.get("/theme.css")
        assert response["Content-Type"] == "text/css; charset=utf-8"
        assert response["Cache-Control"] == "private, no-cache"
        assert "Cookie" in response["Vary"]
        assert re.fullmatch(r'"[0-9a-f]{32}"', response["ETag"])

    async def test_an_unchanged_stylesheet_returns_304(
        self, runtime_with_voice: Runtime, async_client: AsyncClient
    ) -> None:
        tag = (await async_client.get("/theme.css"))["ETag"]
        again = await async_client.get("/theme.css", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")

    async def test_a_changed_stylesheet_is_sent(self, runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
        from asgiref.sync import sync_to_async

        await async_client.get("/")
        tag = (await async_client.get("/theme.css"))["ETag"]
        who = identity.from_cookies({COOKIE: async_client.cookies[COOKIE].value}, None)
        await sync_to_async(publish)("ocean", plain(accent="#123456"))
        await sync_to_async(services.set_preference)(who, dark="ocean")
        changed = await async_client.get("/theme.css", headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert b"--accent: #123456;" in changed.content

    async def test_the_stylesheet_belongs_to_one_user(
        self, runtime_with_voice: Runtime, async_client: AsyncClient
    ) -> None:
        from asgiref.sync import sync_to_async

        await sync_to_async(publish)("ocean", plain(accent="#123456"))
        await sync_to_async(services.set_preference)(ALICE, dark="ocean")
        assert b"#123456" not in (await async_client.get("/theme.css")).content
