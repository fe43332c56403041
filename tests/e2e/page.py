"""The terminal page: the actions of a user, and the content that is shown."""

from dataclasses import dataclass
from typing import Any

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.sound import Sound
from tests.e2e.waits import until

LOADED = """
const names = performance.getEntriesByType("resource").map(({ name }) => name);
return ["entry-text", "player-bar", "css/player"].every((part) => names.some((name) => name.includes(part)));
"""
READ_LOG = """
return [...document.querySelectorAll("[role=log] > ol > li")].map((entry) =>
  [entry.dataset.state, [...entry.querySelectorAll(".text > p")].map((part) => part.textContent).join("\\n\\n"),
   entry.innerText.split("\\n").filter((line) => line.trim())])
"""
COPY = """
const area = document.createElement("textarea");
area.id = "elsewhere";
area.value = arguments[0];
document.body.append(area);
area.select();
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log; ``shown`` are its visible lines, including its number and actions."""

    state: str
    text: str
    shown: list[str]


class Page:
    """A browser tab with the terminal page."""

    def __init__(self, driver: WebDriver, url: str) -> None:
        self._driver = driver
        self.url = url
        self.sound = Sound(driver)
        self._handle: str | None = None
        self._others: list[Page] = []
        self._faults: list[str] = []
        self._resized = False

    @property
    def driver(self) -> WebDriver:
        """Return the driver, switched to this tab."""
        if self._handle is not None and self._driver.current_window_handle != self._handle:
            self._driver.switch_to.window(self._handle)
        return self._driver

    def open(self) -> "Page":
        """Load the page, and wait until it is connected."""
        self.go(self.url)
        until(lambda: self.connected, within=20, what="the page is connected")
        return self

    def go(self, url: str) -> None:
        """Load any URL; collects the errors of the current page first."""
        self._faults += self._page_errors()
        self.driver.get(url)

    def open_another(self, url: str = "", kind: str = "window") -> "Page":
        """Open another tab of the same browser.

        A ``tab`` hides this one; a ``popup`` is opened by the page, because the driver's windows are not private.
        """
        self._handle = self.driver.current_window_handle
        if kind == "popup":
            known = set(self.driver.window_handles)
            self.run("window.open('about:blank', '_blank', 'noopener,popup')")
            self._driver.switch_to.window(until(lambda: set(self._driver.window_handles) - known).pop())
        else:
            self._driver.switch_to.new_window(kind)
        other = Page(self._driver, url or self.url)
        other._handle = self._driver.current_window_handle
        self._others.append(other)
        return other.open()

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page, and return its result."""
        return self.driver.execute_script(script, *arguments)

    @property
    def prompt(self) -> WebElement:
        """Return the prompt."""
        return self.driver.find_element(By.ID, "prompt")

    @property
    def typed(self) -> str:
        """Return the text in the prompt."""
        return str(self.run("return document.getElementById('prompt').value"))

    def say(self, line: str) -> None:
        """Type a line and send it."""
        self.prompt.send_keys(line, Keys.ENTER)

    def paste(self, text: str) -> None:
        """Paste ``text`` into the prompt from the clipboard."""
        self.run(COPY, text)
        self.press("c", holding=Keys.CONTROL)
        self.run("document.getElementById('elsewhere').remove()")
        self.prompt.click()
        self.press("v", holding=Keys.CONTROL)
        until(lambda: self.typed == text, what="the text is pasted")

    def press(self, *keys: str, holding: str | None = None) -> None:
        """Press keys in the focused element."""
        chain = ActionChains(self.driver)
        if holding:
            chain.key_down(holding)
        chain.send_keys(*keys)
        if holding:
            chain.key_up(holding)
        chain.perform()

    def button(self, name: str) -> WebElement:
        """Return the button with that accessible name."""
        return self.driver.find_element(By.XPATH, f"//button[@aria-label='{name}' or normalize-space()='{name}']")

    def shown(self, element_id: str) -> str:
        """Return the visible text of an element of the page."""
        return self.driver.find_element(By.ID, element_id).text

    @property
    def state(self) -> str:
        """Return the text of the voice's state."""
        return self.shown("voice-state")

    @property
    def connection(self) -> str:
        """Return the text of the connection's state."""
        return self.shown("connection")

    @property
    def connected(self) -> bool:
        """Return whether the page is connected to the server."""
        return self.connection == "connected"

    @property
    def theme(self) -> dict[str, Any]:
        """Return the page's theme state: ``revision``, ``id``, ``mode``, ``deviceOnly``, ``pending``."""
        return dict(self.run("return alphanumeric.state().theme"))

    @property
    def entries(self) -> list[Entry]:
        """Return the entries of the log."""
        return [Entry(*facts) for facts in self.run(READ_LOG)]

    def entry(self, state: str, place: int = -1, within: float = 20) -> Entry:
        """Wait until the entry at index ``place`` of the log is in ``state``."""

        def find() -> Entry | None:
            entries = self.entries
            there = -len(entries) <= place < len(entries)
            return entries[place] if there and entries[place].state == state else None

        return until(find, within=within, what=f"entry {place} is {state}")  # type: ignore[return-value]

    def recorded(self, what: str) -> list[str]:
        """Return the probe's records in order: ``marks`` (highlighted words), ``states`` or ``connections``."""
        return list(self.run("return __probe[arguments[0]]", what))

    @property
    def sample(self) -> int | None:
        """Return the sample of the utterance that plays now."""
        sounding = self.run("return alphanumeric.state().sounding")
        return None if sounding is None else int(sounding)

    def load_on_use(self) -> None:
        """Press a key, and wait for the modules that the first key loads."""
        self.press("a", Keys.BACKSPACE)
        until(lambda: self.run(LOADED), what="the log and the player are loaded")

    def faults(self) -> list[str]:
        """Return the errors of the page and of its other tabs since the last call."""
        faults = [*self._faults, *self._page_errors(), *(fault for other in self._others for fault in other.faults())]
        self._faults = []
        return faults

    def leave_admin(self) -> None:
        """Leave Django's admin, which stores its settings in the browser's storage; no other error is allowed."""
        # Not a blank page: the driver deletes the cookies of the current host only.
        self.go(f"{self.url}help/")
        assert {fault.partition(":")[0] for fault in self.faults()} <= {"storage"}

    def resize(self, width: int, height: int) -> None:
        """Make the page as large as a device's screen."""
        if "webkit" in self.driver.name.lower():
            self.driver.set_window_size(width, height)
        else:
            self._viewport({"width": width, "height": height})
        self._resized = True
        until(lambda: self.run("return innerWidth") == width, what=f"the page is {width} pixels wide")

    def leave(self) -> None:
        """Restore the browser: one tab, and no cookies."""
        for other in self._others:
            other.driver.close()
            self._driver.switch_to.window(self._handle or "")
        self._others = []
        self.driver.delete_all_cookies()
        if self._resized and "webkit" in self.driver.name.lower():
            self.driver.set_window_size(1280, 900)
        elif self._resized:
            self._viewport(None)
        self.driver.get("about:blank")

    def _page_errors(self) -> list[str]:
        return list(self.run("return window.__probe ? __probe.log.splice(0) : []"))

    def _viewport(self, viewport: dict[str, int] | None) -> None:
        self.driver.browsing_context.set_viewport(context=self.driver.current_window_handle, viewport=viewport)
