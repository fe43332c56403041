"""Weight normalization: weights stored as direction and magnitude."""

import numpy as np
from numpy.typing import NDArray

from synthesis.errors import VoiceError

Array = NDArray[np.float32]


def fold_weight_norm(magnitude: Array, direction: Array) -> Array:
    """Return the weight with direction ``direction`` and a ``magnitude`` per entry of the first axis.

    :raises VoiceError: if the shapes do not match.
    """
    norm = _norm(direction)
    if magnitude.size != norm.size:
        raise VoiceError("voice_invalid", "A weight's magnitude and direction do not match.")
    return (magnitude.reshape(norm.shape) * (direction / np.maximum(norm, 1e-30))).astype(np.float32)


def split_weight_norm(weight: Array) -> tuple[Array, Array]:
    """Return magnitude and direction of ``weight``; an all-zero entry gets an arbitrary direction and magnitude 0."""
    magnitude = _norm(weight).astype(np.float32)
    return magnitude, np.where(magnitude > 0, weight, np.float32(1))


def _norm(weight: Array) -> NDArray[np.float64]:
    """Return the norm of each entry of the first axis."""
    norm = np.sqrt(np.sum(np.square(weight, dtype=np.float64), axis=tuple(range(1, weight.ndim)), keepdims=True))
    return np.asarray(norm)
