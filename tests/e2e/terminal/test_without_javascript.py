"""Without JavaScript, the page is a form, and its response has an audio player."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.server import Server
from tests.e2e.waits import until

SCRIPTED = "WebKit's driver needs scripts, so the media query reports them as enabled"


@pytest.fixture
def plain(scriptless: WebDriver, server: Server) -> WebDriver:
    """Return the page in a browser without JavaScript."""
    scriptless.get(server.url)
    return scriptless


def test_a_submitted_text_returns_an_audio_player(plain: WebDriver) -> None:
    _prompt(plain).send_keys("Hello, world.")
    plain.find_element(By.XPATH, "//button[normalize-space()='speak']").click()
    audio = until(lambda: plain.find_elements(By.TAG_NAME, "audio"), what="the response has an audio player")[0]
    assert audio.get_attribute("controls")
    assert "Hello, world." in plain.find_element(By.CSS_SELECTOR, "[role=log]").text
    until(lambda: _number(audio, "readyState") >= 1, what="the recording is loaded")
    assert 0.5 < _number(audio, "duration") < 2
    if audio.get_property("paused"):
        audio.send_keys(Keys.SPACE)
    until(lambda: _number(audio, "currentTime") > 0.5, what="the recording plays")


def test_an_unspeakable_text_stays_in_the_form(plain: WebDriver) -> None:
    _prompt(plain).send_keys("Привет")
    plain.find_element(By.XPATH, "//button[normalize-space()='speak']").click()
    hint = until(lambda: plain.find_element(By.ID, "hint").text, what="the error is displayed")
    assert hint.endswith(".")
    assert _prompt(plain).get_property("value") == "Привет"
    assert not plain.find_elements(By.TAG_NAME, "audio")


def test_a_text_file_is_spoken(plain: WebDriver, engine: str, tmp_path: Path) -> None:
    if engine == "webkit":
        pytest.skip(SCRIPTED)
    file = tmp_path / "notes.txt"
    file.write_text("Hello, Bob.")
    plain.find_element(By.ID, "file").send_keys(str(file))
    plain.find_element(By.XPATH, "//button[normalize-space()='speak the file']").click()
    until(lambda: plain.find_elements(By.TAG_NAME, "audio"), what="the response has an audio player")
    assert "Hello, Bob." in plain.find_element(By.CSS_SELECTOR, "[role=log]").text


def test_help_is_answered(plain: WebDriver) -> None:
    _prompt(plain).send_keys("/help")
    plain.find_element(By.XPATH, "//button[normalize-space()='speak']").click()
    until(lambda: plain.find_elements(By.ID, "plain-help"), what="the help is displayed")
    assert not plain.find_elements(By.TAG_NAME, "audio")


def test_a_long_text_fits_the_field_and_gets_several_players(plain: WebDriver, engine: str) -> None:
    if engine != "webkit":  # As below.
        assert _prompt(plain).size["height"] > 100
    _prompt(plain).send_keys("This is a sentence of many. " * 54)
    plain.find_element(By.XPATH, "//button[normalize-space()='speak']").click()
    until(lambda: len(plain.find_elements(By.TAG_NAME, "audio")) == 2, what="the response has two audio players")


def test_examples_are_forms(plain: WebDriver) -> None:
    plain.find_element(By.XPATH, "//button[normalize-space()='Hello, world.']").click()
    until(lambda: plain.find_elements(By.TAG_NAME, "audio"), what="the response has an audio player")


def test_controls_that_need_javascript_are_hidden(plain: WebDriver, engine: str) -> None:
    if engine == "webkit":
        pytest.skip(SCRIPTED)
    shown = plain.find_element(By.TAG_NAME, "body").text
    assert "menu" not in shown
    assert "connecting" not in shown


def _prompt(driver: WebDriver) -> WebElement:
    return driver.find_element(By.ID, "prompt")


def _number(audio: WebElement, name: str) -> float:
    return float(audio.get_property(name) or 0)  # type: ignore[arg-type]
