"""Plans which frames of a segment to decode in which window.

Pure: numbers in, numbers out.
"""

from collections.abc import Iterator

FIRST_WINDOW = 16
"""Frames in the first window: 0.19 s at 22,050 Hz, the minimum that covers the synthesis of the next window."""

LARGEST_WINDOW = 48
"""Frames in a window once the stream runs: larger ones cost as much per frame, and more memory."""


def plan_windows(
    frames: int, *, begin: int = 0, first: int = FIRST_WINDOW, largest: int = LARGEST_WINDOW
) -> Iterator[tuple[int, int]]:
    """Return half-open ranges that cover the frames ``begin`` to ``frames``: ``first`` long, then
    doubling to ``largest``.

    The last two are cut so that two workers, of which one has just decoded the window before, end
    together.
    """
    size, before = first, 0
    while begin < frames:
        rest = frames - begin
        if before and size < rest <= 2 * largest:
            size = min(largest, (rest + (before if before == first else 0) + 1) // 2)
        end = min(begin + size, frames)
        yield begin, end
        begin, size, before = end, min(size * 2, largest), size
