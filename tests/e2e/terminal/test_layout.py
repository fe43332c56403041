"""The layout fits small phones, touch and mouse input."""

from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.axe import SETTLED
from tests.e2e.editing import open_themes
from tests.e2e.page import Page
from tests.e2e.page_states import STATES, tour
from tests.e2e.waits import until

SMALL = (320, 640)
FINGER = 44
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
TARGETS = """
return [...document.querySelectorAll("button, select, textarea, input, a[href], [role=slider], [role=option]")]
  .filter((control) => control.checkVisibility() && !control.closest("dialog:not([open])"))
  .map((control) => {
    const { width, height } = control.getBoundingClientRect();
    return { name: control.getAttribute("aria-label") ?? (control.id || control.textContent), width, height };
  })
"""
COVERED = """
const covered = [];
for (const button of document.querySelectorAll("[role=log] button")) {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  for (const x of [left + 2, (left + right) / 2, right - 2]) {
    const met = document.elementFromPoint(x, (top + bottom) / 2);
    if (met !== button) covered.push(`${button.ariaLabel} by ${met?.outerHTML}`);
  }
}
return covered;
"""
HIDDEN_ROWS = "const text = document.getElementById('prompt'); return text.scrollHeight - text.clientHeight"
UNBROKEN = "word" * 40
WINDOWS = [(320, 256), (640, 450), (667, 375), (1280, 641), (1280, 711), (1280, 900)]
ARABIC = "مرحبا بالعالم."
# What of a dialog is outside the window: its own edges, and in the inline direction all of its content.
OUTSIDE = """
const dialog = document.querySelector(arguments[0]);
const { top, bottom } = dialog.getBoundingClientRect();
const wide = [...dialog.querySelectorAll("*")].filter((node) => node.checkVisibility() && !node.matches("option"))
  .filter((node) => node.getBoundingClientRect().left < -0.5 || node.getBoundingClientRect().right > innerWidth + 0.5)
  .map((node) => node.id || node.className || node.tagName);
return [...wide, ...(top < -0.5 || bottom > innerHeight + 0.5 ? [`${top} to ${bottom}`] : [])];
"""

# The spacing of WCAG 1.4.12. The page's own style sheets may not forbid it, so it is important.
SPACING = """
for (const node of document.querySelectorAll("*")) {
  for (const [name, value] of [["line-height", "1.5"], ["letter-spacing", "0.12em"], ["word-spacing", "0.16em"]]) {
    node.style.setProperty(name, value, "important");
  }
  if (node.localName === "p") node.style.setProperty("margin-bottom", "2em", "important");
}
"""
# Elements whose text is outside their own box, which hides it.
CUT_OFF = """
return [...document.querySelectorAll("body *")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !node.matches(".visually-hidden, .visually-hidden *, option, #prompt, #command-list, dialog"))
  .filter((node) => node.textContent.trim() && getComputedStyle(node).overflow !== "visible")
  // A name that is too long ends with an ellipsis also without spacing, and a label of no width is said, not shown.
  .filter((node) => node.clientWidth > 0 && getComputedStyle(node).textOverflow !== "ellipsis")
  .filter((node) => node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1)
  .map((node) => node.id || node.className || node.tagName);
"""
# The focused element, unless another element covers its center.
OBSCURED = """
const node = document.activeElement;
if (node === document.body) return "";
const { left, right, top, bottom } = node.getBoundingClientRect();
const points = [[(left + right) / 2, (top + bottom) / 2], [left + 2, top + 2], [right - 2, bottom - 2]];
const seen = points.some(([x, y]) => {
  const met = document.elementFromPoint(x, y);
  return met && (node.contains(met) || met.contains(node));
});
return seen ? "" : node.ariaLabel || node.id || node.textContent;
"""


def test_a_small_phone_fits_all_controls_with_large_touch_targets(page: Page) -> None:
    page.resize(*SMALL)
    page.open()
    found = {state: (page.run(OVERFLOW), _too_small(page)) for state in tour(page)}
    assert found == {state: (0, []) for state in STATES}


