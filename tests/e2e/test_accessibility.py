"""Everybody can use it: axe-core finds nothing to object to, and a keyboard reaches everything."""

import os
from collections.abc import Callable

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e import axe
from tests.e2e.conftest import OpenPage
from tests.e2e.engines import Setup
from tests.e2e.page import Page
from tests.e2e.waiting import until

LONG = "A sentence that is long enough to be looked at while it is spoken. " * 4
CONTROLS = """
return [...document.querySelectorAll("button, select, textarea, input, a[href], [tabindex='0']")]
  .filter((control) => control.checkVisibility() && !control.disabled && !control.closest("dialog:not([open])"))
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


def empty(page: Page) -> None:
    """As it is opened."""


def speaking(page: Page) -> None:
    """One is spoken, another waits."""
    page.say(LONG)
    page.say("And then this.")
    page.entry("speaking", place=0)


def paused(page: Page) -> None:
    """One is interrupted."""
    speaking(page)
    page.press(Keys.F8)
    page.entry("paused", place=0)


def done(page: Page) -> None:
    """All is spoken."""
    page.say("Hello, world.")
    page.entry("done")


def refused(page: Page) -> None:
    """A text could not be spoken, and a command is not known."""
    page.say("Привет")
    page.entry("error")
    page.say("/nothing")


def palette(page: Page) -> None:
    """All commands are listed."""
    page.press("k", holding=Keys.CONTROL)
    until(page.driver.find_element("id", "palette").is_displayed, what="the palette is open")


def helped(page: Page) -> None:
    """The help is open."""
    page.say("/help")
    until(page.driver.find_element("id", "help").is_displayed, what="the help is open")


STATES: list[Callable[[Page], None]] = [empty, speaking, paused, done, refused, palette, helped]


@pytest.fixture
def _axe() -> None:
    if not axe.SOURCE.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("axe-core not found: run 'make browsers'")


@pytest.mark.usefixtures("_axe")
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing_in_the_light_theme(page: Page, state: Callable[[Page], None]) -> None:
    state(page)
    assert axe.violations(page) == []


@pytest.mark.usefixtures("_axe")
def test_axe_finds_nothing_in_the_dark_theme(open_page: OpenPage) -> None:
    page = open_page(Setup(dark=True))
    assert page.run("return matchMedia('(prefers-color-scheme: dark)').matches")
    found = {}
    for state in STATES:
        page.open()
        state(page)
        found[state.__name__] = axe.violations(page)
    assert found == {state.__name__: [] for state in STATES}


@pytest.mark.parametrize("state", [empty, paused, done, refused], ids=lambda state: state.__name__)
def test_the_keyboard_reaches_every_control_and_the_focus_is_seen(page: Page, state: Callable[[Page], None]) -> None:
    state(page)
    # Tab completes a command; an empty prompt lets it go on.
    page.run("document.getElementById('text').value = ''")
    assert set(page.run(CONTROLS)) - set(_walk(page)) == set()


def _walk(page: Page) -> list[str]:
    """The names of what Tab comes to, from the top of the page until it leaves it."""
    page.driver.find_element("tag name", "h1").click()
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
