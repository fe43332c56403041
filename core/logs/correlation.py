"""The correlation id of the work in progress: one request, utterance, theme change or sign-in. Pure.

A client may choose the id (header ``X-Request-ID``, field ``correlation_id`` of socket messages). It is in each log
line of the work and in the errors that the user sees, so that operators find the lines of an error report.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

HEADER = "X-Request-ID"
PATTERN = "[0-9A-Za-z-]{8,64}"
"""Ids that clients may choose. UUIDs fit; access tokens (underscore), addresses and sentences do not."""
NEW_BYTES = 8

_VALID = re.compile(PATTERN, re.ASCII)
_current: ContextVar[str | None] = ContextVar("correlation_id", default=None)


def accept(value: object) -> str:
    """Return a client's id if it is valid, otherwise a new one."""
    return value if isinstance(value, str) and _VALID.fullmatch(value) else new()


def new() -> str:
    """Return a random id of 16 hexadecimal digits."""
    return secrets.token_hex(NEW_BYTES)


def current() -> str | None:
    """Return the id of the work in progress, ``None`` outside of any."""
    return _current.get()


@contextmanager
def bound(correlation_id: str | None) -> Iterator[None]:
    """Set the id while the context is active. Tasks and ``asyncio.to_thread`` inherit it."""
    before = _current.set(correlation_id)
    try:
        yield
    finally:
        _current.reset(before)


def carried(function: Callable[P, R], correlation_id: str | None) -> Callable[P, R]:
    """Return ``function`` with the id, for threads that do not inherit the context of their caller."""

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with bound(correlation_id):
            return function(*args, **kwargs)

    return call
