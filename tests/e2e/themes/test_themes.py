"""A theme change in one tab appears in the other tabs of its owner, and never in tabs of other owners."""

from collections.abc import Iterator

import pytest

from tests.e2e.page import Page
from tests.e2e.proxy import Proxy, proxied
from tests.e2e.server import Server
from tests.e2e.theme_assertions import PRESETS, background, choose, colors, saved, shows
from tests.e2e.waits import until

TOUR = ["nord", "solarized-light", "high-contrast-dark", "paper-light", "dracula"]
ASLEEP = "themes/"


@pytest.fixture
def network(server: Server) -> Iterator[Proxy]:
    """Yield a proxy that can be disconnected."""
    with proxied(server.port) as network:
        yield network


def test_a_change_reaches_the_users_other_tab_and_no_other_user(page: Page, stranger: Page) -> None:
    other = page.open_another()
    seen = stranger.theme, colors(stranger)
    shown = []
    for number, preset in enumerate(TOUR):
        choose((page, other)[number % 2], preset)
        for tab in (page, other):
            shows(tab, preset)
        shown.append(background(other))
    assert len(set(shown)) == len(TOUR)
    assert (stranger.theme, colors(stranger)) == seen
    # Messages are ordered: an earlier change would arrive before the response to this request.
    choose(stranger, "nord")
    assert saved(stranger) == seen[0]["revision"] + 1


def test_dark_light_and_system_mode(page: Page) -> None:
    other = page.open_another(kind="tab")
    choose(page, "ocean-dark")
    choose(page, "ocean-light")
    for word, preset in (
        ("dark", "ocean-dark"),
        ("light", "ocean-light"),
        ("dark", "ocean-dark"),
        ("system", "ocean-light"),
    ):
        page.say(f"/theme {word}")
        for tab in (page, other):
            shows(tab, preset)
            assert tab.theme["mode"] == word


def test_the_selection_survives_a_reload_and_a_server_restart(page: Page, server: Server) -> None:
    other = page.open_another()
    choose(page, "nord")
    saved(page)
    page.open()
    shows(page, "nord")

    choose(page, "ocean-dark")
    saved(page)
    server.kill()
    for tab in (page, other):
        until(lambda tab=tab: not tab.connected, what="the tab is disconnected")  # type: ignore[misc]
    choose(page, "dracula")
    shows(page, "dracula")
    assert page.theme["pending"] == 1
    server.start()
    until(lambda: page.connected, within=40, what="the page reconnects")
    saved(page)
    shows(other, "dracula", within=40)
    page.open()
    shows(page, "dracula")


def test_a_background_tab_shows_the_current_theme_when_it_is_visible_again(page: Page) -> None:
    other = page.open_another()
    shows(other, "default-light")
    other.go(page.url + ASLEEP)
    choose(page, "gruvbox-dark")
    saved(page)
    other.driver.back()
    until(lambda: other.connected, within=20, what="the tab is connected again")
    shows(other, "gruvbox-dark")


def test_a_disconnected_tab_resynchronizes(page: Page, network: Proxy) -> None:
    other = page.open_another(network.url)
    choose(page, "nord")
    shows(other, "nord")
    other.load_on_use()
    network.cut()
    until(lambda: not other.connected, what="the tab is disconnected")
    choose(page, "ocean-light")
    choose(page, "paper-light")
    saved(page)
    # For the server the tab's own change is the older one; the tab receives it last.
    other.say("/theme dark")
    assert colors(other) == PRESETS["nord"]["colors"]
    network.restore()
    until(lambda: other.connected, within=40, what="the tab reconnects")
    other.say("/theme light")
    for tab in (page, other):
        shows(tab, "paper-light", within=40)
