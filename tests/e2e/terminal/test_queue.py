"""Tests a document of many parts: the player, seeks, scrolling with the speech, and continuing after a stop."""

from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

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
CLICK_THE_TEXT = """
const [paragraph, offset] = arguments;
const range = document.createRange();
range.setStart(paragraph.firstChild, offset);
range.setEnd(paragraph.firstChild, offset + 1);
const { left, top, height } = range.getBoundingClientRect();
const at = { clientX: left + 2, clientY: top + height / 2, bubbles: true };
document.elementFromPoint(at.clientX, at.clientY).dispatchEvent(new MouseEvent("click", at));
"""
# The player's buttons that are covered or out of view.
IN_REACH = """
return [...document.querySelectorAll("#player button")].filter((button) => {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  return !button.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
}).map((button) => button.ariaLabel)
"""
# Counts highlighted words, whose view the page follows.
WORDS = "return __probe.marks.length"
# Between two sentences, no word is marked.
AWAY = "return document.querySelector('mark:not(:empty)')?.getBoundingClientRect().bottom < 0"


def speak_parts(page: Page) -> None:
    page.paste(PARTS)
    page.press(Keys.ENTER)
    page.entry("speaking", place=0)


def parts(page: Page) -> list[dict[str, Any]]:
    return list(page.run("return alphanumeric.state().items"))


def spoken(page: Page, words: str, since: int = 0) -> None:
    """Wait until the word after ``words`` in its paragraph is marked."""
    until(lambda: words in page.recorded("marks")[since:], what=f"{words} is spoken")


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
        until(lambda: page.run(AWAY), within=2, what=f"the spoken word is still out of view after {key!r}")
    page.press(Keys.ESCAPE)


def test_a_text_of_many_paragraphs_is_one_entry_that_continues_after_a_stop(page: Page) -> None:
    speak_parts(page)
    assert [entry.text for entry in page.entries] == [PARTS.strip()]
    assert len(parts(page)) == 20
    page.press(Keys.ESCAPE)
    page.entry("stopped", place=0)
    until(lambda: page.state == "idle", what="the queue is empty")
    page.button("continue").click()
    page.entry("speaking", place=0)
    assert len(parts(page)) == 20
    page.press(Keys.ESCAPE)
    page.press(Keys.F8)
    page.entry("speaking", place=0)
    page.press(Keys.ESCAPE)
    page.button("continue 1").click()
    page.entry("speaking", place=0)
    page.press(Keys.ESCAPE)


def test_the_player_skips_sentences_and_paragraphs(page: Page) -> None:
    speak_parts(page)
    spoken(page, "is")
    known = len(page.recorded("marks"))
    page.button("next sentence").click()
    spoken(page, "It", known)
    page.press(Keys.F9, holding=Keys.SHIFT)
    spoken(page, "1.", known)
    assert len(parts(page)) == 19
    known = len(page.recorded("marks"))
    page.press(Keys.F7, holding=Keys.SHIFT)
    spoken(page, "0.", known)
    assert len(parts(page)) >= 20, "a part without known timing is split"
    page.press(Keys.ESCAPE)


def test_a_click_jumps_to_the_sentence(page: Page) -> None:
    speak_parts(page)
    third = page.driver.find_elements(By.CSS_SELECTOR, ".text > p")[2]
    page.run("arguments[0].scrollIntoView({ block: 'center' })", third)
    page.run(CLICK_THE_TEXT, third, len("This is part 2. It is a t"))
    until(lambda: "It" in page.recorded("marks")[-3:] and len(parts(page)) == 18, what="the sentence is spoken")
    assert page.run("return document.querySelector('.sentence').closest('p') === arguments[0]", third)
    page.press(Keys.ESCAPE)


def test_a_change_of_speed_applies_immediately(page: Page) -> None:
    speak_parts(page)
    slow = until(lambda: parts(page)[0]["total"], what="the length is known")
    before = page.sound.now()
    page.say("/speed 2")
    page.sound.begins(since=before)
    until(lambda: 0 < parts(page)[0]["total"] < slow * 0.7, what="the length is that of the new speed")
    assert Select(page.driver.find_element(By.ID, "player-speed")).first_selected_option.text == "2.0×"
    Select(page.driver.find_element(By.ID, "player-speed")).select_by_value("1.0")
    until(lambda: parts(page)[0]["speed"] == 1, what="the player's speed applies, too")
    page.press(Keys.ESCAPE)


def test_the_player_stays_in_reach(page: Page) -> None:
    page.resize(320, 256)
    speak_parts(page)
    for scroll in ("scrollTo(0, 0)", "scrollTo(0, document.body.scrollHeight / 2)"):
        page.run(scroll)
        assert page.run(IN_REACH) == []
    page.press(Keys.ESCAPE)
