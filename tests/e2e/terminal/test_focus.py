"""Tests that the focus is never lost and always in view, and that typed text goes into the prompt."""

import json

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.editing import focused, open_themes, tab_to
from tests.e2e.page import Page
from tests.e2e.server import Server
from tests.e2e.waits import until

SIZES = [(640, 450), (320, 256), (667, 375), (1280, 660), (1280, 711)]
LOST = "return document.activeElement === document.body"
COVERED = """
const { activeElement: focused } = document;
const { left, right, top, bottom } = focused.getBoundingClientRect();
const [x, y] = [(left + right) / 2, (top + bottom) / 2];
const met = document.elementFromPoint(x, y);
return focused.contains(met) ? null : `${focused.id} at ${top} to ${bottom}, by ${met?.outerHTML.slice(0, 80)}`;
"""
NUMBER = "return document.activeElement.querySelector('.number')?.textContent"
CLOSE_IS_COVERED = "document.getElementById('theme-dialog-close').focus({ preventScroll: true });" + COVERED
DROP = """
const data = new DataTransfer();
data.items.add(new File([arguments[0]], "theme.json"));
const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
document.getElementById("theme-dialog").dispatchEvent(drop);
"""
SCHEME = {"background": "#000000", "foreground": "#ffffff"}
TWO_SCHEMES = json.dumps({"schemes": [{"name": name, **SCHEME} for name in ("Ink", "Coal")]}, indent=1)


def test_stop_leaves_the_focus_on_the_page(page: Page) -> None:
    for line in ("This is the first of three sentences.", "This is the second.", "This is the third."):
        page.say(line)
    page.button("stop").send_keys(Keys.ENTER)
    until(lambda: page.state == "idle", what="the queue is empty")
    assert not page.run(LOST)


def test_the_retry_button_keeps_the_focus_through_all_tries(page: Page, server: Server) -> None:
    server.kill()
    until(lambda: "reconnecting" in page.connection, what="the page reports the lost connection")
    retry = page.button("retry now")
    for _ in range(3):
        retry.send_keys(Keys.ENTER)
        until(lambda: "reconnecting" in page.connection, what="the try failed")
        assert focused(page)[1] == "retry now"
    server.start()
    until(lambda: page.connected, within=40, what="the page reconnects")
    assert focused(page)[0] == "prompt"
    page.faults()


def test_clearing_the_log_keeps_the_focus(page: Page) -> None:
    page.say("Hello, world.")
    page.entry("done")
    tab_to(page, "previous sentence", back=True)
    page.press(Keys.TAB, holding=Keys.SHIFT)
    page.press(Keys.ARROW_RIGHT)
    assert focused(page)[1] == "again 1"
    page.press("k", holding=Keys.CONTROL)
    page.press("clear the log", Keys.ENTER)
    until(lambda: page.entries == [], what="the log is empty")
    assert not page.run(LOST)


def test_the_log_is_one_tab_stop(page: Page) -> None:
    for line in ("One.", "Two.", "Three."):
        page.say(line)
    page.entry("done", place=2)
    tab_to(page, "previous sentence", back=True)
    page.press(Keys.TAB, holding=Keys.SHIFT)
    assert page.run(NUMBER) == "3"
    page.press(Keys.ARROW_UP, Keys.ARROW_UP)
    assert page.run(NUMBER) == "1"
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert focused(page)[1] == "copy 1"
    page.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.TAB)
    assert focused(page)[1] == "previous sentence"
    page.press(Keys.TAB, holding=Keys.SHIFT)
    assert page.run(NUMBER) == "1", "Tab returns to the same entry"
    page.press(Keys.TAB, holding=Keys.SHIFT)
    assert page.run(NUMBER) is None


def test_characters_typed_outside_the_prompt_go_to_the_prompt(page: Page) -> None:
    page.driver.find_element(By.TAG_NAME, "h1").click()
    page.run("document.activeElement.blur()")
    page.press("Hello there")
    assert page.typed == "Hello there"
    assert focused(page)[0] == "prompt"
    page.driver.find_element(By.ID, "menu").send_keys("x")
    assert page.typed == "Hello therex"


def test_keys_in_other_controls_do_not_reach_the_prompt(page: Page) -> None:
    page.driver.find_element(By.ID, "speed").send_keys("2")
    assert page.typed == ""
    page.driver.find_element(By.ID, "menu").send_keys(Keys.SPACE)
    palette = page.driver.find_element(By.ID, "command-palette")
    until(palette.is_displayed, what="a space presses the button")
    page.press("save")
    assert page.typed == ""
    page.press(Keys.ESCAPE)


def test_a_link_skips_to_the_prompt(page: Page) -> None:
    tab_to(page, "voice-button", back=True)
    page.press(Keys.TAB, holding=Keys.SHIFT)
    assert focused(page)[1] == "Skip to the prompt"
    assert page.run(COVERED) is None
    page.press(Keys.ENTER)
    until(lambda: focused(page)[0] == "prompt", what="the prompt has the focus")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_themes_open_with_the_focused_field_in_view(page: Page, width: int, height: int) -> None:
    page.resize(width, height)
    open_themes(page)
    until(lambda: focused(page)[0] == "theme-search", what="the field has the focus")
    assert page.run(COVERED) is None
    for text in ("o", "ocean", "nothing is called so"):
        page.press(text)
        assert page.run(COVERED) is None
    assert page.run(CLOSE_IS_COVERED) is None
    page.press(Keys.ESCAPE)


def test_a_broken_import_leaves_the_focus_in_the_dialog(page: Page) -> None:
    dialog = open_themes(page)
    page.run(DROP, TWO_SCHEMES)
    until(lambda: focused(page)[0] == "" and dialog.find_elements(By.NAME, "theme-scheme"), what="a scheme is offered")
    page.run(DROP, "{ broken")
    until(lambda: dialog.find_element(By.CSS_SELECTOR, ".import .error-text").text, what="the error is shown")
    assert not page.run(LOST)
    page.press(Keys.ESCAPE)
