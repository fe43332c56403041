"""The noise of a voice, the same for the same segment in every process and every engine.

Frames are drawn in blocks, each from its own place in a counter-based generator: so any window can be drawn without
what lies before it.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

BLOCK = 64
_FRAMES, _DURATIONS = 0, 1


def seed_of(ids: Sequence[int], speaker: int, speed: float) -> int:
    """A 128-bit seed that depends on nothing but the segment."""
    facts = f"{speaker}:{float(speed)!r}:{','.join(map(str, ids))}"
    return int.from_bytes(blake2b(facts.encode(), digest_size=16).digest(), "little")


def duration_noise(seed: int, ids: int) -> NDArray[np.float32]:
    """Standard normal noise for the durations: float32, shape ``(1, 2, ids)``."""
    return _generator(seed, _DURATIONS, 0).standard_normal((ids, 2), np.float32).T[np.newaxis].copy()


def frame_noise(seed: int, start: int, stop: int, channels: int) -> NDArray[np.float32]:
    """Standard normal noise for the frames ``start`` to ``stop``: float32, shape ``(stop - start, channels)``."""
    first = start // BLOCK
    blocks = [
        _generator(seed, _FRAMES, block).standard_normal((BLOCK, channels), np.float32)
        for block in range(first, -(-stop // BLOCK))
    ]
    offset = first * BLOCK
    return np.concatenate(blocks)[start - offset : stop - offset] if blocks else np.empty((0, channels), np.float32)


def _generator(seed: int, stream: int, block: int) -> np.random.Generator:
    # The counter's low half counts within a block, far more than a block can use.
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, block, stream]))
