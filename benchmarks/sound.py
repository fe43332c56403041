"""How much of a recording is sound: pauses that were put between sentences cost nothing to make."""

import numpy as np
from numpy.typing import NDArray

SILENCE_S = 0.05
"""Zeros for longer than this are no work of the voice, whose own silence is never quite still."""


def sound_s(pcm: NDArray[np.int16], sample_rate: int) -> float:
    """Seconds of ``pcm`` (shape ``(samples,)``) that are not part of a longer run of zeros."""
    still = np.concatenate(([False], pcm == 0, [False]))
    edges = np.flatnonzero(np.diff(still.astype(np.int8)))
    runs = edges[1::2] - edges[::2]
    silent = int(runs[runs > SILENCE_S * sample_rate].sum())
    return (len(pcm) - silent) / sample_rate
