"""Many readings in few numbers."""

import math
import statistics
from collections.abc import Sequence


def median(readings: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle. Raises ``ValueError`` for none."""
    return statistics.median(readings)


def p95(readings: Sequence[float]) -> float:
    """The least reading that 95 in 100 do not exceed (nearest rank: never a number that was not read).

    Raises ``ValueError`` for no readings.
    """
    if not readings:
        raise ValueError("no readings")
    return sorted(readings)[math.ceil(0.95 * len(readings)) - 1]
