"""Summary statistics."""

import math
import statistics
from collections.abc import Sequence


def median(readings: Sequence[float]) -> float:
    """Return the median. Raises ``ValueError`` for no readings."""
    return statistics.median(readings)


def p95(readings: Sequence[float]) -> float:
    """Return the 95th percentile by nearest rank, which is always one of the readings.

    Raises ``ValueError`` for no readings.
    """
    if not readings:
        raise ValueError("no readings")
    return sorted(readings)[math.ceil(0.95 * len(readings)) - 1]
