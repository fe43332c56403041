"""All states of the page, for checks that apply to each of them."""

from collections.abc import Iterator

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.page import Page
from tests.e2e.waits import until

LONG = "A sentence that is long enough to be looked at while it is spoken. " * 4
STATES = ["empty", "palette", "help", "done", "error", "speaking", "paused"]


def tour(page: Page) -> Iterator[str]:
    """Take a newly opened page through its states; yields the name of each."""
    yield "empty"
    page.press("k", holding=Keys.CONTROL)
    yield from _dialog(page, "palette", "command-palette")
    page.say("/help")
    yield from _dialog(page, "help", "help")
    page.say("Hello, world.")
    page.entry("done")
    yield "done"
    page.say("Привет")
    page.entry("error")
    yield "error"
    page.say(LONG)
    page.say("And then this.")
    page.entry("speaking", place=-2)
    yield "speaking"
    page.press(Keys.F8)
    page.entry("paused", place=-2)
    yield "paused"


def _dialog(page: Page, name: str, element_id: str) -> Iterator[str]:
    def is_open() -> bool:
        return any(dialog.is_displayed() for dialog in page.driver.find_elements(By.ID, element_id))

    until(is_open, what=f"the {name} opens")
    yield name
    page.press(Keys.ESCAPE)
    until(lambda: not is_open(), what=f"Esc closes the {name}")
