"""Tests that behind a proxy that does not pass websockets, the page reports it and speaks over HTTP."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.e2e.page import Page
from tests.e2e.proxy import proxied
from tests.e2e.server import Server
from tests.e2e.waits import until

EXPECTED = "handshake arrived without its Upgrade header"


@pytest.fixture
def page(browser: WebDriver, installation: Server) -> Iterator[Page]:
    """Yield the terminal behind such a proxy; the server logs the cause."""
    if not installation.running:
        installation.start()
    known = installation.complaints()
    with proxied(installation.port, upgrades=False) as proxy:
        page = Page(browser, proxy.url)
        page.go(proxy.url)
        yield page
        page.leave()
    lines = installation.complaints().removeprefix(known).splitlines()
    assert [line for line in lines if line and EXPECTED not in line] == []


def test_the_page_names_the_proxy_and_one_click_speaks(page: Page) -> None:
    page.say("Hello, alice.")
    until(lambda: "does not pass websockets" in page.connection, within=20, what="the cause is shown")
    assert page.typed == "Hello, alice."
    page.driver.find_element(By.ID, "speak-button").click()
    until(lambda: page.driver.find_elements(By.TAG_NAME, "audio"), what="the answer has a player")
    assert "Hello, alice." in page.driver.find_element(By.CSS_SELECTOR, "[role=log]").text

    # The page in the response works in the same way.
    until(lambda: "does not pass websockets" in page.connection, within=20, what="the cause is shown again")
    page.say("Hello, bob.")
    until(
        lambda: "Hello, bob." in page.driver.find_element(By.CSS_SELECTOR, "[role=log]").text, what="the next is spoken"
    )
