"""Windows of one Chromium in which themes are changed through the page's controls, and their paints recorded."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome

from benchmarks.clients.chromium import chromium
from benchmarks.report import NotMeasuredError
from benchmarks.server import Server
from themes.tokens import TOKENS

PATIENCE_S = 60.0
POLL_S = 0.02
SCRIPT = Path(__file__).with_name("theme_window.js").read_text(encoding="utf-8")
PRESETS = ("dracula", "solarized-light")
VARIABLES = [token.variable for token in TOKENS]
STATE = "return alphanumeric.state().theme"
LAST = "return document.querySelector('#log-entries > :last-child')?.dataset.state"
LOOK = """
const style = getComputedStyle(document.documentElement);
return arguments[0].map((name) => style.getPropertyValue(name).trim());
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A color that was set or painted: its number and its time, in milliseconds of the wall clock."""

    number: int
    at: float

    @property
    def color(self) -> str:
        """Return the color as ``#rrggbb``."""
        return f"#{self.number:06x}"


class Window:
    """One window with the terminal."""

    def __init__(self, browser: Chrome, handle: str) -> None:
        self._browser = browser
        self.handle = handle

    def run(self, script: str, *arguments: Any) -> Any:
        """Return the result of a script in the page."""
        self._turn_to()
        return self._browser.execute_script(script, *arguments)

    def load(self, url: str) -> "Window":
        """Open the page with its recorder, and wait until it is connected."""
        self._turn_to()
        self._browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SCRIPT})
        self._browser.get(url)
        _until(lambda: self.run("return window.alphanumeric?.state().connection") == "connected", "the page connects")
        return self

    @property
    def visible(self) -> bool:
        """Return whether the window is painted."""
        return bool(self.run("return document.visibilityState") == "visible")

    @property
    def theme_id(self) -> str:
        """Return the id of the applied theme."""
        return str(self.run(STATE)["id"])

    def until_theme(self, theme_id: str) -> None:
        """Wait until that theme is applied."""
        _until(lambda: self.theme_id == theme_id, "the theme arrives")

    def edit(self) -> None:
        """Open the editor."""
        self.run("watched.say('/theme edit')")
        _until(lambda: self.run("return document.getElementById('color-accent') !== null"), "the editor opens")

    def change(self, count: int) -> list[Change]:
        """Change the accent that many times, no faster than changes are sent. Returns the time of each."""
        self._turn_to()
        return _changes(self._browser.execute_async_script("watched.change(...arguments)", count))

    def seen(self) -> list[Change]:
        """Return the accents painted in this window, with their times."""
        return _changes(self.run("return watched.seen"))

    def until_shows(self, color: str) -> None:
        """Wait until that accent is painted."""
        _until(lambda: any(change.color == color for change in self.seen()), "the last change is painted")

    def fill(self, lines: int) -> None:
        """Fill the log with that many entries, each a copy of a stopped one."""
        self.run("watched.say('The build finished at twelve oh five, and all tests passed.')")
        self.run("watched.say('/stop')")
        _until(lambda: self.run(LAST) == "stopped", "the utterance is stopped")
        self.run("watched.fill(arguments[0])", lines)

    def switch(self, count: int) -> list[float]:
        """Switch between two presets that many times. Returns the milliseconds that each took to apply."""
        self.run("watched.say(`/theme set ${arguments[0]}`)", PRESETS[0])
        self.until_theme(PRESETS[0])
        self._turn_to()
        return [
            float(took) for took in self._browser.execute_async_script("watched.switch(...arguments)", count, PRESETS)
        ]

    def begin(self, count: int, tokens: Sequence[str], seed: int) -> None:
        """Start that many changes of these colors, without waiting for them."""
        self.run("watched.begin(...arguments)", count, tokens, seed)

    def kill_at(self, count: int) -> int:
        """Crash the page's process after that many changes. Returns how many were made."""
        _until(lambda: self.run("return watched.made") >= count, "the changes are sent")
        made = int(self.run("return watched.made"))
        with suppress(WebDriverException):
            self._browser.execute_cdp_cmd("Page.crash", {})
        return made

    def look(self) -> tuple[int, list[str]]:
        """Return the revision, and every computed color."""
        return int(self.run(STATE)["revision"]), list(self.run(LOOK, VARIABLES))

    @property
    def is_settled(self) -> bool:
        """Return whether no change is pending."""
        return bool(self.run("return watched.left === 0 && alphanumeric.state().theme.pending === 0"))

    def close(self) -> None:
        """Close the window, crashed or not."""
        with suppress(WebDriverException):
            self._turn_to()
            self._browser.close()

    def _turn_to(self) -> None:
        self._browser.switch_to.window(self.handle)


class Windows:
    """The Chromium browser."""

    def __init__(self, browser: Chrome, server: Server) -> None:
        self._browser = browser
        self._server = server
        self._first = browser.current_window_handle

    @property
    def version(self) -> str:
        """Return the version of the browser."""
        return str(self._browser.capabilities["browserVersion"])

    def open(self) -> Window:
        """Open the terminal in a new window."""
        self._browser.switch_to.window(self._first)
        self._browser.switch_to.new_window("window")
        return Window(self._browser, self._browser.current_window_handle).load(self._server.url)

    def forget(self) -> None:
        """Delete the cookies, so that the next page has a new visitor."""
        self._browser.switch_to.window(self._first)
        self._browser.execute_cdp_cmd("Network.clearBrowserCookies", {})


@contextmanager
def windows(server: Server) -> Iterator[Windows]:
    """Yield a browser for windows of the terminal. Raises ``NotMeasuredError``."""
    with chromium() as browser:
        browser.set_script_timeout(PATIENCE_S * 2)
        yield Windows(browser, server)


def settled(windows: Sequence[Window]) -> list[tuple[int, list[str]]]:
    """Return the state of all windows when no change is pending and no message is in transit."""
    _until(lambda: all(window.is_settled for window in windows), "all changes are saved")
    with suppress(NotMeasuredError):
        _until(lambda: len({window.look()[0] for window in windows}) == 1, "all have the same revision", PATIENCE_S / 4)
    return [window.look() for window in windows]


def _changes(facts: Sequence[dict[str, Any]]) -> list[Change]:
    return [Change(int(fact["color"][1:], 16), float(fact["at"])) for fact in facts]


def _until(look: Callable[[], Any], what: str, within_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + within_s
    while not look():
        if time.monotonic() > deadline:
            raise NotMeasuredError(f"not within {within_s:.0f} s: {what}")
        time.sleep(POLL_S)
