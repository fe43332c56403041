"""What a screen reader says in the main journeys, compared with the transcripts beside this file.

``WRITE_TRANSCRIPTS=1`` writes the transcripts instead; read the difference before you commit it.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.page import Page
from tests.e2e.page_states import tour
from tests.e2e.screen_reader import SOURCE, ScreenReader
from tests.e2e.waits import until
from tests.programs import lacks

# The simulated screen reader reads the document, which does not depend on the browser.
pytestmark = pytest.mark.parametrize("engine", ["chromium"], indirect=True)

TRANSCRIPTS = Path(__file__).parent / "transcripts"
# Lengths of speech differ from run to run, because the voice varies its rhythm.
SECONDS = re.compile(r"\b\d+\.\d s\b")
REFERENCE = re.compile(r"reference [0-9a-f]+")
# WCAG 2.5.3: who speaks to a computer says what is written on the control.
UNSAYABLE = """
const words = (text) => text.toLowerCase().replace(/[^\\p{L}\\p{N} ]/gu, " ").split(" ").filter(Boolean).join(" ");
return [...document.querySelectorAll("button[aria-label], a[aria-label], [role=option][aria-label]")]
  .filter((node) => node.checkVisibility() && !words(node.ariaLabel).includes(words(node.innerText)))
  .map((node) => `${node.innerText}: ${node.ariaLabel}`);
"""


@pytest.fixture
def reader(page: Page) -> Iterator[ScreenReader]:
    """Yield a screen reader in the page."""
    if not SOURCE.exists():
        lacks("The virtual screen reader is missing: run 'npm ci'")
    reader = ScreenReader(page)
    yield reader
    reader.stop()


def matches_transcript(name: str, phrases: list[str]) -> None:
    """Compare what was said with a transcript."""
    said = [REFERENCE.sub("reference N", SECONDS.sub("N s", phrase)) for phrase in phrases if phrase]
    file = TRANSCRIPTS / f"{name}.txt"
    if os.environ.get("WRITE_TRANSCRIPTS"):
        file.write_text("\n".join(said) + "\n", encoding="utf-8")
    assert said == file.read_text("utf-8").splitlines()


def read_dialog(page: Page, reader: ScreenReader, name: str, selector: str, steps: int) -> None:
    """Compare the first ``steps`` items of a dialog with its transcript, and close it."""
    until(lambda: page.driver.find_elements(By.CSS_SELECTOR, f"{selector}[open]"), what=f"the {name} opens")
    reader.stop()
    reader.start(selector)
    reader.read_on(steps)
    matches_transcript(name, reader.spoken())
    page.press(Keys.ESCAPE)


def test_the_empty_page_is_read_from_the_title_to_the_prompt(reader: ScreenReader) -> None:
    reader.start()
    reader.read_on(45)
    matches_transcript("page", reader.spoken())


def test_a_spoken_text_is_not_announced_and_can_be_read(page: Page, reader: ScreenReader) -> None:
    reader.start()
    reader.spoken()
    page.say("Hello, world.")
    page.entry("done")
    assert reader.spoken() == [], "our voice speaks"
    reader.stop()
    reader.start("#log")
    reader.read_on(12)
    matches_transcript("log", reader.spoken())


def test_an_error_is_announced(page: Page, reader: ScreenReader) -> None:
    reader.start()
    reader.spoken()
    page.say("Привет")
    page.entry("error")
    page.say("/spede 2")
    until(lambda: "There is no command" in page.shown("hint"), what="the hint shows the error")
    matches_transcript("errors", reader.spoken())


def test_dialogs_are_read(page: Page, reader: ScreenReader) -> None:
    page.say("/help")
    read_dialog(page, reader, "help", "#help", 12)
    page.press("k", holding=Keys.CONTROL)
    page.press("stop")
    read_dialog(page, reader, "palette", "#command-palette", 8)


def test_a_text_has_the_language_of_its_voice(page: Page) -> None:
    page.say("Hello, world.")
    page.entry("done")
    assert page.driver.find_element(By.CSS_SELECTOR, ".entry .text").get_attribute("lang") == "en-US"


def test_names_contain_the_visible_label(page: Page) -> None:
    assert {state: found for state in tour(page) if (found := page.run(UNSAYABLE))} == {}
