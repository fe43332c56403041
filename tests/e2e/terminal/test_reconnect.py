"""The server is killed within a word and restarts: no audio is lost, and the page shows every state."""

import re

import numpy as np

from tests.e2e.page import Page
from tests.e2e.server import Server
from tests.e2e.sound import same_audio, saved, worst
from tests.e2e.waits import until

LONG = (
    "While these words are spoken the server is killed and started again: what had come already is played, and the "
    "rest is asked for then."
)
NEXT = "What waited comes next."


def test_no_word_is_lost_when_the_server_restarts(page: Page, server: Server) -> None:
    page.say(LONG)
    page.say(NEXT)
    page.prompt.send_keys("half a line")
    page.sound.begins()
    server.kill()
    until(lambda: re.search(r"reconnecting in \d+ s", page.connection), what="the page reports the lost connection")
    assert page.typed == "half a line"
    assert [entry.text for entry in page.entries] == [LONG, NEXT]

    server.start()
    until(lambda: page.connection == "connected", within=40, what="the page reconnects")
    page.entry("done", within=60)
    assert [entry.state for entry in page.entries] == ["done", "done"]
    assert page.typed == "half a line"
    # Windows with other boundaries may differ in the last bit.
    assert worst(page.sound.samples(), np.concatenate([saved(page.url, LONG), saved(page.url, NEXT)])) <= 1


def test_text_typed_while_disconnected_is_spoken_after_reconnecting(page: Page, server: Server) -> None:
    page.load_on_use()
    server.kill()
    until(lambda: page.connection != "connected", what="the page is disconnected")
    page.say("Hello, world.")
    page.entry("queued")
    server.start()
    page.entry("done", within=40)
    assert same_audio(page.sound.samples(), saved(page.url, "Hello, world."))
