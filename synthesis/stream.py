"""The plan of a stream: which frames to decode when, and when each written word sounds.

Pure: numbers in, numbers out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIRST_WINDOW = 16
"""Frames in the first window: 0.19 s at 22,050 Hz, the least that hides the making of the next one."""

LARGEST_WINDOW = 48
"""Frames in a window once the stream runs: larger ones cost as much for each frame, and more memory."""


def windows(
    frames: int, *, begin: int = 0, first: int = FIRST_WINDOW, largest: int = LARGEST_WINDOW
) -> Iterator[tuple[int, int]]:
    """Half-open ranges that cover the frames ``begin`` to ``frames``: ``first`` long, then doubling to ``largest``.

    The last two are cut so that two workers, of which one has just made the window before, end together.
    """
    size, before = first, 0
    while begin < frames:
        rest = frames - begin
        if before and size < rest <= 2 * largest:
            size = min(largest, (rest + (before if before == first else 0) + 1) // 2)
        end = min(begin + size, frames)
        yield begin, end
        begin, size, before = end, min(size * 2, largest), size


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A written word, ``start`` up to ``end`` in the text, and when it sounds, in samples of the utterance."""

    start: int
    end: int
    first_sample: int
    last_sample: int


def time_words(
    written: Sequence[tuple[int, int]],
    id_spans: Sequence[tuple[int, int]],
    durations: NDArray[np.int64],
    *,
    hop: int,
    first_sample: int,
) -> list[TimedWord]:
    """When each word of a segment sounds.

    ``written`` are the words' spans in the text, ``id_spans`` their ranges of phoneme ids, ``durations`` the frames of
    every id (shape ``(ids,)``), ``first_sample`` where the segment begins in the utterance. Parts of one written word
    (a long one is spoken in pieces) come out as one.
    """
    edges = np.concatenate(([0], np.cumsum(durations))) * hop + first_sample
    timed: list[TimedWord] = []
    for (start, end), (first_id, last_id) in zip(written, id_spans, strict=True):
        begin, stop = int(edges[first_id]), int(edges[last_id])
        if timed and (timed[-1].start, timed[-1].end) == (start, end):
            timed[-1] = TimedWord(start, end, timed[-1].first_sample, stop)
        else:
            timed.append(TimedWord(start, end, begin, stop))
    return timed
