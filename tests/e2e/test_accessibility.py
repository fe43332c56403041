"""Everybody can use it: axe-core finds nothing to object to, and a keyboard reaches everything."""

import os

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e import axe
from tests.e2e.conftest import OpenPage
from tests.e2e.engines import Setup
from tests.e2e.page import Page
from tests.e2e.tour import STATES, tour
from tests.e2e.waiting import until

DIALOGS = {"palette", "help"}
CONTROLS = """
return [...document.querySelectorAll("button, select, textarea, input, a[href], [tabindex='0']")]
  .filter((control) => control.checkVisibility() && !control.disabled && !control.closest("dialog"))
  .map((control) => control.getAttribute("aria-label") ?? (control.id || control.textContent))
"""
FOCUSED = """
const control = document.activeElement;
if (!document.hasFocus() || control === document.body) return null;
const { outlineStyle, outlineWidth } = getComputedStyle(control);
const shown = (node) => !node || (getComputedStyle(node).opacity > 0.9 && shown(node.parentElement));
return {
  name: control.getAttribute("aria-label") ?? (control.id || control.textContent),
  shown: shown(control),
  marked: control.matches("textarea, input[type=text]") || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2),
};
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(open_page: OpenPage, theme: str) -> None:
    if not axe.SOURCE.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("axe-core not found: run 'make browsers'")
    page = open_page(Setup(dark=theme == "dark"))
    assert page.run(f"return matchMedia('(prefers-color-scheme: {theme})').matches")
    assert {state: axe.violations(page) for state in tour(page)} == {state: [] for state in STATES}


def test_the_keyboard_reaches_every_control_and_the_focus_is_seen(page: Page) -> None:
    for state in tour(page):
        if state not in DIALOGS:
            assert set(page.run(CONTROLS)) - set(_walk(page)) == set(), state
            page.prompt.click()


def _walk(page: Page) -> list[str]:
    """The names of what Tab comes to, from the top of the page until it leaves it."""
    page.driver.find_element(By.TAG_NAME, "h1").click()
    names: list[str] = []
    while True:
        page.press(Keys.TAB)
        focused = page.run(FOCUSED)
        if focused is None or focused["name"] in names:
            return names
        until(lambda: _is_seen(page), within=3, what=f"the focus is seen on {focused}")
        names.append(focused["name"])


def _is_seen(page: Page) -> bool:
    focused = page.run(FOCUSED)
    return bool(focused["shown"] and focused["marked"])
