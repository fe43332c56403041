"""Autoplay policy: browsers play audio only after a user gesture; typing is one, and without one the page says so."""

from selenium.webdriver.common.by import By

from tests.e2e.page import Page
from tests.e2e.waits import until

HELD_BACK = "return new AudioContext().state"
SPEAK_UNASKED = """
document.getElementById("prompt").value = "Hello, world.";
document.getElementById("speak-form").requestSubmit();
"""


def test_typing_unlocks_the_audio_context(page: Page) -> None:
    assert page.run(HELD_BACK) == "suspended"
    page.say("Hello, world.")
    page.sound.begins()
    page.entry("done")


def test_blocked_audio_is_reported_and_a_tap_resumes_it(page: Page) -> None:
    assert page.run(HELD_BACK) == "suspended"
    page.run(SPEAK_UNASKED)
    button = page.driver.find_element(By.ID, "unblock-audio")
    until(button.is_displayed, what="the page reports blocked audio")
    assert page.sound.loud() == []
    button.click()
    page.sound.begins()
    page.entry("done")
    assert not button.is_displayed()
