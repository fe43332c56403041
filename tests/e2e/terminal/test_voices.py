"""The dialog of voices: choose, hear, keep, and install a voice from a local catalog."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.e2e import users
from tests.e2e.axe import violations
from tests.e2e.page import Page
from tests.e2e.server import Server, copy_installation
from tests.e2e.terminal.test_accessibility import _axe  # noqa: F401 - a fixture
from tests.e2e.waits import until
from tests.synthesis.voices.catalog_server import Mirror, serve
from tests.synthesis.voices.piper_voices import VoiceShape, make_voice

PACA = "es_ES-paca-medium"
FOLDER = "es/es_ES/paca/medium"
MODEL = f"{FOLDER}/{PACA}.onnx"
CARD = b"# Model card\n\n## Dataset\n\n* License: CC0-1.0\n"
HEARD = "const sound = document.querySelector('#voice-dialog audio'); return sound.currentTime > 0 && !sound.error"
INSTALL_S = 120


def open_voices(page: Page) -> None:
    page.say("/voice")
    until(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#voice-list [role=option]"), what="the voices are listed")


def hear(page: Page, name: str) -> None:
    page.button(f"hear a sample of {name}").click()
    until(lambda: page.run(HEARD), within=30, what=f"{name} is heard")


def pressed(page: Page, name: str) -> bool:
    return page.button(name).get_attribute("aria-pressed") == "true"


@pytest.mark.usefixtures("_axe")
def test_a_voice_is_found_played_and_marked_as_favorite(page: Page) -> None:
    open_voices(page)
    assert violations(page) == []
    assert "Joe" in page.shown("voice-facts")
    assert "CC0-1.0" in page.shown("voice-facts")
    assert "in use" in page.driver.find_element(By.CSS_SELECTOR, "#voice-list [aria-selected=true]").text
    page.press("no such voice")
    until(lambda: "No installed voice matches." in page.shown("voice-dialog"), what="the search finds nothing")
    page.press(*[Keys.BACKSPACE] * len("no such voice"), "english")
    hear(page, "Joe")
    for name in ("favorite", "default for English"):
        page.button(name).click()
        until(lambda: pressed(page, name), what=f"{name} is kept")  # noqa: B023 - called at once
    assert "your default for English" in page.shown("voice-message")
    page.press(Keys.ESCAPE)
    page.open()
    page.driver.find_element(By.ID, "voice-button").send_keys(Keys.ENTER)
    until(lambda: "★ favorite, your default" in page.shown("voice-list"), what="the choices are kept")
    page.press(Keys.ENTER)
    until(lambda: not page.driver.find_elements(By.CSS_SELECTOR, "#voice-dialog[open]"), what="Enter closes the dialog")
    assert page.run("return alphanumeric.state().settings?.voice ?? document.getElementById('voice').value") == "joe"


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    """Yield a catalog with a Spanish voice."""
    voice = make_voice(tmp_path, VoiceShape(stochastic=False))
    config = voice.json.read_bytes().replace(b'"de"', b'"es"').replace(b"de_AT", b"es_ES")
    with serve(Mirror()) as made:
        files = {MODEL: voice.onnx.read_bytes(), f"{MODEL}.json": config, f"{FOLDER}/MODEL_CARD": CARD}
        made.add_piper(files, PACA)
        yield made


@pytest.fixture
def catalog_server(tmp_path: Path, joe_voice_dir: Path, mirror: Mirror) -> Iterator[Server]:
    """Yield a server that installs from the mirror, into a folder of voices of its own."""
    folder = tmp_path / "site"
    folder.mkdir()
    copy_installation(folder, joe_voice_dir)
    (folder / "voices").unlink()
    (folder / "voices").mkdir()
    (folder / "voices" / "joe").symlink_to(joe_voice_dir)
    server = Server(folder, folder / "server.log", VOICE_MIRROR_URL=mirror.url)
    server.start()
    yield server
    server.stop()


@pytest.mark.usefixtures("_axe")
@pytest.mark.parametrize("engine", ["chromium"], indirect=True, scope="session")
def test_a_spanish_voice_is_found_installed_and_heard_without_leaving_the_page(
    browser: WebDriver, catalog_server: Server, mirror: Mirror
) -> None:
    page = Page(browser, catalog_server.url)
    users.admin(page, catalog_server, users.operator(catalog_server))
    page.leave_admin()
    page.open()
    address = page.driver.current_url
    open_voices(page)
    until(lambda: page.button("find more voices").is_displayed(), what="the operator can install")
    page.button("find more voices").click()
    page.button("download the lists").click()
    until(lambda: page.driver.find_elements(By.CSS_SELECTOR, ".catalog li"), what="the list is downloaded")
    page.press("spanish")
    page.button(f"install {PACA}").click()
    start = until(lambda: page.driver.find_elements(By.CSS_SELECTOR, ".confirm button"), what="the license is shown")
    assert "License: CC0-1.0." in page.shown("voice-dialog")
    assert violations(page) == []
    right, mirror.files[MODEL] = mirror.files[MODEL], bytes(len(mirror.files[MODEL]))
    start[0].click()
    until(
        lambda: "Install the voice again." in page.shown("voice-message"), within=INSTALL_S, what="the failure is shown"
    )
    mirror.files[MODEL] = right
    page.button(f"install {PACA}").click()
    until(lambda: page.driver.find_elements(By.CSS_SELECTOR, ".confirm button"), what="the license is shown")[0].click()
    until(lambda: f"{PACA} is installed." in page.shown("voice-message"), within=INSTALL_S, what="it is installed")
    page.press(Keys.ENTER)
    until(lambda: "Spanish" in page.shown("voice-facts"), what="the new voice is marked")
    page.button("default for Spanish").click()
    until(lambda: pressed(page, "default for Spanish"), what="it is the default")
    hear(page, "Paca (medium)")
    page.button("use this voice").click()
    until(lambda: not page.driver.find_elements(By.CSS_SELECTOR, "#voice-dialog[open]"), what="the dialog is closed")
    page.say("Buenos días.")
    # The voice is not trained: how long it speaks is not known.
    until(lambda: [entry.state for entry in page.entries] in (["speaking"], ["done"]), within=30, what="it speaks")
    assert page.run("return document.getElementById('voice').value") == PACA.lower()
    assert page.driver.current_url == address
    assert page.faults() == []
    page.leave()
