"""Defines a fuzz target: its function, seeds, time limit and setup."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

AT_LEAST_S = 1.0
A_KILOBYTE_S = 0.1
"""Limit of processor time: 6 seconds for 50 KB, which is far above the need of any target, and far
below the time of a quadratic algorithm."""


class TooSlowError(AssertionError):
    """An input exceeded the time limit for its size twice."""


@contextmanager
def _no_setup() -> Iterator[None]:
    with nullcontext():
        yield


@dataclass(frozen=True, slots=True)
class Target:
    """A function that reads untrusted bytes."""

    run: Callable[[bytes], object]
    """Must not raise for any input: it catches and checks our own errors."""
    seeds: Callable[[], list[bytes]]
    """Valid inputs from which the mutations start."""
    prepare: Callable[[], AbstractContextManager[None]] = _no_setup
    """Sets up and tears down the environment of the runs."""

    def __call__(self, data: bytes) -> None:
        """Run within the time limit. Measures processor time, so that other work on the machine does not count."""
        if self._processor_s(data) > allowed_s(data) and self._processor_s(data) > allowed_s(data):
            raise TooSlowError(f"{len(data)} bytes took more than {allowed_s(data):.1f} s of processor time")

    def _processor_s(self, data: bytes) -> float:
        began = time.process_time()
        self.run(data)
        return time.process_time() - began


def allowed_s(data: bytes) -> float:
    """Return the limit of processor time for an input, in seconds."""
    return AT_LEAST_S + A_KILOBYTE_S * len(data) / 1024


def as_text(data: bytes) -> str:
    """Decode bytes as text, which may contain lone surrogates, as from JSON escapes."""
    return data.decode("utf-8", "surrogatepass") if _decodes(data) else data.decode("utf-8", "replace")


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
