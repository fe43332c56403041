"""Generates a voice's noise deterministically: the same for a segment in every process and engine.

Frames are generated in blocks, each at its own offset of a counter-based generator, so any window
can be generated without the preceding ones.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

BLOCK = 64
_FRAMES, _DURATIONS = 0, 1


def seed_of(ids: Sequence[int], speaker: int, speed: float) -> int:
    """Return a 128-bit seed that depends only on the segment."""
    facts = f"{speaker}:{float(speed)!r}:{','.join(map(str, ids))}"
    return int.from_bytes(blake2b(facts.encode(), digest_size=16).digest(), "little")


def duration_noise(seed: int, ids: int) -> NDArray[np.float32]:
    """Return standard normal noise for the durations: float32, shape ``(1, 2, ids)``."""
    return _generator(seed, _DURATIONS, 0).standard_normal((ids, 2), np.float32).T[np.newaxis].copy()


def frame_noise(seed: int, start: int, stop: int, channels: int) -> NDArray[np.float32]:
    """Return standard normal noise for frames ``start`` to ``stop``: float32, shape ``(stop - start, channels)``."""
    first = start // BLOCK
    blocks = [
        _generator(seed, _FRAMES, block).standard_normal((BLOCK, channels), np.float32)
        for block in range(first, -(-stop // BLOCK))
    ]
    offset = first * BLOCK
    return np.concatenate(blocks)[start - offset : stop - offset] if blocks else np.empty((0, channels), np.float32)


def _generator(seed: int, stream: int, block: int) -> np.random.Generator:
    # The low half of the counter counts within a block, which needs far fewer steps.
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, block, stream]))
