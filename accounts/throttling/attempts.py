"""Limits on failed password attempts (rate limit, fixed windows), against brute force and credential stuffing.

Only failed attempts count. Each attempt is charged before the password is checked, so that concurrent attempts cannot
exceed the limit, and refunded if the password was right.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponseBase
from django_ratelimit.core import get_usage

from core import metrics
from core.logs.client_errors import client_errors

Answer = TypeVar("Answer", bound=HttpResponseBase)

PERIOD_S = 15 * 60


class TooManyAttemptsError(ValidationError):
    """Form error of a throttled attempt; ``wait`` is the number of seconds until the next attempt is allowed."""

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message.format(when=format_wait(wait)), code="throttled")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """Allows ``max_attempts`` failed attempts per ``PERIOD_S`` and key."""

    name: str
    max_attempts: int

    def consume(self, counted: str) -> int:
        """Charge one attempt to the key. Return 0, or the seconds to wait if the limit is reached."""
        usage = self._usage("taken", counted, increment=True)
        if usage is None:
            return 0
        if not usage["limit"]:
            # The cache is unavailable: reject attempts that cannot be counted (fail closed).
            return 60
        back = self._usage("given-back", counted) or {"count": 0}
        return max(1, usage["time_left"]) if usage["count"] - back["count"] > self.max_attempts else 0

    def refund(self, counted: str) -> None:
        """Refund the attempt: the password was right."""
        self._usage("given-back", counted, increment=True)

    def _usage(self, what: str, counted: str, *, increment: bool = False) -> dict[str, Any] | None:
        # Both counters have the same windows, whose offset is derived from ``counted`` alone.
        usage: dict[str, Any] | None = get_usage(
            None,
            group=f"{self.name}.{what}",
            key=lambda _group, _request: counted,
            rate=(self.max_attempts, PERIOD_S),
            increment=increment,
        )
        return usage


def consume(message: str, *wanted: tuple[AttemptLimit, str]) -> Callable[[], None]:
    """Charge one attempt to each limit, in order, and return a function that refunds all of them.

    Raises ``TooManyAttemptsError`` at the first exhausted limit; the limits after it are not charged.
    """
    for limit, counted in wanted:
        wait = limit.consume(counted)
        if wait:
            metrics.SIGN_INS.labels("throttled").inc()
            client_errors.report("form", "throttled")
            raise TooManyAttemptsError(message, wait)
    return partial(_refund, wanted)


def add_retry_after(form: BaseForm, response: Answer) -> Answer:
    """Return the response, with status 429 and Retry-After if the form was throttled."""
    for errors in form.errors.as_data().values():
        for error in errors:
            if isinstance(error, TooManyAttemptsError):
                response.status_code = 429
                response["Retry-After"] = str(error.wait)
    return response


def format_wait(seconds: int) -> str:
    """Return the wait as text, rounded up to minutes."""
    if seconds <= 60:
        return "in a minute"
    return f"in {math.ceil(seconds / 60)} minutes"


def _refund(taken: tuple[tuple[AttemptLimit, str], ...]) -> None:
    for limit, counted in taken:
        limit.refund(counted)
