"""The prompt: commands, history, and texts that cannot be spoken."""

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.e2e.page import Page
from tests.e2e.waits import until

REFUSALS = {
    "/voice nobody": "joe",
    "/speed 9": "0.25 to 4",
    "/speed fast": "0.25 to 4",
    "/replay 7": "7",
    "/hlep": "/help",
    "/etc/passwd": "//etc/passwd",
}
CHOICES = [("/speed 1.5", "speed", "1.5×"), ("/speed 1,3", "speed", "1.3×"), ("/voice JOE", "voice", "Joe")]
KEYS = "return [...document.querySelectorAll('#help kbd')].map((key) => key.textContent)"


def test_help_lists_keys_and_commands(page: Page) -> None:
    page.say("/help")
    until(lambda: page.driver.find_elements(By.ID, "help"), what="the help opens")
    assert {"Enter", "Esc", "/speed [number]", "/clear"} <= set(page.run(KEYS))
    page.press(Keys.ESCAPE)
    until(lambda: not page.driver.find_elements(By.ID, "help"), what="Esc closes the dialog")
    assert page.typed == ""


def test_a_command_without_an_argument_shows_the_selection(page: Page) -> None:
    page.say("/speed")
    assert page.typed == ""
    assert "1×" in page.shown("hint")


def test_an_error_message_gives_advice_and_the_input_stays(page: Page) -> None:
    for line, answer in REFUSALS.items():
        page.say(line)
        assert answer in page.shown("hint")
        assert page.typed == line
        page.prompt.clear()
    assert page.entries == []


def test_commands_update_the_voice_controls(page: Page) -> None:
    for line, chooser, choice in CHOICES:
        page.say(line)
        assert page.typed == ""
        _is_chosen(page, chooser, choice)


def test_clear_empties_the_log(page: Page) -> None:
    page.say("Hello, world.")
    page.entry("done")
    page.say("/clear")
    assert page.entries == []
    assert page.button("Hello, world.").is_displayed()


def test_history_restores_lines_and_the_draft(page: Page) -> None:
    for line in ("/pause", "/speed"):
        page.say(line)
    page.prompt.send_keys("a draft")
    seen = []
    for key in (Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_DOWN, Keys.ARROW_DOWN):
        page.press(key)
        seen.append(page.typed)
    assert seen == ["/speed", "/pause", "/speed", "a draft"]


def test_tab_completes_a_command(page: Page) -> None:
    page.prompt.send_keys("/he", Keys.TAB)
    assert page.typed == "/help"


@pytest.mark.parametrize("text", ["Привет, мир", "!?!"])
def test_an_unspeakable_text_is_reported_in_the_log_and_can_be_edited(page: Page, text: str) -> None:
    page.say(text)
    assert page.entry("error").text == text
    lines = until(lambda: page.entries[0].shown, what="the entry is drawn")
    problem = lines[-1]
    assert re.search(r"\. \(reference [0-9a-f]{8}\)$", problem)
    assert page.shown("announcements") in {problem, ""}
    assert page.state == "error"
    page.button("edit 1").click()
    assert page.typed == text
    assert page.run("return document.activeElement.id") == "prompt"


def test_markup_is_displayed_as_text(page: Page) -> None:
    text = "<img src=x onerror=alert(1)> is <b>text</b> & nothing else."
    page.say(text)
    until(lambda: page.entries, what="the entry is drawn")
    assert page.entries[0].text == text
    assert page.run("return document.querySelectorAll('#log img, #log b').length") == 0
    page.press(Keys.ESCAPE)


def test_the_palette_finds_and_runs_a_command(page: Page) -> None:
    page.press("k", holding=Keys.CONTROL)
    palette = page.driver.find_element(By.ID, "command-palette")
    assert palette.is_displayed()
    page.press("speed 1.25", Keys.ENTER)
    assert not palette.is_displayed()
    _is_chosen(page, "speed", "1.25×")


def _is_chosen(page: Page, chooser: str, choice: str) -> None:
    select = Select(page.driver.find_element(By.ID, chooser))
    until(lambda: select.first_selected_option.text == choice, what=f"{choice} is selected")
