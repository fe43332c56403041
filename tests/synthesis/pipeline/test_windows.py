"""The window plan and the word timings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.pipeline.windows import FIRST_WINDOW, LARGEST_WINDOW, plan_windows
from synthesis.pipeline.word_timings import WordTiming, compute_word_timings


@pytest.mark.parametrize(
    ("frames", "begin", "expected"),
    [
        (0, 0, []),
        (1, 0, [(0, 1)]),
        (16, 0, [(0, 16)]),
        (17, 0, [(0, 16), (16, 17)]),
        (300, 0, [(0, 16), (16, 48), (48, 96), (96, 144), (144, 192), (192, 240), (240, 270), (270, 300)]),
        (86, 0, [(0, 16), (16, 59), (59, 86)]),
        (60, 50, [(50, 60)]),
        (60, 60, []),
    ],
)
def test_windows_double(frames: int, begin: int, expected: list[tuple[int, int]]) -> None:
    assert list(plan_windows(frames, begin=begin)) == expected


@given(frames=st.integers(0, 5000), begin=st.integers(0, 5000))
def test_windows_cover_without_gaps(frames: int, begin: int) -> None:
    position = begin
    for index, (start, stop) in enumerate(plan_windows(frames, begin=begin)):
        assert start == position
        assert 0 < stop - start <= (FIRST_WINDOW if index == 0 else LARGEST_WINDOW)
        position = stop
    assert position == max(frames, begin)


def test_word_timings_start_with_the_segment() -> None:
    durations = np.array([2, 3, 4, 1], dtype=np.int64)
    timed = compute_word_timings([(0, 5), (6, 9)], [(1, 2), (2, 4)], durations, hop_length=10, first_sample=1000)
    assert timed == [WordTiming(0, 5, 1020, 1050), WordTiming(6, 9, 1050, 1100)]


def test_parts_of_a_written_word_share_one_timing() -> None:
    durations = np.array([1, 1, 1], dtype=np.int64)
    timed = compute_word_timings(
        [(0, 9), (0, 9), (10, 12)], [(0, 1), (1, 2), (2, 3)], durations, hop_length=10, first_sample=0
    )
    assert timed == [WordTiming(0, 9, 0, 20), WordTiming(10, 12, 20, 30)]
