"""Accessibility: no axe-core violations, and every control is reachable by keyboard."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e import axe
from tests.e2e.conftest import OpenPage
from tests.e2e.engines import Setup
from tests.e2e.page import Page
from tests.e2e.page_states import STATES, tour
from tests.e2e.waits import until
from tests.programs import lacks

DIALOGS = {"palette", "help"}
PREFERS = "return matchMedia(`(prefers-color-scheme: ${arguments[0]})`).matches"
CONTROLS = """
return [...document.querySelectorAll("button, select, textarea, input, a[href], [tabindex='0']")]
  .filter((control) => control.checkVisibility() && !control.disabled && !control.closest("dialog, .skip-link"))
  // The arrow keys reach the log's other entries and their buttons.
  .filter((control) => control.tabIndex >= 0)
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


@pytest.fixture
def _axe() -> None:
    if not axe.SOURCE.exists():
        lacks("axe-core not found: run 'make browsers'")


@pytest.mark.usefixtures("_axe")
def test_axe_reports_no_violation_in_the_light_theme(page: Page) -> None:
    assert page.run(PREFERS, "light")
    assert {state: axe.violations(page) for state in tour(page)} == {state: [] for state in STATES}


@pytest.mark.usefixtures("_axe")
def test_axe_reports_no_violation_in_the_dark_theme(open_page: OpenPage) -> None:
    page = open_page(Setup(dark=True))
    assert page.run(PREFERS, "dark")
    assert {state: axe.violations(page) for state in tour(page)} == {state: [] for state in STATES}


def test_every_control_is_reachable_by_keyboard_with_visible_focus(page: Page) -> None:
    for state in tour(page):
        if state not in DIALOGS:
            assert _unreached(page) == set(), state
            page.prompt.click()


def _unreached(page: Page) -> set[str]:
    """Return the names of the controls that Tab does not reach from the top of the page."""
    controls = set(page.run(CONTROLS))
    page.driver.find_element(By.TAG_NAME, "h1").click()
    for _ in range(2 * len(controls)):
        page.press(Keys.TAB)
        if page.run(FOCUSED) is not None:
            controls.discard(
                until(lambda: _focused_name(page), within=3, what=f"the focus on {page.run(FOCUSED)} is visible")
            )
        if not controls:
            break
    return controls


def _focused_name(page: Page) -> str:
    focused = page.run(FOCUSED)
    return str(focused["name"]) if focused and focused["shown"] and focused["marked"] else ""
