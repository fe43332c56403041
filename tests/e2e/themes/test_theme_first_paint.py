"""On a slow network the first paint has the chosen theme, without a flash of another theme."""

from pathlib import Path

import pytest

from tests.e2e.conftest import OpenPage
from tests.e2e.engines import Setup
from tests.e2e.frame_capture import Picture, film
from tests.e2e.page import Page
from tests.e2e.proxy import proxied
from tests.e2e.server import Server
from tests.e2e.theme_assertions import PRESETS, choose, saved, shows
from tests.e2e.waits import until
from tests.programs import lacks

LATENCY_S = 0.1
BYTES_PER_S = 30_000
FEWEST = 4
WHITE = "#ffffff"
"""The background of the default light theme, and of an empty window."""


@pytest.mark.parametrize(
    ("dark", "presets"), [(False, ["solarized-light", "nord"]), (True, ["ocean-dark", "gruvbox-light"])]
)
def test_the_first_paint_has_the_selected_theme(
    open_page: OpenPage, server: Server, display: str, screen: Path, dark: bool, presets: list[str]
) -> None:
    if not display:
        lacks("Xvfb not found: run 'make browsers'")
    page = open_page(Setup(dark=dark, visible=True))
    for preset in presets:
        choose(page, preset)
        saved(page)
        pictures = _loaded_slowly(page, server, screen)
        shows(page, preset)
        _has_no_flash(pictures, preset)
        page.open()


def _loaded_slowly(page: Page, server: Server, screen: Path) -> list[Picture]:
    """Load the page from a URL without cached resources."""
    with proxied(server.port, latency_s=LATENCY_S, bytes_per_s=BYTES_PER_S) as line:
        page.go("about:blank")
        pictures = film(page, line.url, screen)
        until(lambda: page.connected, within=20, what="the page is connected")
        return pictures


def _has_no_flash(pictures: list[Picture], preset: str) -> None:
    chosen, *defaults = (PRESETS[name]["colors"]["background"] for name in (preset, "default-dark", "default-light"))
    assert pictures[-1].ground == chosen
    assert not pictures[-1].plain
    # Before the first paint the window is white, black or gray, depending on the browser.
    empty = {picture.ground for picture in pictures if picture.plain} - {chosen}
    assert not empty & set(defaults) - {WHITE}
    # A screenshot that is taken while the browser paints shows the empty window beside the page.
    whole = [picture for picture in pictures if not (picture.ground in empty and chosen in picture.colors)]
    assert {picture.ground for picture in whole if not picture.plain} == {chosen}
    # The first paint happened while most of the page was still loading.
    assert sum(picture.ground == chosen for picture in pictures) >= FEWEST
