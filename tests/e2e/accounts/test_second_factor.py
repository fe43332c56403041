"""The admin requires a second factor: a code of the authenticator app, or a recovery code."""

import re
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from django_otp.oath import TOTP
from selenium.webdriver.common.by import By

from tests.e2e.page import Page
from tests.e2e.server import Server, copy_installation
from tests.e2e.users import admin, fill, operator
from tests.e2e.waits import until

WRONG = "The code is wrong or has expired"
OPEN = "Site administration"


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory, joe_voice_dir: Path) -> Iterator[Server]:
    """Yield a server that requires the second factor."""
    folder = tmp_path_factory.mktemp("guarded")
    copy_installation(folder, joe_voice_dir)
    server = Server(folder, folder / "server.log", ADMIN_REQUIRE_2FA="true")
    server.start()
    yield server
    server.stop()


def test_the_admin_accepts_an_app_code_and_each_recovery_code_once(stranger: Page, guarded: Server) -> None:
    person = operator(guarded)
    admin(stranger, guarded, person)
    assert stranger.run("return document.querySelector('img.qr-code').naturalWidth") > 0
    secret = "".join(re.findall(r"secret: ([A-Z2-7 ]+)\.", text(stranger))[0].split())
    assert WRONG in answer(stranger, "Set up", "000000")

    # After a wrong code, the next attempt is throttled for a second.
    until(lambda: "Recovery codes" in answer(stranger, "Set up", shown(secret)), what="the app is set up")
    kept = [code.text for code in stranger.driver.find_elements(By.CSS_SELECTOR, ".codes code")]
    stranger.driver.find_element(By.LINK_TEXT, "I saved the codes: continue").click()
    until(lambda: OPEN in text(stranger), what="the admin opens")

    leave(stranger, guarded)
    admin(stranger, guarded, person)
    assert WRONG in answer(stranger, "Continue", "000000")
    stranger.go(f"{guarded.url}admin/")
    assert OPEN not in text(stranger)
    assert OPEN in answer(stranger, "Continue", kept[0])

    leave(stranger, guarded)
    admin(stranger, guarded, person)
    assert WRONG in answer(stranger, "Continue", kept[0])
    stranger.leave_admin()


def shown(secret: str) -> str:
    """Return the app's current code."""
    return f"{TOTP(b32decode(secret)).token():06d}"


def answer(page: Page, button: str, code: str) -> str:
    """Return the text of the page after the code was sent."""
    fill(page.driver, button, code=code)
    return text(page)


def leave(page: Page, server: Server) -> None:
    page.go(f"{server.url}accounts/")
    fill(page.driver, "Sign out")


def text(page: Page) -> str:
    return page.driver.find_element(By.TAG_NAME, "body").text
