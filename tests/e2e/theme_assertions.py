"""Compares the computed style of a page with the shipped presets."""

import json
from contextlib import suppress
from typing import Any

from tests.e2e.page import Page
from tests.e2e.server import ROOT
from tests.e2e.waits import until
from themes.tokens import TOKENS

VARIABLES = {token.name: token.variable for token in TOKENS}
COLORS = """
const style = getComputedStyle(document.documentElement);
const read = ([name, variable]) => [name, style.getPropertyValue(variable).trim()];
return Object.fromEntries(Object.entries(arguments[0]).map(read));
"""
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"

PRESETS: dict[str, dict[str, Any]] = {
    preset["id"]: preset for preset in json.loads((ROOT / "themes" / "presets.json").read_text(encoding="utf-8"))
}


def colors(page: Page) -> dict[str, str]:
    """Return the computed color of each token."""
    return dict(page.run(COLORS, VARIABLES))


def background(page: Page) -> str:
    """Return the background color of the page as ``#rrggbb``."""
    return to_hex(page.run(BACKGROUND))


def to_hex(color: str) -> str:
    """Convert ``rgb(15, 23, 42)`` or ``rgba(15, 23, 42, 1)`` to ``#0f172a``."""
    parts = color.partition("(")[2].rstrip(")").split(",")
    return "#" + "".join(f"{int(part):02x}" for part in parts[:3])


def choose(page: Page, preset: str) -> None:
    """Select a preset with a command, and wait until it is displayed."""
    page.say(f"/theme set {preset}")
    until(lambda: page.theme["id"] == preset, what=f"the theme is {preset}")


def shows(page: Page, preset: str, within: float = 10) -> None:
    """Wait until the page has all colors of a preset and its id."""
    wanted = PRESETS[preset]["colors"]
    until(lambda: page.theme["id"] == preset, within=within, what=f"the theme is {preset}")
    with suppress(AssertionError):
        until(lambda: colors(page) == wanted, within=within)
    assert colors(page) == wanted
    assert background(page) == wanted["background"]


def saved(page: Page) -> int:
    """Wait until all changes of the page are saved; returns the revision."""
    until(lambda: page.theme["pending"] == 0, within=20, what="the changes are saved")
    return int(page.theme["revision"])
