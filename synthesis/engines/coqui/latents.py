"""Segments and their latents: pages of rows in one table on the device."""

import weakref
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from synthesis.engines.noise import seed_of
from synthesis.errors import BusyError

PAGE = 64
"""Rows of a page of latents."""
ZERO, TRASH = 0, 1
"""Reserved rows of the table: one of zeros, and one that receives padding."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Segment:
    """One encoded segment on a device."""

    durations: NDArray[np.int64]
    rows: NDArray[np.int64]
    """The table row of each frame."""
    speaker: int

    @property
    def frames(self) -> int:
        """Return its length in frames."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Window:
    """Frames ``start`` to ``stop`` of a segment, at ``gain``."""

    segment: Segment
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """Phoneme ids to encode; ``seed`` is the seed of the noise."""

    ids: Sequence[int]
    speaker: int
    speed: float

    @property
    def seed(self) -> int:
        """Return the seed of its noise."""
        return seed_of(self.ids, self.speaker, self.speed)


class Latents:
    """The table of latents: pages of rows, allocated and freed without a lock."""

    def __init__(self, rows: int, channels: int, device: torch.device) -> None:
        self.table = torch.zeros(rows, channels, device=device)
        self._free = deque(range(PAGE, rows - PAGE + 1, PAGE))
        self.pages = len(self._free)

    @property
    def free(self) -> int:
        """Return how many pages are free."""
        return len(self._free)

    def take(self, durations: NDArray[np.int64], speaker: int) -> Segment:
        """Allocate pages for a segment; they are freed when the segment is garbage collected.

        :raises BusyError: ``busy`` if too few pages are free.
        """
        frames = int(durations.sum())
        needed, pages = -(-frames // PAGE), list[int]()
        with suppress(IndexError):
            # Single atomic operations: threads and finalizers may do the same concurrently.
            pages.extend(self._free.popleft() for _ in range(needed))
        if len(pages) < needed:
            self._free.extend(pages)
            message = "The GPU is out of memory for new utterances. Try again in a moment."
            raise BusyError("busy", message, retry_after=2)
        rows = (np.array(pages, np.int64)[:, np.newaxis] + np.arange(PAGE)).ravel()[:frames]
        segment = Segment(durations, rows, speaker)
        weakref.finalize(segment, self._free.extend, pages).atexit = False
        return segment
