"""Fixtures: browsers, a server, and pages whose unexpected errors fail the test."""

import os
import re
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from tests.e2e import engines
from tests.e2e.engines import Setup
from tests.e2e.page import Page
from tests.e2e.server import Server, copy_installation
from tests.e2e.site import Site
from tests.programs import lacks

HERE = Path(__file__).parent
FAILURES = HERE / "failures"
FAILED = pytest.StashKey[bool]()

OpenPage = Callable[[Setup], Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test in this folder as a browser test, and let one test process run all tests of an engine."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)
            parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
            item.add_marker(pytest.mark.xdist_group(str(parameters.get("engine"))))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record failures, for the fixtures that take screenshots of them."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session", params=list(engines.LAUNCH))
def engine(request: pytest.FixtureRequest) -> str:
    """Return each browser engine in turn."""
    name = str(request.param)
    lacking = engines.missing(name)
    return name if lacking is None else lacks(lacking)


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that holds the X display's frame buffer."""
    return tmp_path_factory.mktemp("display") / "Xvfb_screen0"


@pytest.fixture(scope="session")
def display(screen: Path) -> Iterator[str]:
    """Yield an X display for the engine without a headless mode; an empty name if that engine is not installed."""
    if engines.missing("webkit"):
        yield ""
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    command += ["-nocursor", "-fbdir", str(screen.parent)]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as process:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        yield f":{number}"
        process.terminate()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Yield a web server on this machine, whose files the server may fetch."""
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.close()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, joe_voice_dir: Path, site: Site) -> Iterator[Server]:
    """Yield the server, started once for all tests."""
    folder = tmp_path_factory.mktemp("e2e")
    copy_installation(folder, joe_voice_dir)
    urls = {"DOCUMENT_URLS_ENABLED": "true", "DOCUMENT_URL_PORTS": f"443,{site.port}"}
    server = Server(folder, folder / "server.log", **urls, DOCUMENT_URL_ALLOWED_NETWORKS="127.0.0.1/32")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(installation: Server) -> Iterator[Server]:
    """Yield the running server, and check that it logged no warnings during the test."""
    if not installation.running:
        installation.start()
    known = installation.complaints()
    yield installation
    assert installation.complaints().removeprefix(known) == ""
    assert installation.running, "the server exited"


@pytest.fixture(scope="session")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder for downloads of ``page``."""
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="session")
def browser(engine: str, display: str, downloads: Path) -> Iterator[WebDriver]:
    """Yield a browser with default settings, shared by all tests."""
    driver = engines.launch(engine, Setup(downloads=downloads), display)
    yield driver
    engines.quit_browser(driver)


@pytest.fixture(scope="session")
def other_browser(engine: str, display: str) -> Iterator[WebDriver]:
    """Yield a second browser, as on another user's machine."""
    driver = engines.launch(engine, Setup(), display)
    yield driver
    engines.quit_browser(driver)


@pytest.fixture
def page(browser: WebDriver, server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Yield a newly opened terminal page."""
    page = Page(browser, server.url)
    with _checked_page(page, request):
        yield page.open()


@pytest.fixture
def stranger(other_browser: WebDriver, server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Yield the terminal page in a second browser: another user."""
    page = Page(other_browser, server.url)
    with _checked_page(page, request, "-stranger"):
        yield page.open()


@pytest.fixture(scope="session")
def scriptless(engine: str, display: str) -> Iterator[WebDriver]:
    """Yield a browser with JavaScript disabled."""
    driver = engines.launch(engine, Setup(scripting=False), display)
    yield driver
    engines.quit_browser(driver)


@pytest.fixture
def open_page(engine: str, display: str, server: Server, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Return a function that opens the terminal page in a new browser."""
    with ExitStack() as stack:

        def start(setup: Setup) -> Page:
            driver = engines.launch(engine, setup, display)
            stack.callback(engines.quit_browser, driver)
            page = Page(driver, server.url)
            stack.enter_context(_checked_page(page, request))
            return page.open()

        yield start


@contextmanager
def _checked_page(page: Page, request: pytest.FixtureRequest, who: str = "") -> Iterator[None]:
    failed = True
    try:
        yield
        failed = FAILED in request.node.stash
    finally:
        faults = page.faults()
        if faults or failed:
            _save_screenshot(page, request.node.name + who)
        page.leave()
    assert faults == []


def _save_screenshot(page: Page, test: str) -> None:
    FAILURES.mkdir(exist_ok=True)
    name = re.sub(r"[^\w-]+", "-", test).strip("-")
    page.driver.save_screenshot(str(FAILURES / f"{name}.png"))
    (FAILURES / f"{name}.html").write_text(page.driver.page_source, encoding="utf-8")
