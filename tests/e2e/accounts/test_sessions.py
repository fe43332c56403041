"""Two tabs speak concurrently, and each plays only its own audio."""

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from tests.e2e.page import Page
from tests.e2e.sound import same_audio, saved

ALICE = "Alice reads a sentence of her own, which is long enough."
BOB = "Meanwhile Bob is listening to something else, in his tab."


@pytest.fixture
def two_tabs(page: Page) -> dict[str, str]:
    """Handles of two tabs with the terminal, by the text that is to be spoken there."""
    driver = page.driver
    first = driver.current_window_handle
    driver.switch_to.new_window("window")
    Page(driver, page.url).open()
    return {ALICE: first, BOB: driver.current_window_handle}


def test_each_tab_receives_only_its_own_audio(page: Page, two_tabs: dict[str, str]) -> None:
    try:
        for text, handle in two_tabs.items():
            page.driver.switch_to.window(handle)
            page.say(text)
        for text, handle in two_tabs.items():
            page.driver.switch_to.window(handle)
            page.entry("done", within=30)
            assert [entry.text for entry in page.entries] == [text]
            assert same_audio(page.sound.samples(), saved(page.url, text))
            assert page.faults() == []
    finally:
        _close(page.driver, two_tabs[BOB], two_tabs[ALICE])


def _close(driver: WebDriver, extra: str, back: str) -> None:
    driver.switch_to.window(extra)
    driver.close()
    driver.switch_to.window(back)
