"""Form input on the account pages and in the admin."""

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass, field

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.e2e.page import Page
from tests.e2e.server import ROOT, Server
from tests.e2e.waits import until


@dataclass(frozen=True, slots=True)
class Person:
    """A user, with or without an account."""

    name: str = field(default_factory=lambda: f"alice-{secrets.token_hex(4)}")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))


def fill(driver: WebDriver, button: str, **fields: str) -> None:
    """Fill in a form, press its button, and wait for the page that follows."""
    for name, value in fields.items():
        entry = driver.find_element(By.NAME, name)
        entry.clear()
        entry.send_keys(value)
    before = driver.find_element(By.TAG_NAME, "html")
    pressed = driver.find_element(
        By.XPATH, f"//*[self::button or self::input][normalize-space()='{button}' or @value='{button}']"
    )
    # WebKit's driver does not scroll to a button below the window.
    driver.execute_script("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", pressed)
    pressed.click()
    until(lambda: driver.find_element(By.TAG_NAME, "html") != before, what=f"{button} opens the next page")


def sign_up(page: Page, person: Person) -> None:
    """Create an account."""
    page.go(f"{page.url}accounts/sign-up/")
    fill(page.driver, "Create the account", username=person.name, password1=person.password, password2=person.password)
    until(lambda: f"Welcome, {person.name}" in _text(page), what="the welcome message is displayed")


def sign_in(page: Page, person: Person) -> None:
    """Sign in to an account."""
    page.go(f"{page.url}accounts/sign-in/")
    fill(page.driver, "Sign in", username=person.name, password=person.password)
    until(lambda: f"signed in as {person.name}" in _text(page), what="the user is signed in")


def sign_out(page: Page) -> None:
    """Sign out."""
    page.go(f"{page.url}accounts/")
    fill(page.driver, "Sign out")
    until(lambda: "You are signed out" in _text(page), what="the user is signed out")


def admin(page: Page, server: Server, person: Person) -> None:
    """Sign in to the admin with the password."""
    page.go(f"{server.url}admin/login/?next=/admin/")
    fill(page.driver, "Log in", username=person.name, password=person.password)


def operator(server: Server) -> Person:
    """Create an account for the operator, from the command line."""
    person = Person(name=f"operator-{secrets.token_hex(4)}")
    own = {"DATA_DIR": str(server.data_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
    facts = {
        "DJANGO_SUPERUSER_USERNAME": person.name,
        "DJANGO_SUPERUSER_PASSWORD": person.password,
        "DJANGO_SUPERUSER_EMAIL": "",
    }
    command = [sys.executable, str(ROOT / "manage.py"), "createsuperuser", "--noinput"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **own, **facts}, check=True, capture_output=True)
    return person


def _text(page: Page) -> str:
    return page.driver.find_element(By.TAG_NAME, "body").text
