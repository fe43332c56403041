"""Active sessions: the list, and ending one or all of them, which open tabs notice."""

from selenium.webdriver.common.by import By

from tests.e2e.page import Page
from tests.e2e.users import Person, fill, sign_in, sign_up
from tests.e2e.waits import until


def test_sessions_are_listed_and_ended(page: Page, stranger: Page) -> None:
    person = Person()
    sign_up(page, person)
    sign_in(stranger, person)
    stranger.open()
    assert account(stranger) == person.name

    page.go(f"{page.url}accounts/sessions/")
    here, there = sessions(page)
    assert "this browser" in here
    assert "this browser" not in there
    assert "last seen just now" in there
    page.driver.find_elements(By.CSS_SELECTOR, ".session-list button")[1].click()
    until(lambda: len(sessions(page)) == 1, what="the other session is not listed")
    until(lambda: account(stranger) is None, what="its open tab belongs to a visitor")
    until(lambda: stranger.connected, what="that tab is connected")

    sign_in(stranger, person)
    stranger.open()
    page.go(f"{page.url}accounts/sessions/")
    assert len(sessions(page)) == 2
    fill(page.driver, "Sign out all sessions, including this one")
    assert "All your sessions are signed out" in page.driver.find_element(By.TAG_NAME, "body").text
    until(lambda: account(stranger) is None, what="the other session is signed out too")


def sessions(page: Page) -> list[str]:
    """Return the lines of the session list."""
    return [place.text for place in page.driver.find_elements(By.CSS_SELECTOR, ".session-list li")]


def account(page: Page) -> str | None:
    """Return the name of the account that the open terminal displays."""
    name = page.run("return alphanumeric.state().account")
    return None if name is None else str(name)
