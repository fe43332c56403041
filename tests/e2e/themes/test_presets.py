"""An operator edits a preset in the admin with a preview; saving it updates all users of the preset."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.page import Page
from tests.e2e.server import ROOT, Server
from tests.e2e.waits import until
from themes.formats import write
from themes.shipped_presets import shipped

NAME, PASSWORD = "operator", "kept for these tests"
PRESET = "forest-light"
PREVIEW = "document.querySelector('.theme-preview')"
PURPLE, PURPLE_RGB = "#f1e4ff", "rgb(241, 228, 255)"


@pytest.fixture(scope="session")
def account(installation: Server) -> None:
    """Create the preset once: the tests of this module run with each engine."""
    own = {"DATA_DIR": str(installation.data_dir), "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    environment = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "project.settings"}
    command = ["createsuperuser", "--noinput", "--username", NAME, "--email", "operator@example.org"]
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, capture_output=True)


@pytest.fixture
def operator(stranger: Page, account: None) -> Iterator[Page]:
    """Return the admin form of the preset, in another browser than the listener's."""
    go(stranger, f"themes/preset/{PRESET}/change/")
    field(stranger, "username").send_keys(NAME)
    field(stranger, "password").send_keys(PASSWORD, Keys.ENTER)
    until(
        lambda: stranger.run("return document.querySelector('.theme-preview')?.hidden === false"),
        what="the preview is drawn",
    )
    yield stranger
    stranger.leave_admin()


def go(page: Page, path: str) -> None:
    page.go(f"{page.url}admin/{path}")


def field(page: Page, name: str) -> WebElement:
    return until(lambda: page.driver.find_element(By.ID, f"id_{name}"), what=f"the field {name}")


def fill(page: Page, name: str, text: str) -> WebElement:
    element = field(page, name)
    element.clear()
    element.send_keys(text)
    return element


def verdict(page: Page) -> str:
    return page.driver.find_element(By.CSS_SELECTOR, ".theme-verdict").text


def save(page: Page) -> None:
    page.run("document.querySelector('input[name=_save]').click()")
    until(
        lambda: "was changed successfully" in page.driver.find_element(By.TAG_NAME, "body").text,
        what="the preset is saved",
    )


def rgb(color: str) -> str:
    """Return a color as browsers serialize it."""
    return "rgb({}, {}, {})".format(*bytes.fromhex(color.removeprefix("#")))


def background(page: Page) -> str:
    return str(page.run("return getComputedStyle(document.body).backgroundColor"))


def test_a_preset_edit_is_previewed_then_applied_to_its_users(page: Page, operator: Page) -> None:
    page.say(f"/theme set {PRESET}")
    before, around = rgb(str(colors()["background"])), background(operator)
    until(lambda: background(page) == before, what="the listener's page has the preset")

    fill(operator, "color_background", PURPLE)
    until(
        lambda: operator.run(f"return getComputedStyle({PREVIEW}).backgroundColor") == PURPLE_RGB,
        what="the preview changes",
    )
    assert background(operator) == around
    assert background(page) == before

    save(operator)
    until(lambda: background(page) == PURPLE_RGB, what="the listener's page has changed")

    go(operator, f"themes/preset/{PRESET}/change/")
    fill(operator, "color_background", str(colors()["background"]))
    save(operator)
    until(lambda: background(page) == before, what="the listener's page is unchanged")


def test_low_contrast_is_reported_and_fixed(operator: Page) -> None:
    until(lambda: verdict(operator) == "All 28 pairs pass.", what="the report lists no failing pair")
    fill(operator, "color_foreground", "eee").send_keys(Keys.TAB)
    until(lambda: "text on background" in verdict(operator), what="the failing pair is listed")
    assert field(operator, "color_foreground").get_attribute("value") == "#eeeeee"
    fill(operator, "color_red", "reddish")
    assert field(operator, "color_red").get_attribute("aria-invalid") == "true"
    operator.run("document.querySelector('.theme-fix').click()")
    until(lambda: "no valid color" in verdict(operator), what="the report names the invalid color")
    fill(operator, "color_red", "#c00000")
    operator.run("document.querySelector('.theme-fix').click()")
    until(lambda: verdict(operator) == "All 28 pairs pass.", what="the contrast is fixed")
    assert field(operator, "color_foreground").get_attribute("value") != "#eeeeee"


def test_an_imported_file_fills_the_form(operator: Page, tmp_path: Path) -> None:
    ocean = next(preset.theme for preset in shipped() if preset.id == "ocean-light")
    file = tmp_path / "sea.json"
    file.write_bytes(write(ocean, "windows-terminal").data)
    field(operator, "file").send_keys(str(file))
    operator.run("document.querySelector('[name=_import]').click()")
    until(
        lambda: "Nothing is saved yet." in operator.driver.find_element(By.TAG_NAME, "body").text,
        what="the file was imported",
    )
    assert field(operator, "color_background").get_attribute("value") == ocean.colors["background"]
    assert field(operator, "name").get_attribute("value") == "Forest"


def colors() -> dict[str, str]:
    return dict(next(preset.theme.colors for preset in shipped() if preset.id == PRESET))
