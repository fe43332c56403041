"""The manual in real browsers."""

import pytest

from tests.e2e.axe import violations
from tests.e2e.page import Page
from tests.e2e.terminal.test_accessibility import _axe  # noqa: F401 - a fixture


@pytest.mark.usefixtures("_axe")
@pytest.mark.parametrize("path", ["help/?q=theme", "help/keyboard/", "help/api/"])
def test_the_manual_is_accessible(page: Page, path: str) -> None:
    page.go(page.url + path)
    assert violations(page) == []
