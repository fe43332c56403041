"""The network is cut: the page opens from the browser's store, and speaks what was typed when the network is back."""

from collections.abc import Iterator

import pytest

from tests.e2e.page import Page
from tests.e2e.proxy import Proxy, proxied
from tests.e2e.server import Server
from tests.e2e.waits import until

STORED = """
const done = arguments[arguments.length - 1];
caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
  .then((lists) => done(lists.flat().map(({ url }) => new URL(url).pathname)), (problem) => done(String(problem)));
"""
CONTROLLED = "return navigator.serviceWorker?.controller?.state === 'activated'"
SHARE = """
const form = document.createElement("form");
Object.assign(form, { method: "post", action: "/share" });
for (const [name, value] of Object.entries(arguments[0]))
  form.append(Object.assign(document.createElement("input"), { name, value }));
document.body.append(form);
form.submit();
"""


@pytest.fixture
def network(server: Server) -> Iterator[Proxy]:
    """Yield the network between the browser and the server."""
    with proxied(server.port) as proxy:
        yield proxy


@pytest.fixture
def installed(page: Page, network: Proxy) -> Page:
    """Return a page, used once, whose browser has stored it."""
    page.url = network.url
    page.open().load_on_use()
    until(lambda: page.run(CONTROLLED), within=60, what="the service worker is active")
    return page


def in_store(page: Page) -> list[str]:
    """Return the paths of the files that the browser has stored."""
    paths = page.driver.execute_async_script(STORED)
    # The page itself uses no storage; the tests record each access.
    assert {fault.partition(":")[0] for fault in page.faults()} == {"storage"}
    return sorted(paths)


def test_the_page_opens_without_a_network_and_speaks_later(installed: Page, network: Proxy) -> None:
    page = installed
    stored = in_store(page)
    assert [path for path in stored if not path.startswith(("/static/", "/offline/"))] == []
    assert len([path for path in stored if path.startswith("/offline/")]) == 1

    network.cut()
    page.go(network.url)
    until(lambda: page.connection.startswith(("reconnecting", "connecting", "offline")), what="the page says so")
    assert "cannot be reached" in page.shown("offline-note")
    page.say("Hello, world.")
    page.entry("queued")
    assert page.typed == ""

    network.restore()
    page.entry("done", within=60)
    assert not page.run("return document.getElementById('offline-note').checkVisibility()")
    assert in_store(page) == stored


def test_a_shared_text_waits_in_the_prompt(installed: Page, network: Proxy) -> None:
    page = installed
    page.run(SHARE, {"title": "News", "text": "Read this.", "url": "https://example.com/"})
    until(lambda: page.connected and page.typed, what="the text arrives")
    assert page.typed == "News\nRead this.\nhttps://example.com/"
    assert page.entries == []
    assert page.run("return location.search") == ""
    network.cut()
    page.run(SHARE, {"text": "/clear"})
    until(lambda: page.typed == "//clear", what="the text arrives without a network")
