"""Weight norm: a weight kept as its direction and its size."""

import numpy as np
from numpy.typing import NDArray

from synthesis.errors import VoiceError

Array = NDArray[np.float32]


def fold_weight_norm(magnitude: Array, direction: Array) -> Array:
    """The weight of a ``magnitude`` for each entry of the first axis and a ``direction`` of any length.

    :raises VoiceError: if they do not belong together.
    """
    norm = _norm(direction)
    if magnitude.size != norm.size:
        raise VoiceError("voice_invalid", "A weight's size and direction do not belong together.")
    return (magnitude.reshape(norm.shape) * (direction / np.maximum(norm, 1e-30))).astype(np.float32)


def split_weight_norm(weight: Array) -> tuple[Array, Array]:
    """Size and direction of ``weight``; an entry of zeros keeps some direction, of size zero."""
    magnitude = _norm(weight).astype(np.float32)
    return magnitude, np.where(magnitude > 0, weight, np.float32(1))


def _norm(weight: Array) -> NDArray[np.float64]:
    """Length of each entry of the first axis."""
    norm = np.sqrt(np.sum(np.square(weight, dtype=np.float64), axis=tuple(range(1, weight.ndim)), keepdims=True))
    return np.asarray(norm)
