"""Themes follow the account, operators change presets for all users, and a form works without JavaScript."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.e2e.page import Page
from tests.e2e.server import Server
from tests.e2e.theme_assertions import PRESETS, choose, colors, saved, shows, to_hex
from tests.e2e.users import Person, fill, operator, sign_in, sign_out, sign_up
from tests.e2e.waits import until

EDITED = "everforest-dark"
OWN = "Visitor theme"


def test_an_account_has_its_theme_in_every_browser(page: Page, stranger: Page) -> None:
    person = Person()
    watching = page.open_another()
    choose(page, "nord")
    saved(page)
    sign_up(page, person)
    shows(watching, "nord")

    # The account's selection replaces the visitor's; the visitor's themes are added to the account.
    choose(stranger, "paper-light")
    saved(stranger)
    stranger.go(f"{stranger.url}themes/")
    fill(stranger.driver, "Create the copy", name=OWN)
    sign_in(stranger, person)
    stranger.open()
    shows(stranger, "nord")
    for tab in (stranger, watching):
        tab.say("/theme list")
        until(lambda tab=tab: OWN in tab.shown("hint"), what="the visitor's theme is listed")  # type: ignore[misc]

    choose(stranger, "gruvbox-dark")
    shows(watching, "gruvbox-dark")
    choose(watching, "solarized-light")
    shows(stranger, "solarized-light")
    saved(watching)

    sign_out(page)
    shows(watching, "default-light")
    page.open()
    shows(page, "default-light")
    choose(page, "dracula")
    shows(watching, "dracula")
    saved(page)
    shows(stranger, "solarized-light")


def test_a_preset_change_is_applied_immediately(page: Page, stranger: Page, server: Server) -> None:
    person = operator(server)
    choose(page, EDITED)
    saved(page)
    before = colors(page)
    # Another color for each engine.
    color = f"#{(int(before['background'][1:], 16) + 1) & 0xFFFFFF:06x}"

    stranger.go(f"{stranger.url}admin/login/?next=/admin/themes/preset/{EDITED}/change/")
    fill(stranger.driver, "Log in", username=person.name, password=person.password)
    fill(stranger.driver, "Save and continue editing", color_background=color)
    until(lambda: colors(page)["background"] == color, what="the preset has changed")
    assert colors(page) == {**before, "background": color}
    assert page.theme["id"] == EDITED
    stranger.leave_admin()


def test_a_form_changes_the_theme_without_scripts(page: Page, scriptless: WebDriver) -> None:
    choose(page, "nord")
    saved(page)
    scriptless.get(page.url)
    scriptless.delete_all_cookies()
    for cookie in page.driver.get_cookies():
        scriptless.add_cookie(cookie)
    scriptless.get(page.url)
    assert _painted(scriptless)[0] == PRESETS["nord"]["colors"]["background"]

    scriptless.get(f"{page.url}themes/")
    _tick(scriptless, "mode", "light")
    _tick(scriptless, "light", "gruvbox-light")
    fill(scriptless, "Save the selection")
    assert "Your selection was saved." in scriptless.find_element(By.TAG_NAME, "body").text
    wanted = PRESETS["gruvbox-light"]["colors"]
    assert _painted(scriptless)[0] == wanted["background"]
    shows(page, "gruvbox-light")
    scriptless.get(page.url)
    assert _painted(scriptless) == (wanted["background"], wanted["foreground"], wanted["accent"])
    scriptless.delete_all_cookies()


@pytest.mark.parametrize("path", ["themes/", "accounts/", "accounts/sign-in/"])
def test_pages_are_rendered_in_the_selected_theme(page: Page, path: str) -> None:
    choose(page, "dracula")
    saved(page)
    page.go(page.url + path)
    assert colors(page) == PRESETS["dracula"]["colors"]


def _tick(driver: WebDriver, name: str, value: str) -> None:
    # By keyboard: the sticky bar at the bottom may cover the control.
    driver.find_element(By.CSS_SELECTOR, f"input[name='{name}'][value='{value}']").send_keys(Keys.SPACE)


def _painted(driver: WebDriver) -> tuple[str, str, str]:
    """Return the computed colors of background, text and accent."""
    body, mark = driver.find_element(By.TAG_NAME, "body"), driver.find_element(By.CSS_SELECTOR, "h1 b")
    found = (
        body.value_of_css_property("background-color"),
        body.value_of_css_property("color"),
        mark.value_of_css_property("color"),
    )
    background, text, accent = (to_hex(color) for color in found)
    return background, text, accent
