"""A reached rate limit: the page shows the waiting time, and keeps the text."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.page import Page
from tests.e2e.server import DATABASE, Server
from tests.e2e.waits import until

HELD = "Sent again in"
ENOUGH_S = 15


@pytest.fixture
def limit(server: Server) -> Iterator[Callable[[int], None]]:
    """Return a function that sets the visitors' limit of requests per minute on the running server."""

    def set_to(requests: int) -> None:
        with closing(sqlite3.connect(server.data_dir / DATABASE)) as database:
            database.execute(
                "UPDATE synthesis_limitpolicyrow SET requests_per_minute = ? WHERE scope = 'visitors'", [requests]
            )
            database.commit()

    yield set_to
    set_to(100_000)


def test_a_rate_limited_utterance_shows_a_countdown_until_it_is_removed(
    page: Page, limit: Callable[[int], None]
) -> None:
    page.say("One.")
    page.entry("done")
    limit(1)

    def refused() -> bool:
        page.say("This is kept.")
        until(lambda: HELD in page.shown("hint") or page.entries[-1].state == "done")
        left = re.search(rf"{HELD} (\d+)", page.shown("hint"))
        if left and int(left[1]) < ENOUGH_S:
            # The window is about to end and the message would disappear: wait for a complete window.
            until(lambda: page.entries[-1].state == "done", within=ENOUGH_S + 10, what="it is sent automatically")
            return False
        return left is not None

    until(refused, within=60, what="the new limit applies")
    assert "The limit is 1 text per minute." in page.shown("hint")
    assert (page.entries[-1].state, page.entries[-1].text) == ("queued", "This is kept.")
    first = page.shown("hint")
    until(lambda: HELD in page.shown("hint") and page.shown("hint") != first, what="the countdown decreases")
    page.prompt.send_keys("And")
    assert HELD in page.shown("hint")
    page.press(Keys.ESCAPE)
    until(lambda: page.shown("hint") == "", what="no utterance is waiting")
    page.entry("stopped")
    page.prompt.send_keys(" this waits too.", Keys.ENTER)
    until(lambda: HELD in page.shown("hint"), what="the remaining time is displayed")
    page.press(Keys.ESCAPE)
    page.entry("stopped")
