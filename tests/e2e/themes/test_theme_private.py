"""Themes in private windows, and in browsers without storage."""

from tests.e2e.conftest import OpenPage
from tests.e2e.engines import Setup
from tests.e2e.server import Server
from tests.e2e.theme_assertions import PRESETS, background, choose, saved, shows
from tests.e2e.waits import until

REFUSED = "try { return localStorage.length } catch (refusal) { return refusal.name }"


def test_two_tabs_of_a_private_window_synchronize_without_storage(open_page: OpenPage, engine: str) -> None:
    page = open_page(Setup(private=True))
    assert page.run(REFUSED) == "SecurityError"
    # A tab opened by Chromium's driver does not belong to the private window.
    other = page.open_another(kind="popup" if engine == "chromium" else "window")
    assert other.run(REFUSED) == "SecurityError"
    for tab, preset in ((page, "nord"), (other, "solarized-light")):
        choose(tab, preset)
        for each in (page, other):
            shows(each, preset)
    saved(other)
    page.open()
    shows(page, "solarized-light")


def test_without_cookies_a_tab_keeps_its_theme_until_it_closes(open_page: OpenPage, server: Server) -> None:
    page = open_page(Setup(storage=False))
    other = page.open_another()
    choose(page, "dracula")
    shows(page, "dracula")
    until(
        lambda: "lost when this tab closes" in page.shown("hint"),
        what="the page explains that the theme is temporary",
    )
    assert page.driver.get_cookies() == []
    saved(page)

    server.kill()
    until(lambda: not page.connected, what="the tab is disconnected")
    server.start()
    until(lambda: page.connected, within=40, what="the page reconnects")
    shows(page, "dracula")
    choose(page, "nord")
    saved(page)
    shows(page, "nord")
    page.say("Hello, world.")
    page.sound.begins()
    page.entry("done")
    # The server cannot link the two windows.
    until(lambda: other.connected, within=40, what="the other tab reconnects")
    assert background(other) == PRESETS["default-light"]["colors"]["background"]
