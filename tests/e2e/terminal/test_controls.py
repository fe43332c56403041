"""Pause, resume, replay, seek: by keys and by the log's buttons."""

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.page import Page
from tests.e2e.sound import same_audio, saved, worst
from tests.e2e.waits import until

SENTENCE = "The voice waits where it is, and goes on from there."
RATE = 22050
SILENT_WITHIN_MS = 200


def test_playback_resumes_at_the_paused_position(page: Page) -> None:
    page.say(SENTENCE)
    page.sound.begins()
    page.press(Keys.F8)
    page.entry("paused")
    paused, at = page.sound.now(), page.sample
    assert page.state == "paused"
    assert page.sound.is_silent(paused + SILENT_WITHIN_MS)

    assert at is not None
    assert page.sample == pytest.approx(at, abs=RATE / 5)
    page.button("resume").click()
    page.sound.begins(since=page.sound.now())
    page.entry("done")
    assert same_audio(page.sound.samples(), saved(page.url, SENTENCE))


def test_a_pause_by_button_is_resumed_by_key(page: Page) -> None:
    page.say("Hello, world.")
    page.sound.begins()
    page.button("pause").click()
    page.entry("paused")
    page.press(Keys.F8)
    page.entry("done")


def test_a_replay_has_identical_samples(page: Page) -> None:
    page.say("Hello, world.")
    page.entry("done")
    for again in (page.button("again 1").click, lambda: page.say("/replay")):
        before, spoken = len(page.sound.pieces()), page.sound.now()
        again()
        page.sound.begins(since=spoken)
        page.entry("done")
        assert same_audio(page.sound.samples(before), saved(page.url, "Hello, world."))
    assert len(page.entries) == 1


def test_the_keyboard_seeks(page: Page) -> None:
    page.say(SENTENCE)
    page.entry("speaking")
    until(lambda: re.search(r"\d+:\d\d · \d+:\d\d left", page.shown("player")), what="the duration is displayed")
    page.driver.find_element(By.CSS_SELECTOR, "[role=slider]").send_keys(Keys.END)
    page.entry("done", within=3)
    end = saved(page.url, SENTENCE)[-RATE // 4 :]
    assert worst(page.sound.samples()[-len(end) :], end) <= 1


def test_speed_changes_the_duration(page: Page) -> None:
    page.say("/speed 2")
    page.say(SENTENCE)
    page.entry("done")
    assert same_audio(page.sound.samples(), saved(page.url, SENTENCE, speed=2))
    assert len(page.sound.samples()) < 0.7 * len(saved(page.url, SENTENCE))
