"""Plans which frames of a segment to decode in which window.

Pure: numbers in, numbers out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

FIRST_WINDOW = 16
"""Frames in the first window: 0.19 s at 22,050 Hz, the minimum that covers the synthesis of the next window."""

LARGEST_WINDOW = 48
"""Frames in a window once the stream runs: larger ones cost as much per frame, and more memory."""

COMFORTABLE_S = 2.0
"""Seconds of buffered audio from which on windows may be larger, and are sent several at a time."""
COMFORTABLE_WINDOW = 192
"""Frames in a window of a client with that much audio, if enough workers remain for others."""


def comfortable_window(workers: int) -> int:
    """Return the frames in a window for a client with ``COMFORTABLE_S`` seconds of audio, with so many ``workers``.

    A new utterance waits for a running window: with two workers, 192 frames would delay it by 40 ms on average.
    """
    return max(LARGEST_WINDOW, min(COMFORTABLE_WINDOW, 16 * (workers + 1)))


@dataclass(slots=True)
class WindowPlan:
    """The windows of one segment, one at a time: ``first`` frames long, then doubling to ``largest``.

    The last two are cut so that two workers, of which one has just decoded the window before, end together.
    """

    frames: int
    begin: int = 0
    first: int = FIRST_WINDOW
    largest: int = LARGEST_WINDOW
    _size: int = 0
    _before: int = 0

    @property
    def rest(self) -> int:
        """Return the frames that are not in a window yet."""
        return max(0, self.frames - self.begin)

    def restart(self) -> None:
        """Begin with a short window again, after the client's buffer has run empty."""
        self._size = self._before = 0

    def next(self, comfortable: int = 0) -> tuple[int, int]:
        """Return the next half-open range of frames; of at least ``comfortable`` frames, if so many remain."""
        size = self._size or self.first
        if self._before and size < self.rest <= 2 * self.largest:
            size = min(self.largest, (self.rest + (self._before if self._before == self.first else 0) + 1) // 2)
        size = max(size, comfortable)
        window = self.begin, min(self.begin + size, self.frames)
        self.begin, self._size, self._before = window[1], min(size * 2, self.largest), size
        return window


def plan_windows(
    frames: int, *, begin: int = 0, first: int = FIRST_WINDOW, largest: int = LARGEST_WINDOW
) -> Iterator[tuple[int, int]]:
    """Return the ranges of a ``WindowPlan``, which cover the frames ``begin`` to ``frames``."""
    plan = WindowPlan(frames, begin, first, largest)
    while plan.rest:
        yield plan.next()
