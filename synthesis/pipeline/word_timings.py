"""Computes when each written word sounds. Pure: numbers in, numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthesis.text.word import Word


@dataclass(frozen=True, slots=True)
class WordTiming:
    """A written word, ``start`` to ``end`` in the text (code points), and its range in samples of the utterance."""

    start: int
    end: int
    first_sample: int
    last_sample: int


@dataclass(frozen=True, slots=True)
class MarkTime:
    """A mark of SSML, and the sample of the utterance at which it is reached."""

    name: str
    sample: int


def compute_word_timings(
    written: Sequence[tuple[int, int]],
    id_spans: Sequence[tuple[int, int]],
    durations: NDArray[np.int64],
    *,
    hop_length: int,
    first_sample: int,
) -> list[WordTiming]:
    """Return when each word of a segment sounds.

    ``written`` are the words' spans in the text, ``id_spans`` their ranges of phoneme ids,
    ``durations`` the frames of every id (shape ``(ids,)``), ``first_sample`` the segment's first
    sample in the utterance. The parts of one written word (a long word is spoken in pieces) are
    merged.
    """
    edges = np.concatenate(([0], np.cumsum(durations))) * hop_length + first_sample
    timed: list[WordTiming] = []
    for (start, end), (first_id, last_id) in zip(written, id_spans, strict=True):
        begin, stop = int(edges[first_id]), int(edges[last_id])
        if timed and (timed[-1].start, timed[-1].end) == (start, end):
            timed[-1] = WordTiming(start, end, timed[-1].first_sample, stop)
        else:
            timed.append(WordTiming(start, end, begin, stop))
    return timed


def compute_mark_times(
    words: Sequence[Word],
    id_spans: Sequence[tuple[int, int]],
    durations: NDArray[np.int64],
    *,
    hop_length: int,
    first_sample: int,
) -> list[MarkTime]:
    """Return when the marks before and after the words of a segment are reached; parameters as above."""
    if not any(word.annotation.marks or word.annotation.marks_after for word in words):
        return []
    edges = np.concatenate(([0], np.cumsum(durations))) * hop_length + first_sample
    times: list[MarkTime] = []
    for word, (first_id, last_id) in zip(words, id_spans, strict=True):
        times += [MarkTime(name, int(edges[first_id])) for name in word.annotation.marks]
        times += [MarkTime(name, int(edges[last_id])) for name in word.annotation.marks_after]
    return times
