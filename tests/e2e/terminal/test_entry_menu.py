"""Tests the menu of a log entry, the order of the queue, and the search in the log."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.editing import focused
from tests.e2e.page import Page
from tests.e2e.waits import until

FIRST = " ".join(["The first is long enough to be spoken while the others are moved."] * 5)
LINES = [FIRST, "Number two.", "Number three.", "Number four."]
QUEUE = "return alphanumeric.state().items.map(({ number }) => number)"


def choose(page: Page, entry: int, *choices: str) -> None:
    """Run actions of an entry's menu by keyboard, and close it if it is still open."""
    page.button(f"more {entry}").send_keys(Keys.ENTER)
    menu = until(lambda: page.driver.find_elements(By.CSS_SELECTOR, ".entry-menu"), what="the menu opens")[0]
    for choice in choices:
        menu.find_element(By.XPATH, f".//button[.='{choice}']").send_keys(Keys.ENTER)
    if page.driver.find_elements(By.CSS_SELECTOR, ".entry-menu[open]"):
        page.press(Keys.ESCAPE)
    until(lambda: not page.driver.find_elements(By.CSS_SELECTOR, ".entry-menu"), what="the menu closes")


def test_the_queue_is_reordered_and_edited_by_keyboard(page: Page) -> None:
    for line in LINES:
        page.say(line)
    page.entry("speaking", place=0)
    page.press(Keys.F8)
    choose(page, 4, "move up", "move up")
    assert page.run(QUEUE) == [1, 4, 2, 3]
    assert [entry.text for entry in page.entries] == [LINES[0], LINES[3], LINES[1], LINES[2]]
    choose(page, 3, "speak next")
    choose(page, 4, "remove")
    assert page.run(QUEUE) == [1, 3, 2]
    choose(page, 2, "edit")
    assert page.typed == LINES[1]
    page.press(" And more.")
    page.press(Keys.ENTER, holding=Keys.CONTROL)
    until(lambda: page.run(QUEUE) == [1, 5, 3], what="the edited text comes next")
    page.press(Keys.ESCAPE)


def test_a_search_finds_and_focuses_the_entry(page: Page) -> None:
    for line in LINES[1:]:
        page.say(line)
    page.say("/find TWO")
    option = until(lambda: page.driver.find_elements(By.XPATH, "//li[@role='option'][contains(., '1: ')]"))
    assert option[0].text.startswith("1: Number two.")
    page.press(Keys.ENTER)
    until(lambda: focused(page)[1].startswith("1Number two."), what="the entry has the focus")
    page.press(Keys.ESCAPE)
