"""Long texts start immediately, and a stop ends playback."""

from selenium.webdriver.common.keys import Keys

from tests.e2e.page import Page
from tests.e2e.waits import until

LONGEST_PASTE = 1_000_000
PASTE = 100_000
LONG = "This sentence is one of very many, and they all want to be heard. " * 2000
SILENT_WITHIN_MS = 200
PARTS = "return alphanumeric.state().items"


def test_a_long_paste_is_split_counted_spoken_and_stopped(page: Page) -> None:
    text = LONG[:PASTE].rstrip()
    page.paste(text)
    assert f"{len(text):,} characters" in page.shown("hint")
    page.press(Keys.ENTER)
    began = page.sound.begins() - page.sound.pressed("Enter")
    assert began < 3000, "milliseconds from Enter to the first audio"

    assert len(page.run(PARTS)) >= 100
    assert [entry.text.replace("\n\n", " ") for entry in page.entries] == [text]

    page.press(Keys.ESCAPE)
    assert page.sound.is_silent(page.sound.pressed("Escape") + SILENT_WITHIN_MS, for_ms=1500)
    assert page.state == "idle"
    assert {entry.state for entry in page.entries} == {"stopped"}
    assert page.run(PARTS) == []


def test_a_text_over_the_limit_is_rejected_and_stays_in_the_prompt(page: Page) -> None:
    text = "x" * (LONGEST_PASTE + 1)
    page.paste(text)
    page.press(Keys.ENTER)
    assert "1,000,000 at a time" in page.shown("hint")
    assert page.typed == text
    assert page.entries == []


def test_an_utterance_after_a_stop_is_played_completely(page: Page) -> None:
    page.say("This is a sentence that nobody will hear to its end, because it is stopped long before that.")
    page.sound.begins()
    page.press(Keys.ESCAPE)
    stopped = page.sound.pressed("Escape")
    page.entry("stopped")
    page.say("Hello, world.")
    page.sound.begins(since=stopped + SILENT_WITHIN_MS)
    page.entry("done")


def test_one_queued_utterance_is_removed(page: Page) -> None:
    for line in ("One is spoken first, and it takes its time.", "Two is taken out.", "Three comes next."):
        page.say(line)
    page.entry("speaking", place=0)
    page.button("remove 2").click()
    page.entry("done", place=2)
    assert [entry.state for entry in page.entries] == ["done", "stopped", "done"]
    until(lambda: page.state == "idle", what="the queue is empty")
