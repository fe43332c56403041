"""What is fuzzed, how long it may take, and what it must not do."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

AT_LEAST_S = 1.0
A_KILOBYTE_S = 0.1
"""Processor time that an input may take: what is said of 50 KB is 6 seconds. Far above what any of them needs, far
below what an input that takes time in the square of its size would."""


class TooSlowError(AssertionError):
    """An input took longer than its size allows, twice."""


@contextmanager
def _nothing() -> Iterator[None]:
    with nullcontext():
        yield


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads strangers' bytes."""

    run: Callable[[bytes], object]
    """Returns for every input whatever, or the property is broken: our own errors are caught in it, and looked at."""
    seeds: Callable[[], list[bytes]]
    """Inputs that are good, for the mutations to begin at."""
    prepare: Callable[[], AbstractContextManager[None]] = _nothing
    """What must be there around the runs."""

    def __call__(self, data: bytes) -> None:
        """Run it in time. Time is the processor's, so that other work on the machine does not count."""
        if self._took(data) > allowed_s(data) and self._took(data) > allowed_s(data):
            raise TooSlowError(f"{len(data)} bytes took more than {allowed_s(data):.1f} s of processor time")

    def _took(self, data: bytes) -> float:
        began = time.process_time()
        self.run(data)
        return time.process_time() - began


def allowed_s(data: bytes) -> float:
    """Seconds of processor time for these bytes."""
    return AT_LEAST_S + A_KILOBYTE_S * len(data) / 1024


def as_text(data: bytes) -> str:
    """Bytes as text that may have lone surrogates in it, as JSON's escapes can make them."""
    return data.decode("utf-8", "surrogatepass") if _decodes(data) else data.decode("utf-8", "replace")


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
