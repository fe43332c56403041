"""Batch layout: the sizes with a captured CUDA graph, and the placement of segments and windows in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthesis.engines.coqui.latents import Segment, Window

BATCHES = (1, 2, 4, 8, 16, 32)
"""Batch sizes with a captured graph; a batch is padded to the next size."""
ID_BUCKETS = (32, 64, 128, 192, 256, 384, 512, 1024, 2048, 4096)
"""Phoneme-id lengths with a captured graph; text yields at most 520 ids."""
FLOW_BUCKETS = (64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
"""Frames per run of the flow. A longer segment is processed in parts, with context."""
ENCODER_ROWS, FLOW_ROWS = 8192, 16384
"""Maximum ids, and maximum frames, of a batch, padding included."""
WINDOW = 128
"""Maximum frames per window: two full binary frames of the socket. Larger windows gain little."""
WINDOW_BUCKETS = (16, 32, 64, WINDOW)
"""Window lengths in frames with a captured graph; each is computed with its context."""


@dataclass(frozen=True, slots=True)
class FlowPiece:
    """Frames ``start`` to ``stop`` of a segment for the flow, processed as ``first`` to ``last``, context included."""

    segment: Segment
    owners: NDArray[np.int64]
    """The row of the statistics of each frame of the segment."""
    seed: int
    start: int
    stop: int
    first: int
    last: int


def flow_pieces(segment: Segment, owners: NDArray[np.int64], seed: int, context: int) -> list[FlowPiece]:
    """Return the parts in which the flow processes a segment, each with its context."""
    longest = FLOW_BUCKETS[-1]
    if segment.frames <= longest:
        return [FlowPiece(segment, owners, seed, 0, segment.frames, 0, segment.frames)]
    step = longest - 2 * context
    return [
        FlowPiece(
            segment,
            owners,
            seed,
            start,
            min(segment.frames, start + step),
            max(0, start - context),
            min(segment.frames, start + step + context),
        )
        for start in range(0, segment.frames, step)
    ]


def place_window(window: Window, length: int, context: int) -> tuple[int, bool]:
    """Return the segment's frame at which a tensor of ``length`` frames begins, and whether it needs a mask.

    A convolution pads a tensor with zeros, which is correct only at the ends of a segment. So a
    window near an end is aligned with that end of the tensor, and only a window near both ends of
    its segment needs a mask.
    """
    frames = window.segment.frames
    near_start, near_end = window.start < context, window.stop + context > frames
    if near_start:
        return 0, near_end and length != frames
    return (frames - length if near_end else window.start - context), False


def bucket_of(buckets: Sequence[int], size: int) -> int:
    """Return the smallest bucket of at least ``size``."""
    return next(bucket for bucket in buckets if bucket >= size)


def largest_batch(rows: int, length: int) -> int:
    """Return the largest batch of items of ``length`` within the maximum number of rows."""
    return max(batch for batch in BATCHES if batch * length <= rows)


def split_batches(items: Sequence[Any], most: int) -> list[Sequence[Any]]:
    """Return the items in batches of at most ``most``."""
    return [items[begin : begin + most] for begin in range(0, len(items), most)]
