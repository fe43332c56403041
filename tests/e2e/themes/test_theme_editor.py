"""Themes are edited by keyboard, on a phone, and accessibly; rapid changes arrive debounced."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e import axe
from tests.e2e.axe import SETTLED
from tests.e2e.editing import edit, expand_sections, focused, open_themes, overflowing, retype, tab_to, themes
from tests.e2e.page import Page
from tests.e2e.theme_assertions import PRESETS, choose, colors, saved, shows
from tests.e2e.waits import until
from tests.programs import lacks

PHONE = (360, 740)
QUICK = 60
GAP_MS = 50
DRAG = """
const [count, done] = arguments;
const picker = document.getElementById("color-accent");
let number = 0;
const move = () => {
  number += 1;
  picker.value = `#0000${number.toString(16).padStart(2, "0")}`;
  picker.dispatchEvent(new Event("input", { bubbles: true }));
  if (number < count) setTimeout(move, 8);
  else done();
};
move();
"""
EDITS = "return __probe.sent.filter(({ type }) => type === 'theme.edit').map(({ at }) => at)"
PROBLEM = "return document.getElementById('theme-json-error').textContent"
BAD_LINES = """
const lines = [...document.querySelectorAll("#editor .json-editor li")];
return lines.flatMap((line, at) => line.matches(".failing") ? [at + 1] : []);
"""
LINE_OF_CARET = """
const { value, selectionStart } = document.getElementById("theme-json");
return value.slice(0, selectionStart).split("\\n").length;
"""
SEVENTH = "return document.getElementById('theme-json').value.split('\\n')[6]"
WATCH = """
window.__bare = [];
const look = (time) => {
  const list = document.getElementById("theme-dialog");
  if (list?.open && getComputedStyle(list).display !== "grid") window.__bare.push(time);
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
BARE = "return window.__bare"
MARKED = "return document.querySelector('#theme-list [aria-selected=true]')?.id"
SCHEMES = "return [...document.querySelectorAll('.import-schemes label')].map(({textContent}) => textContent)"
RESULT = "return document.querySelector('.import-result').textContent"
SAID = "return document.getElementById('theme-message')?.textContent ?? ''"
WINDOWS_TERMINAL = {
    "name": "Campbell Test",
    "background": "#0C0C0C",
    "foreground": "#CCCCCC",
    "cursorColor": "#FFFFFF",
    "selectionBackground": "#FFFFFF",
    **dict.fromkeys(("black", "brightBlack"), "#767676"),
    **dict.fromkeys(("red", "brightRed"), "#E74856"),
    **dict.fromkeys(("green", "brightGreen"), "#16C60C"),
    **dict.fromkeys(("yellow", "brightYellow"), "#F9F1A5"),
    **dict.fromkeys(("blue", "brightBlue"), "#3B78FF"),
    **dict.fromkeys(("purple", "brightPurple"), "#B4009E"),
    **dict.fromkeys(("cyan", "brightCyan"), "#61D6D6"),
    **dict.fromkeys(("white", "brightWhite"), "#F2F2F2"),
}


@pytest.fixture
def _axe() -> None:
    if not axe.SOURCE.exists():
        lacks("axe-core not found: run 'make browsers'")


def test_rapid_changes_are_merged_and_the_last_reaches_all_tabs(page: Page) -> None:
    other = page.open_another()
    edit(page)
    page.driver.execute_async_script(DRAG, QUICK)
    for tab in (page, other):
        until(lambda tab=tab: colors(tab)["accent"] == f"#0000{QUICK:02x}", what="the last color has arrived")  # type: ignore[misc]
    assert saved(page) == saved(other)
    sent = page.run(EDITS)
    # At most twenty per second, with a clock resolution of one millisecond.
    assert all(later - earlier > GAP_MS - 2 for earlier, later in pairwise(sent))
    assert 1 < len(sent) < QUICK
    assert colors(page) == colors(other)


def test_a_color_is_changed_undone_and_redone_by_keyboard(page: Page) -> None:
    before = colors(page)
    edit(page)
    tab_to(page, "hex-accent")
    retype(page, "#7a1fa2")
    page.press(Keys.ENTER)
    _has(page, accent="#7a1fa2")
    assert page.theme["id"] not in PRESETS
    page.press("z", holding=Keys.CONTROL)
    _has(page, accent=before["accent"])
    page.press("y", holding=Keys.CONTROL)
    _has(page, accent="#7a1fa2")
    tab_to(page, "editor-undo", back=True)
    page.press(Keys.ENTER)
    _has(page, accent=before["accent"])
    page.press(Keys.ESCAPE)
    until(lambda: focused(page)[0] == "prompt", what="Esc returns to the prompt")
    assert colors(page) == before


def test_a_json_error_is_shown_at_its_line(page: Page) -> None:
    edit(page)
    tab_to(page, "JSON")
    page.press(Keys.ENTER)
    tab_to(page, "theme-json")
    page.press(Keys.HOME, holding=Keys.CONTROL)
    page.press(*[Keys.ARROW_DOWN] * 6, Keys.END, "?")
    line = until(lambda: page.run(SEVENTH), what="the JSON text is displayed")
    assert line.endswith("?")
    page.press(Keys.ENTER, holding=Keys.CONTROL)
    until(lambda: "line 7" in page.run(PROBLEM).lower(), what="the error names the line")
    assert page.run(BAD_LINES) == [7]
    assert focused(page)[0] == "theme-json"
    assert page.run(LINE_OF_CARET) == 7

    color = "#fedcba"
    page.press(f'    "background": "{color}",')
    page.press(Keys.ENTER, holding=Keys.CONTROL)
    _has(page, background=color)
    assert page.run(PROBLEM) == ""
    assert page.run(BAD_LINES) == []


def test_low_contrast_is_reported_and_fixed(page: Page) -> None:
    edit(page)
    verdict = page.driver.find_element(By.ID, "editor-contrast")
    assert verdict.text.startswith("✓")
    tab_to(page, "hex-foreground")
    retype(page, "#eeeeee")
    page.press(Keys.ENTER)
    until(lambda: verdict.text.startswith("✗"), what="low contrast is reported")
    tab_to(page, "editor-fix", back=True)
    page.press(Keys.ENTER)
    until(lambda: verdict.text.startswith("✓"), what="the contrast is fixed")
    assert colors(page)["foreground"] != "#eeeeee"


def test_an_exported_theme_can_be_imported(page: Page, downloads: Path) -> None:
    choose(page, "nord")
    edit(page)
    tab_to(page, "export")
    page.press(Keys.ENTER)
    exported = json.loads(_downloaded(downloads).read_text(encoding="utf-8"))
    assert exported["colors"] == PRESETS["nord"]["colors"]
    assert exported["format"] == "alphanumeric-theme"
    page.press(Keys.ESCAPE)

    file = downloads / "terminal.json.txt"
    file.write_text(json.dumps(WINDOWS_TERMINAL), encoding="utf-8")
    page.say("/theme import")
    page.driver.find_element(By.ID, "theme-file").send_keys(str(file))
    until(lambda: focused(page)[1].endswith("save"), what="the page offers to save it")
    _has(page, background="#0c0c0c")
    page.press(Keys.ENTER)
    until(lambda: '"Campbell Test" is saved to your themes' in page.run(SAID), what="the page reports the saved theme")
    saved(page)
    page.open()
    _has(page, background="#0c0c0c", red="#e74856")


def test_a_scheme_of_a_file_with_several_can_be_selected(page: Page, downloads: Path) -> None:
    day = {**WINDOWS_TERMINAL, "name": "Day Test", "background": "#fafafa", "foreground": "#202020", "author": "A"}
    file = downloads / "settings.json.txt"
    file.write_text("// mine\n" + json.dumps({"schemes": [WINDOWS_TERMINAL, day]}), encoding="utf-8")
    page.say("/theme import")
    until(lambda: focused(page)[1] == "choose a file", what="the view is there")
    page.driver.find_element(By.ID, "theme-file").send_keys(str(file))
    until(lambda: page.run(SCHEMES) == ["Campbell Test", "Day Test"], what="the schemes are offered")
    page.press(Keys.SPACE)
    _has(page, background="#0c0c0c")
    page.press(Keys.ARROW_DOWN)
    _has(page, background="#fafafa")
    assert "Keys that were not used: schemes.1.author." in page.run(RESULT)
    tab_to(page, "fix and save")
    page.press(Keys.ENTER)
    until(lambda: '"Day Test" is saved to your themes' in page.run(SAID), what="the chosen scheme is saved")


def test_a_deleted_theme_can_be_restored(page: Page) -> None:
    edit(page)
    tab_to(page, "hex-accent")
    retype(page, "#7a1fa2")
    page.press(Keys.ENTER)
    _has(page, accent="#7a1fa2")
    saved(page)
    own = page.theme["id"]
    tab_to(page, "editor-delete")
    page.press(Keys.ENTER)
    themes(page)
    until(lambda: "is deleted" in page.run(SAID), what="the page reports the deletion")
    shows(page, "default-light")
    until(lambda: page.run(MARKED) == "theme-default-light", what="the replacement theme is selected in the list")
    tab_to(page, "theme-undo")
    page.press(Keys.ENTER)
    until(lambda: page.run(SAID) == "Restored.", what="the page reports the restored theme")
    until(lambda: page.run(MARKED) == f"theme-{own}", what="it is selected in the list")
    assert saved(page)


def test_the_list_is_hidden_until_its_stylesheet_has_loaded(page: Page) -> None:
    page.run(WATCH)
    open_themes(page)
    assert page.run(BARE) == []


@pytest.mark.usefixtures("_axe")
@pytest.mark.parametrize("preset", ["default-light", "nord"])
def test_axe_reports_no_violation_in_the_list_and_the_editor(page: Page, preset: str) -> None:
    if preset != "default-light":
        choose(page, preset)
    open_themes(page)
    found = {"list": axe.violations(page)}
    page.press(Keys.ESCAPE)
    page.say("/theme import")
    themes(page)
    found["import"] = axe.violations(page)
    page.press(Keys.ESCAPE)
    edit(page)
    expand_sections(page)
    found["editor"] = axe.violations(page)
    assert found == {"list": [], "import": [], "editor": []}


def test_the_list_and_the_editor_fit_a_phone(page: Page) -> None:
    page.resize(*PHONE)
    open_themes(page)
    until(lambda: page.run(SETTLED), what="all transitions have ended")
    assert _overflow(page, "#theme-dialog") == []
    page.press(Keys.ESCAPE)
    edit(page)
    expand_sections(page)
    assert _overflow(page, "#editor") == []


def _overflow(page: Page, part: str) -> list[str]:
    scrolls = page.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*(["the page scrolls horizontally"] if scrolls else []), *overflowing(page, part)]


def _has(page: Page, **wanted: Any) -> None:
    def look() -> bool:
        return colors(page).items() >= wanted.items()

    until(look, what=f"the colors are {wanted}")


def _downloaded(folder: Path) -> Path:
    def finished() -> list[Path]:
        return [file for file in folder.glob("*.json") if file.stat().st_size]

    return until(finished, what="the file is saved")[0]
