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


class TooManyTriesError(ValidationError):
    """An error of a form that says when to try again; ``wait`` are the seconds until then."""

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message.format(when=in_words(wait)), code="throttled")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Budget:
    """So many failed tries in a quarter of an hour, for each of what is counted."""

    name: str
    tries: int

    def take(self, counted: str) -> int:
        """Take a try: the seconds to wait where there is none left, else nothing."""
        usage = self._usage("taken", counted, increment=True)
        if usage is None:
            return 0
        if not usage["limit"]:
            # The cache does not count: a door that nobody guards stays shut.
            return 60
        back = self._usage("given-back", counted) or {"count": 0}
        return max(1, usage["time_left"]) if usage["count"] - back["count"] > self.tries else 0

    def give_back(self, counted: str) -> None:
        """The try was none: the password was right."""
        self._usage("given-back", counted, increment=True)

    def _usage(self, what: str, counted: str, *, increment: bool = False) -> dict[str, Any] | None:
        # Both are counted in the same windows, which begin at a second that is made of ``counted`` alone.
        usage: dict[str, Any] | None = get_usage(
            None,
            group=f"{self.name}.{what}",
            key=lambda _group, _request: counted,
            rate=(self.tries, PERIOD_S),
            increment=increment,
        )
        return usage


def take(message: str, *wanted: tuple[Budget, str]) -> Callable[[], None]:
    """Take a try of each, none of those behind one that has none left; what is returned gives all of them back."""
    for budget, counted in wanted:
        wait = budget.take(counted)
        if wait:
            raise TooManyTriesError(message, wait)
    return partial(_give_back, wanted)


def told(form: BaseForm, response: Answer) -> Answer:
    """The answer with a form in it; where a try was refused, programs are told as well as people."""
    for errors in form.errors.as_data().values():
        for error in errors:
            if isinstance(error, TooManyTriesError):
                response.status_code = 429
                response["Retry-After"] = str(error.wait)
    return response


def in_words(seconds: int) -> str:
    """How long that is, for people."""
    if seconds <= 60:
        return "in a minute"
    return f"in {math.ceil(seconds / 60)} minutes"


def _give_back(taken: tuple[tuple[Budget, str], ...]) -> None:
    for budget, counted in taken:
        budget.give_back(counted)
