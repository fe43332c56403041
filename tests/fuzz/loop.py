"""A plain loop of mutations, and how what it finds is made small."""

import random
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fuzz.mutations import mutated
from tests.fuzz.target import Target

TRIES = 3000
"""At making an input smaller."""


@dataclass(slots=True)
class Outcome:
    """What a long run came to."""

    cases: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    found: dict[str, bytes] = field(default_factory=dict)
    """An input, as small as it could be made, for every place at which something went wrong."""


def run(target: Target, inputs: list[bytes], cases: int, seed: int, before: Callable[[bytes], None]) -> Outcome:
    """``cases`` mutations of ``inputs``; ``before`` is handed each: it is known even if the process dies of it."""
    dice, outcome, began = random.Random(seed), Outcome(), time.monotonic()  # noqa: S311 - a game of dice
    for data in inputs:
        target(data)
    for _ in range(cases):
        data = mutated(inputs, dice)
        before(data)
        started = time.process_time()
        place = fault(target, data)
        outcome.slowest_s = max(outcome.slowest_s, time.process_time() - started)
        outcome.cases += 1
        if place and place not in outcome.found:
            outcome.found[place] = smaller(target, data, place)
    outcome.seconds = time.monotonic() - began
    return outcome


def fault(target: Target, data: bytes) -> str:
    """Where and with what the property was broken; empty where it held."""
    try:
        target(data)
    except Exception as error:  # noqa: BLE001 - every kind is a finding
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}: {str(error)[:120]!r}"[:200]
    return ""


def smaller(target: Target, data: bytes, place: str) -> bytes:
    """The input with everything left out without which it goes wrong at the same place."""
    kind = place.partition(": ")[0]
    tries, piece = 0, max(1, len(data) // 2)
    while tries < TRIES:
        start, shrunk = 0, False
        while start < len(data) and tries < TRIES:
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
