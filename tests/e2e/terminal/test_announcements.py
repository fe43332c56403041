"""Tests that screen readers announce errors, counts and outcomes each time, and never the spoken text."""

from collections.abc import Callable

from selenium.webdriver.common.keys import Keys

from tests.e2e.editing import open_themes
from tests.e2e.page import Page
from tests.e2e.waits import until

LISTEN = """
const live = "[role=status], [role=alert], [role=log], [aria-live]";
window.heard = [];
new MutationObserver((changes) => {
  const regions = new Set(changes.map(({ target }) => (target.closest ? target : target.parentElement)?.closest(live)));
  for (const region of regions) {
    const heard = region?.getAttribute("aria-live") !== "off" && region?.checkVisibility() && region.textContent.trim();
    if (heard) window.heard.push(heard);
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
PARAGRAPHS = "\n\n".join(f"This is paragraph {n}. " + "It has a sentence that goes on. " * 20 for n in range(4))


def heard(page: Page) -> list[str]:
    return list(page.run("return window.heard.splice(0)"))


def hears(page: Page, what: str) -> Callable[[], bool]:
    return lambda: any(what in text for text in heard(page))


def test_a_long_paste_is_counted_and_not_read(page: Page) -> None:
    page.run(LISTEN)
    page.paste(PARAGRAPHS)
    page.press(Keys.ENTER)
    page.entry("speaking", place=0)
    page.press(Keys.ESCAPE)
    page.entry("stopped", place=0)
    told = heard(page)
    assert any("parts are queued." in text for text in told)
    assert "Stopped." in told
    assert sum(map(len, told)) < 100, told


def test_every_outcome_is_announced_each_time(page: Page) -> None:
    page.say("Hello, world.")
    page.entry("done")
    page.run(LISTEN)
    for _ in range(2):
        page.button("copy 1").click()
        until(hears(page, "Copied."), what="the copy is announced")
    for line, what in {
        "/speed 1.5": "at 1.5×",
        "/voice joe": "Joe",
        "/theme set Paper": "Paper is shown.",
        "/theme dark": "The dark theme is shown.",
        "/pause": "Nothing is being spoken.",
        "/clear": "The log is empty.",
    }.items():
        page.say(line)
        until(hears(page, what), what=f"{line} is announced")


def test_a_search_without_a_match_is_announced_in_its_dialog(page: Page) -> None:
    page.run(LISTEN)
    page.press("k", holding=Keys.CONTROL)
    page.press("nothing is called so")
    until(hears(page, "No command matches."), what="the palette says so")
    page.press(Keys.ESCAPE)
    open_themes(page)
    page.press("nothing is called so")
    until(hears(page, "No theme matches."), what="the list of themes says so")
    page.press(Keys.ESCAPE)
