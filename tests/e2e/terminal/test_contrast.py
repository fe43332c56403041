"""Tests with axe-core the contrast of all text that the page paints, in every shipped preset."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e import axe
from tests.e2e.editing import open_themes
from tests.e2e.page import Page
from tests.e2e.theme_assertions import PRESETS, VARIABLES
from tests.programs import lacks

PAINT = """
const [colors, variables, scheme] = arguments;
for (const [name, color] of Object.entries(colors)) document.documentElement.style.setProperty(variables[name], color);
document.documentElement.style.setProperty("color-scheme", scheme);
"""
# A copy of the spoken entry in every state, for a page has never all of them at once.
ALL_STATES = """
const list = document.getElementById("log-entries");
for (const state of ["queued", "processing", "speaking", "paused", "done", "stopped", "error"]) {
  const copy = list.lastElementChild.cloneNode(true);
  copy.dataset.state = copy.querySelector(".status").textContent = state;
  list.prepend(copy);
}
const [sentence, mark] = [document.createElement("span"), document.createElement("mark")];
sentence.className = "sentence";
mark.append("world.");
sentence.append("Hello, ", mark);
list.lastElementChild.querySelector(".text > p").replaceChildren(sentence);
"""


@pytest.fixture(autouse=True)
def _axe() -> None:
    if not axe.SOURCE.exists():
        lacks("axe-core not found: run 'make browsers'")


def faint(page: Page, voices: tuple[str, ...] = ("idle",)) -> dict[tuple[str, str], list[str]]:
    """Return the elements with too little contrast, by preset and state of the voice."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, preset in PRESETS.items():
        page.run(PAINT, preset["colors"], VARIABLES, preset["scheme"])
        for voice in voices:
            page.run("document.querySelector('footer').dataset.voice = arguments[0]", voice)
            found[name, voice] = axe.violations(page, ["color-contrast"])
    return {where: problems for where, problems in found.items() if problems}


def test_the_page_can_be_read_in_every_preset(page: Page) -> None:
    page.say("Hello, world.")
    page.entry("done")
    page.run(ALL_STATES)
    assert faint(page, ("idle", "processing", "speaking", "error")) == {}


def test_the_dialogs_can_be_read_in_every_preset(page: Page) -> None:
    page.press("k", holding=Keys.CONTROL)
    assert faint(page) == {}
    page.press(Keys.ESCAPE)
    page.say("/help")
    assert faint(page) == {}
    page.press(Keys.ESCAPE)
    open_themes(page)
    assert faint(page) == {}
    page.press(Keys.ESCAPE)
