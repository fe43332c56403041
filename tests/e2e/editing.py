"""The theme editor and the list of themes, used with a keyboard."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.page import Page
from tests.e2e.waits import until

FURTHEST = 150
FOCUSED = """
const { activeElement: now } = document;
return [now.id, now.ariaLabel ?? (now.matches("input, select, textarea, body") ? "" : now.textContent.trim())];
"""
STICKING_OUT = """
return [...document.querySelectorAll(`${arguments[0]}, ${arguments[0]} *`)]
  .filter((node) => node.checkVisibility() && !node.matches("option"))
  .map((node) => [node.id || node.className || node.tagName, node.getBoundingClientRect()])
  .filter(([, { left, right }]) => left < -0.5 || right > innerWidth + 0.5)
  .map(([what, { left, right }]) => `${what}: ${left} to ${right}`);
"""


def edit(page: Page) -> WebElement:
    """Open the editor from the prompt."""
    page.say("/theme edit")
    editor = until(lambda: page.driver.find_element(By.ID, "editor"), what="the editor comes")
    until(lambda: focused(page)[0] == "editor-title", what="the editor has the focus")
    return editor


def open_themes(page: Page) -> WebElement:
    """Open the list of themes from the prompt."""
    page.say("/theme")
    return themes(page)


def themes(page: Page) -> WebElement:
    """The list of themes, once it is here."""
    dialog = until(lambda: page.driver.find_element(By.ID, "theme-dialog"), what="the list of themes comes")
    until(lambda: dialog.get_attribute("aria-busy") == "false" and dialog.is_displayed(), what="the list is whole")
    return dialog


def focused(page: Page) -> tuple[str, str]:
    """What has the focus: its id and its name."""
    own, name = page.run(FOCUSED)
    return own, name


def tab_to(page: Page, wanted: str, *, back: bool = False) -> None:
    """Press Tab, or Shift and Tab, until the focus is on what has that id or name.

    Not around the whole page: that leads through the browser's own buttons, from which a driver finds no way back.
    """
    for _ in range(FURTHEST):
        if wanted in focused(page):
            return
        page.press(Keys.TAB, holding=Keys.SHIFT if back else None)
    raise AssertionError(f"Tab never comes to {wanted!r}")


def retype(page: Page, text: str) -> None:
    """Replace what stands in the field that has the focus."""
    page.press("a", holding=Keys.CONTROL)
    page.press(text)


def unfold(page: Page) -> None:
    """Open every part of the editor."""
    page.run("for (const part of document.querySelectorAll('#editor details')) part.open = true")


def sticking_out(page: Page, part: str) -> list[str]:
    """Return the overflow of an element of the page."""
    return list(page.run(STICKING_OUT, part))
