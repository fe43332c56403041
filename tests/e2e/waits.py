"""Waits for conditions, never for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

T = TypeVar("T")
POLL_S = 0.05


def until(look: Callable[[], T], *, within: float = 10, what: str = "") -> T:
    """The first truthy answer of ``look``. Raises ``AssertionError`` with the last one after ``within`` seconds."""
    deadline = time.monotonic() + within
    while True:
        seen = _look(look)
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or look} (last seen: {seen!r})")
        # A pause between looks, so that looking does not slow down what is looked at.
        time.sleep(POLL_S)


def _look(look: Callable[[], T]) -> T | None:
    """A page that is just leaving has nothing to show."""
    try:
        return look()
    except (NoSuchElementException, StaleElementReferenceException):
        return None
