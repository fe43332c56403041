"""It fits a small phone, and fingers."""

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.e2e.axe import SETTLED
from tests.e2e.page import Page
from tests.e2e.test_accessibility import STATES, done, paused
from tests.e2e.waiting import until

SMALL = (320, 640)
FINGER = 44
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
TARGETS = """
return [...document.querySelectorAll("button, select, textarea, input, a[href], [role=slider], [role=option]")]
  .filter((control) => control.checkVisibility() && !control.closest("dialog:not([open])"))
  .map((control) => {
    const { width, height } = control.getBoundingClientRect();
    return { name: control.getAttribute("aria-label") ?? (control.id || control.textContent), width, height };
  })
"""
HIDDEN_ROWS = "const text = document.getElementById('text'); return text.scrollHeight - text.clientHeight"
MET = """
const met = {};
for (const button of document.querySelectorAll("[role=log] li:last-child button")) {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const places = [left + 2, (left + right) / 2, right - 2];
  met[button.textContent] = places.every((x) => document.elementFromPoint(x, (top + bottom) / 2) === button);
}
return met;
"""
UNBROKEN = "word" * 40


def queued(page: Page) -> None:
    """One is interrupted, another waits."""
    paused(page)
    page.say("And then this.")


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_small_phone_has_room_for_all_and_for_fingers(page: Page, state: Callable[[Page], None]) -> None:
    page.resize(*SMALL)
    page.open()
    state(page)
    assert page.run(OVERFLOW) == 0
    assert [target for target in page.run(TARGETS) if _is_small(target)] == []


def test_a_word_without_end_is_broken(page: Page) -> None:
    page.resize(*SMALL)
    page.say(UNBROKEN)
    page.entry("speaking")
    assert page.run(OVERFLOW) == 0


@pytest.mark.parametrize("state", [done, queued], ids=lambda state: state.__name__)
def test_a_mouse_meets_the_buttons_of_a_line_and_nothing_before_them(page: Page, state: Callable[[Page], None]) -> None:
    state(page)
    entry = page.driver.find_element(By.CSS_SELECTOR, "[role=log] li:last-child")
    ActionChains(page.driver).move_to_element(entry).perform()
    until(lambda: page.run(SETTLED) and page.run(MET), what="the buttons are shown")
    assert all(page.run(MET).values()), page.run(MET)


def test_the_prompt_follows_when_the_phone_is_turned(page: Page) -> None:
    page.prompt.send_keys("A line that is so long that a narrow screen needs several rows to show all of it at once.")
    page.resize(*SMALL)
    until(lambda: page.run(HIDDEN_ROWS) <= 0, what="all rows of the prompt are seen")
    assert page.prompt.size["height"] >= FINGER


def _is_small(target: dict[str, Any]) -> bool:
    # Browsers lay out in fractions of a pixel.
    return bool(min(target["width"], target["height"]) < FINGER - 0.5)
