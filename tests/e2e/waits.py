"""Waits for conditions, never for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

T = TypeVar("T")
POLL_S = 0.05


def until(condition: Callable[[], T], *, within: float = 10, what: str = "") -> T:
    """Return the first truthy result of ``condition``. Raises ``AssertionError`` after ``within`` seconds."""
    deadline = time.monotonic() + within
    while True:
        value = _evaluate(condition)
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or condition} (last value: {value!r})")
        # Pause between evaluations, so that polling does not slow down the page.
        time.sleep(POLL_S)


def _evaluate(condition: Callable[[], T]) -> T | None:
    """Evaluate the condition; a page that is unloading has no value."""
    try:
        return condition()
    except (NoSuchElementException, StaleElementReferenceException):
        return None
