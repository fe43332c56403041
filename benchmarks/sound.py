"""Measures the audio in a recording without the pauses inserted between sentences, which need no synthesis."""

import numpy as np
from numpy.typing import NDArray

SILENCE_S = 0.05
"""Seconds. Longer runs of zeros are inserted pauses: the silence of a voice is never exactly zero."""


def sound_s(pcm: NDArray[np.int16], sample_rate: int) -> float:
    """Return the seconds of ``pcm`` (shape ``(samples,)``) that are not part of a longer run of zeros."""
    still = np.concatenate(([False], pcm == 0, [False]))
    edges = np.flatnonzero(np.diff(still.astype(np.int8)))
    runs = edges[1::2] - edges[::2]
    silent = int(runs[runs > SILENCE_S * sample_rate].sum())
    return (len(pcm) - silent) / sample_rate
