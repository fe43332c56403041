"""A fuzzing loop without coverage, and the minimization of failing inputs."""

import random
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fuzz.mutations import mutate
from tests.fuzz.target import Target

MAX_ATTEMPTS = 3000
"""Attempts to shorten a failing input."""


@dataclass(slots=True)
class Outcome:
    """The result of a long run."""

    cases: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    found: dict[str, bytes] = field(default_factory=dict)
    """A minimized input for each source location that failed."""


def run(target: Target, inputs: list[bytes], cases: int, seed: int, before: Callable[[bytes], None]) -> Outcome:
    """Run ``cases`` mutations of ``inputs``. ``before`` receives each, to record an input that crashes the process."""
    random_source, outcome, began = random.Random(seed), Outcome(), time.monotonic()  # noqa: S311 - not for cryptography
    for data in inputs:
        target(data)
    for _ in range(cases):
        data = mutate(inputs, random_source)
        before(data)
        started = time.process_time()
        place = fault(target, data)
        outcome.slowest_s = max(outcome.slowest_s, time.process_time() - started)
        outcome.cases += 1
        if place and place not in outcome.found:
            outcome.found[place] = minimize(target, data, place)
    outcome.seconds = time.monotonic() - began
    return outcome


def fault(target: Target, data: bytes) -> str:
    """Return the error's type, location and message; empty if the input passed."""
    try:
        target(data)
    except Exception as error:  # noqa: BLE001 - any exception is a failure
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}: {str(error)[:120]!r}"[:200]
    return ""


def minimize(target: Target, data: bytes, place: str) -> bytes:
    """Return a minimized input that fails at the same location."""
    kind = place.partition(": ")[0]
    tries, piece = 0, max(1, len(data) // 2)
    while tries < MAX_ATTEMPTS:
        start, shrunk = 0, False
        while start < len(data) and tries < MAX_ATTEMPTS:
            shorter = data[:start] + data[start + piece :]
            tries += 1
            if fault(target, shorter).partition(": ")[0] == kind:
                data, shrunk = shorter, True
            else:
                start += piece
        if piece == 1 and not shrunk:
            break
        piece = max(1, piece // 2)
    return data
