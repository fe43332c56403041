"""Loudness normalization: one gain per voice and a memoryless limiter, so that windows join without a seam.

Pure: samples in, samples out.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAMPLE_BYTES = 2
"""Full scale of mono PCM16."""

LIMITER_KNEE = 0.8
"""Absolute sample value up to which the limiter is the identity; above it compresses smoothly toward full scale."""

TARGET_RMS = 0.1
"""Target root mean square of speech without pauses: -20 dBFS."""

MAX_PEAK = 1.25
"""Maximum peak of the calibration samples after gain; beyond it the limiter would be audible."""

MIN_GAIN, MAX_GAIN = 0.25, 8.0
BLOCK_S = 0.02
PAUSE_BELOW = 0.1
"""A block quieter than this share of the loudest block (-20 dB) counts as a pause."""


def soft_limit(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Limit samples to [-1, 1]: the identity up to ``LIMITER_KNEE``, then a smooth curve that never exceeds 1."""
    loud = np.abs(samples)
    if not samples.size or loud.max() <= LIMITER_KNEE:
        return samples
    room = np.float32(1 - LIMITER_KNEE)
    bent = np.float32(LIMITER_KNEE) + room * np.tanh((loud - np.float32(LIMITER_KNEE)) / room)
    return np.where(loud <= np.float32(LIMITER_KNEE), samples, np.copysign(np.minimum(bent, np.float32(1)), samples))


def to_pcm16(samples: NDArray[np.float32], gain: float) -> bytes:
    """Apply ``gain`` and the limiter to float samples; return little-endian 16-bit integers."""
    pcm: NDArray[np.int16] = np.rint(soft_limit(samples * np.float32(gain)) * np.float32(32767)).astype("<i2")
    return pcm.tobytes()


def speech_rms(samples: NDArray[np.float32], sample_rate: int) -> float:
    """Return the root mean square of the samples without pauses; 0 for silence."""
    block = max(1, int(sample_rate * BLOCK_S))
    whole = samples[: len(samples) // block * block].astype(np.float64)
    energies = np.square(whole).reshape(-1, block).mean(axis=1)
    if not energies.size or not energies.max() > 0:
        return 0.0
    spoken = energies[energies >= energies.max() * PAUSE_BELOW**2]
    return float(np.sqrt(spoken.mean()))


def compute_gain(utterances: Sequence[NDArray[np.float32]], sample_rate: int) -> float:
    """Return the gain that brings these utterances of a voice to the target loudness; 1.0 if all are silent."""
    spoken = [rms for rms in (speech_rms(samples, sample_rate) for samples in utterances) if rms > 0]
    if not spoken:
        return 1.0
    peak = max(float(np.abs(samples).max()) for samples in utterances if samples.size)
    gain = min(TARGET_RMS / float(np.median(spoken)), MAX_PEAK / peak)
    return float(np.clip(gain, MIN_GAIN, MAX_GAIN))
