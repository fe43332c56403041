"""Keyboard operation of the theme editor and the theme list."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.page import Page
from tests.e2e.waits import until

MAX_TABS = 150
FOCUSED = """
const { activeElement: now } = document;
return [now.id, now.ariaLabel ?? (now.matches("input, select, textarea, body") ? "" : now.textContent.trim())];
"""
OVERFLOWING = """
return [...document.querySelectorAll(`${arguments[0]}, ${arguments[0]} *`)]
  .filter((node) => node.checkVisibility() && !node.matches("option"))
  .map((node) => [node.id || node.className || node.tagName, node.getBoundingClientRect()])
  .filter(([, { left, right }]) => left < -0.5 || right > innerWidth + 0.5)
  .map(([what, { left, right }]) => `${what}: ${left} to ${right}`);
"""


def edit(page: Page) -> WebElement:
    """Open the editor from the prompt."""
    page.say("/theme edit")
    editor = until(lambda: page.driver.find_element(By.ID, "editor"), what="the editor opens")
    until(lambda: focused(page)[0] == "editor-title", what="the editor has the focus")
    return editor


def open_themes(page: Page) -> WebElement:
    """Open the list of themes from the prompt."""
    page.say("/theme")
    return themes(page)


def themes(page: Page) -> WebElement:
    """Return the theme list once it is displayed."""
    dialog = until(lambda: page.driver.find_element(By.ID, "theme-dialog"), what="the theme list opens")
    until(lambda: dialog.get_attribute("aria-busy") == "false" and dialog.is_displayed(), what="the list is complete")
    return dialog


def focused(page: Page) -> tuple[str, str]:
    """Return the id and the accessible name of the focused element."""
    own, name = page.run(FOCUSED)
    return own, name


def tab_to(page: Page, wanted: str, *, back: bool = False) -> None:
    """Press Tab, or Shift+Tab, until the element with that id or name has the focus.

    Does not wrap around the page: the browser's own buttons come next, from which a driver cannot return.
    """
    for _ in range(MAX_TABS):
        if wanted in focused(page):
            return
        page.press(Keys.TAB, holding=Keys.SHIFT if back else None)
    raise AssertionError(f"Tab does not reach {wanted!r}")


def retype(page: Page, text: str) -> None:
    """Replace the text of the focused field."""
    page.press("a", holding=Keys.CONTROL)
    page.press(text)


def expand_sections(page: Page) -> None:
    """Open all sections of the editor."""
    page.run("for (const part of document.querySelectorAll('#editor details')) part.open = true")


def overflowing(page: Page, part: str) -> list[str]:
    """Return the overflow of an element of the page."""
    return list(page.run(OVERFLOWING, part))