def test_a_very_long_word_wraps(page: Page) -> None:
    page.resize(*SMALL)
    page.say(UNBROKEN)
    page.entry("speaking")
    assert page.run(OVERFLOW) == 0


def test_the_prompt_grows_on_a_narrow_screen(page: Page) -> None:
    page.prompt.send_keys("A line that is so long that a narrow screen needs several rows to show all of it at once.")
    page.resize(*SMALL)
    until(lambda: page.run(HIDDEN_ROWS) <= 0, what="all rows of the prompt are visible")
    assert page.prompt.size["height"] >= FINGER


def test_the_buttons_of_a_log_entry_are_not_covered(page: Page) -> None:
    page.say("Hello, world.")
    page.entry("done")
    _point_at_the_last_line(page)
    assert page.run(COVERED) == []


def test_the_button_of_a_queued_entry_is_not_covered(page: Page) -> None:
    page.say("Something that is spoken first, and takes a while.")
    page.say("And then this.")
    page.entry("speaking", place=0)
    _point_at_the_last_line(page)
    assert page.run(COVERED) == []


def _point_at_the_last_line(page: Page) -> None:
    lines = page.driver.find_elements(By.CSS_SELECTOR, "[role=log] li")
    ActionChains(page.driver).move_to_element(lines[-1]).perform()
    until(
        lambda: lines[-1].find_element(By.TAG_NAME, "button").is_displayed(), what="the entry's buttons are displayed"
    )
    until(lambda: page.run(SETTLED), what="all transitions have ended")


def _too_small(page: Page) -> list[dict[str, Any]]:
    # Browsers lay out in fractions of a pixel.
    return [target for target in page.run(TARGETS) if min(target["width"], target["height"]) < FINGER - 0.5]


@pytest.mark.parametrize(("width", "height"), WINDOWS)
def test_dialogs_fit_every_window(page: Page, width: int, height: int) -> None:
    page.resize(width, height)
    page.press("k", holding=Keys.CONTROL)
    assert page.run(OUTSIDE, "#command-palette") == []
    page.press(Keys.ESCAPE)
    page.say("/help")
    until(lambda: page.driver.find_elements(By.ID, "help"), what="the help opens")
    assert page.run(OUTSIDE, "#help") == []
    page.press(Keys.ESCAPE)
    dialog = open_themes(page)
    steady = dialog.rect
    for text in ("", "ocean", "nothing is called so"):
        page.press(*text)
        assert page.run(OUTSIDE, "#theme-dialog") == []
        assert dialog.rect == steady, "it does not move while the list narrows"
    page.press(Keys.ESCAPE)
    assert page.run(OVERFLOW) == 0


def test_right_to_left_text_is_laid_out_from_right_to_left(page: Page) -> None:
    page.prompt.send_keys(ARABIC)
    assert page.run("return getComputedStyle(document.getElementById('prompt')).direction") == "rtl"
    page.press(Keys.ENTER)
    until(lambda: page.entries, what="the text is in the log")
    text = page.driver.find_element(By.CSS_SELECTOR, ".text > p")
    assert text.value_of_css_property("direction") == "rtl"
    page.press(Keys.ESCAPE)


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
@pytest.mark.parametrize("width", [SMALL[0], 1280])
def test_text_spacing_cuts_nothing_off(page: Page, width: int) -> None:
    page.resize(width, 900)
    for state in tour(page):
        page.run(SPACING)
        assert (page.run(OVERFLOW), page.run(CUT_OFF)) == (0, []), state


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
def test_the_focus_is_not_obscured(page: Page) -> None:
    page.resize(1280, 450)
    for _ in range(8):
        page.say("Hello.")
    page.press(Keys.ESCAPE)
    page.entry("stopped")
    page.driver.find_element(By.TAG_NAME, "h1").click()
    covered = set()
    for key in [Keys.TAB] * 20 + ["log"] + [Keys.ARROW_UP] * 8:
        if key == "log":
            page.run("document.querySelector('#log-entries > [tabindex=\"0\"]').focus()")
        else:
            page.press(key)
        covered.add(page.run(OBSCURED))
    assert covered == {""}
