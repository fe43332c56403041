"""The dialog that shows how a text is read, and the correction of a word for all tabs."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.axe import violations
from tests.e2e.editing import focused
from tests.e2e.page import Page
from tests.e2e.terminal.test_accessibility import _axe  # noqa: F401 - a fixture
from tests.e2e.users import Person, sign_up
from tests.e2e.waits import until

TEXT = "Dr. Acme paid $3.50. It was cheap."
WORDS = "return [...document.querySelectorAll('.sentences .word')].map((word) => word.textContent)"
HEARD = "const sound = document.querySelector('#reading-dialog audio'); return sound.currentTime > 0 && !sound.error"


def words(page: Page) -> list[str]:
    """Wait for the words of the dialog, and return their names."""
    return list(until(lambda: page.run(WORDS), what="the words are shown"))


def named(page: Page, start: str) -> WebElement:
    return page.driver.find_element(By.XPATH, f"//ol[@class='sentences']//button[starts-with(., '{start}')]")


@pytest.mark.usefixtures("_axe")
def test_visitors_see_how_a_text_is_read(page: Page) -> None:
    page.say(f"/explain {TEXT}")
    assert words(page)[:4] == [
        "correct Dr., read as doctor, abbreviation",
        "correct Acme",
        "correct paid",
        "correct $3.50., read as three dollars and fifty cents, money",
    ]
    assert len(page.driver.find_elements(By.CSS_SELECTOR, ".sentences li")) == 2
    page.button("phonemes").click()
    assert "dˈɑːktɚ" in page.driver.find_element(By.CSS_SELECTOR, ".phonemes").text
    assert violations(page) == []
    named(page, "correct Acme").click()
    assert "Sign in to correct words" in page.shown("reading-dialog")
    page.press(Keys.ESCAPE)
    until(lambda: not page.driver.find_elements(By.ID, "reading-dialog"), what="Esc closes the dialog")
    assert page.entries == []


@pytest.mark.usefixtures("_axe")
def test_a_correction_applies_in_all_tabs_without_a_reload(page: Page) -> None:
    sign_up(page, Person())
    page.open()
    other = page.open_another()
    page.say(f"/explain {TEXT}")
    words(page)
    named(page, "correct Acme").click()
    page.press("ack", Keys.ENTER)
    until(lambda: "correct Acme, read as ack" in words(page), what="the word is read as corrected")
    until(lambda: "Acme" in focused(page)[1], what="the corrected word has the focus")
    named(page, "correct Acme").click()
    until(lambda: page.button("delete the correction").is_displayed(), what="the correction is found again")
    field = page.driver.find_element(By.ID, "correction-respelling")
    field.clear()
    assert violations(page) == []
    page.driver.find_element(By.ID, "correction-ipa").send_keys("中", Keys.ENTER)
    invalid = "#correction-ipa[aria-invalid=true]"
    until(lambda: page.driver.find_elements(By.CSS_SELECTOR, invalid), what="the wrong field is marked")
    page.driver.find_element(By.ID, "correction-ipa").clear()
    field.send_keys("ache me")
    page.button("hear it").click()
    until(lambda: page.run(HEARD), within=30, what="the correction is heard")
    page.button("save").click()
    until(lambda: "correct Acme, read as ache me" in words(page), what="the correction has changed")
    other.say("Acme was cheap.")
    other.entry("done")
    other.button("more 1").send_keys(Keys.ENTER)
    until(lambda: other.driver.find_elements(By.CSS_SELECTOR, ".entry-menu"), what="the menu opens")
    other.button("how is it read?").click()
    assert words(other)[0] == "correct Acme, read as ache me"
