"""The CSP is enforced in every browser, and the page works without storage."""

import re
import urllib.request

import pytest
from selenium.webdriver.common.by import By

from tests.csp import POLICY, parse_policy
from tests.e2e.conftest import OpenPage
from tests.e2e.engines import Setup
from tests.e2e.page import Page
from tests.e2e.server import Server
from tests.e2e.waits import until

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def test_pages_have_the_security_headers(server: Server) -> None:
    with urllib.request.urlopen(server.url, timeout=10) as answer:  # noqa: S310 - our own server
        headers = answer.headers
    assert parse_policy(headers["Content-Security-Policy"]) == POLICY
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert {name: headers[name] for name in HEADERS} == HEADERS
    # Only the device cookie, and no session cookie.
    (cookie,) = headers.get_all("Set-Cookie")
    assert cookie.startswith("device=")
    assert "; HttpOnly;" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "attempt",
    [
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s)",
        "const a = document.createElement('a'); a.setAttribute('onclick', 'window.hacked = 1'); a.click()",
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hacked = 1\">')",
    ],
)
def test_text_never_becomes_script(page: Page, attempt: str) -> None:
    page.run(f"try {{ {attempt} }} catch (refusal) {{ }}")
    assert page.run("return window.hacked ?? null") is None
    faults = page.faults()
    assert faults
    assert all(re.match(r"csp: (script-src|require-trusted-types-for|img-src)", fault) for fault in faults)


def test_a_link_from_another_site_opens_the_page(page: Page) -> None:
    page.go(f"data:text/html,<a href={page.url}>speak</a>")
    page.driver.find_element(By.TAG_NAME, "a").click()
    until(lambda: page.run("return location.href") == page.url and page.connected, what="the terminal opens")


def test_speech_works_without_cookies_and_storage(open_page: OpenPage) -> None:
    page = open_page(Setup(storage=False))
    assert page.run("try { return localStorage.length } catch (refusal) { return refusal.name }") == "SecurityError"
    page.say("Hello, world.")
    page.sound.begins()
    page.entry("done")
