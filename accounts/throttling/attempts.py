"""How often a password may be tried: whoever knows it is not held up, whoever guesses gets nowhere.

Only failed tries count. Each is taken before the password is looked at, so that a thousand at once are no more than a
thousand in turn, and given back where it was right.
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

Answer = TypeVar("Answer", bound=HttpResponseBase)

PERIOD_S = 15 * 60


class TooManyAttemptsError(ValidationError):
    """An error of a form that says when to try again; ``wait`` are the seconds until then."""

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message.format(when=format_wait(wait)), code="throttled")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """So many failed tries in a quarter of an hour, for each of what is counted."""

    name: str
    max_attempts: int

    def consume(self, counted: str) -> int:
        """Take a try: the seconds to wait where there is none left, else nothing."""
        usage = self._usage("taken", counted, increment=True)
        if usage is None:
            return 0
        if not usage["limit"]:
            # The cache does not count: a door that nobody guards stays shut.
            return 60
        back = self._usage("given-back", counted) or {"count": 0}
        return max(1, usage["time_left"]) if usage["count"] - back["count"] > self.max_attempts else 0

    def refund(self, counted: str) -> None:
        """The try was none: the password was right."""
        self._usage("given-back", counted, increment=True)

    def _usage(self, what: str, counted: str, *, increment: bool = False) -> dict[str, Any] | None:
        # Both are counted in the same windows, which begin at a second that is made of ``counted`` alone.
        usage: dict[str, Any] | None = get_usage(
            None,
            group=f"{self.name}.{what}",
            key=lambda _group, _request: counted,
            rate=(self.max_attempts, PERIOD_S),
            increment=increment,
        )
        return usage


def consume(message: str, *wanted: tuple[AttemptLimit, str]) -> Callable[[], None]:
    """Take a try of each, none of those behind one that has none left; what is returned gives all of them back."""
    for limit, counted in wanted:
        wait = limit.consume(counted)
        if wait:
            raise TooManyAttemptsError(message, wait)
    return partial(_refund, wanted)


def add_retry_after(form: BaseForm, response: Answer) -> Answer:
    """The answer with a form in it; where a try was refused, programs are told as well as people."""
    for errors in form.errors.as_data().values():
        for error in errors:
            if isinstance(error, TooManyAttemptsError):
                response.status_code = 429
                response["Retry-After"] = str(error.wait)
    return response


def format_wait(seconds: int) -> str:
    """How long that is, for people."""
    if seconds <= 60:
        return "in a minute"
    return f"in {math.ceil(seconds / 60)} minutes"


def _refund(taken: tuple[tuple[AttemptLimit, str], ...]) -> None:
    for limit, counted in taken:
        limit.refund(counted)
