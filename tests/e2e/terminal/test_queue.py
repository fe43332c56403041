"""Tests a queue of many parts: seeks, scrolling with the speech, and continuing after a stop."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.page import Page
from tests.e2e.waits import until

PARTS = "\n\n".join(f"This is part {n}. " + "It is a text that has many words in it. " * 23 for n in range(20))
CREATES = "return __probe.sent.filter(({ type }) => type === 'speech.create').length"
CLICK_THE_BAR = """
const { left, top, width, height } = document.querySelector("[role=slider]").getBoundingClientRect();
const bar = document.querySelector("[role=slider]");
const at = { clientX: left + width * arguments[0], clientY: top + height / 2, button: 0, pointerId: 1, bubbles: true };
bar.setPointerCapture = () => {};
for (const type of ["pointerdown", "pointerup"]) bar.dispatchEvent(new PointerEvent(type, at));
"""
# Counts highlighted words, whose view the page follows.
WORDS = "return __probe.marks.length"
AWAY = "return document.querySelector('mark:not(:empty)').getBoundingClientRect().bottom < 0"


def speak_parts(page: Page) -> None:
    page.paste(PARTS)
    page.press(Keys.ENTER)
    page.entry("speaking", place=0)


def length(page: Page) -> float:
    """Return the length of the current part in seconds."""
    shown = page.driver.find_element(By.CSS_SELECTOR, ".time").text
    return float(shown.split("/")[1].strip(" ~s")) if "/" in shown else 0.0


def test_four_seeks_are_four_requests(page: Page) -> None:
    speak_parts(page)
    before = page.run(CREATES)
    for share in (0.9, 0.5, 0.8, 0.6):
        page.run(CLICK_THE_BAR, share)
    assert page.run(CREATES) - before <= 4
    page.entry("speaking", place=0)
    page.press(Keys.ESCAPE)


def test_a_scroll_to_the_end_is_not_undone(page: Page, engine: str) -> None:
    speak_parts(page)
    for key in (Keys.END, Keys.PAGE_UP):
        page.driver.find_element(By.TAG_NAME, "h1").click()
        if engine == "webkit":  # Its driver's keys do not scroll.
            page.run("scrollTo(0, document.body.scrollHeight)")
        else:
            page.press(key)
        until(lambda: page.run(AWAY), what="the spoken word is out of view")
        heard = page.run(WORDS)
        until(lambda: page.run(WORDS) >= heard + 5, what="five more words are spoken")  # noqa: B023 - called here
        assert page.run(AWAY), key
    page.press(Keys.ESCAPE)


def test_a_stopped_queue_continues(page: Page) -> None:
    speak_parts(page)
    page.press(Keys.ESCAPE)
    page.entry("stopped", place=0)
    until(lambda: page.state == "idle", what="the queue is empty")
    page.button("continue with 20 stopped texts").click()
    page.entry("speaking", place=0)
    assert {entry.state for entry in page.entries[1:]} == {"queued"}
    page.press(Keys.ESCAPE)
    page.press(Keys.F8)
    page.entry("speaking", place=0)
    page.press(Keys.ESCAPE)


def test_a_change_of_speed_applies_immediately(page: Page) -> None:
    speak_parts(page)
    slow = until(lambda: length(page), what="the length is known")
    before = page.sound.now()
    page.say("/speed 2")
    page.sound.begins(since=before)
    until(lambda: "speed" not in page.typed, what="the command ran")
    until(lambda: 0 < length(page) < slow * 0.7, what="the length is that of the new speed")
    page.press(Keys.ESCAPE)
