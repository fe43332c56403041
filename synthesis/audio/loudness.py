"""Loudness: one gain per voice, and a limiter without memory, so that a window sounds the same wherever it was cut.

Pure: samples in, samples out.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAMPLE_BYTES = 2
"""Of PCM16, one channel."""

LIMITER_KNEE = 0.8
"""Below this a sample passes the limiter untouched; above it the limiter bends smoothly towards full scale."""

TARGET_RMS = 0.1
"""Root mean square of speech, pauses left out, that every voice is brought to: -20 dBFS."""

MAX_PEAK = 1.25
"""Where the loudest sample of the calibration may come to lie: beyond that the limiter would be heard."""

MIN_GAIN, MAX_GAIN = 0.25, 8.0
BLOCK_S = 0.02
PAUSE_BELOW = 0.1
"""A block quieter than this share of the loudest one (-20 dB) is a pause."""


def soft_limit(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Keep samples within [-1, 1]: the identity up to ``LIMITER_KNEE``, then smooth and never above 1."""
    loud = np.abs(samples)
    if not samples.size or loud.max() <= LIMITER_KNEE:
        return samples
    room = np.float32(1 - LIMITER_KNEE)
    bent = np.float32(LIMITER_KNEE) + room * np.tanh((loud - np.float32(LIMITER_KNEE)) / room)
    return np.where(loud <= np.float32(LIMITER_KNEE), samples, np.copysign(np.minimum(bent, np.float32(1)), samples))


def to_pcm16(samples: NDArray[np.float32], gain: float) -> bytes:
    """Samples brought to the common loudness, as little-endian 16-bit integers."""
    pcm: NDArray[np.int16] = np.rint(soft_limit(samples * np.float32(gain)) * np.float32(32767)).astype("<i2")
    return pcm.tobytes()


def speech_rms(samples: NDArray[np.float32], sample_rate: int) -> float:
    """Root mean square of what is not a pause; 0 for silence."""
    block = max(1, int(sample_rate * BLOCK_S))
    whole = samples[: len(samples) // block * block].astype(np.float64)
    energies = np.square(whole).reshape(-1, block).mean(axis=1)
    if not energies.size or not energies.max() > 0:
        return 0.0
    spoken = energies[energies >= energies.max() * PAUSE_BELOW**2]
    return float(np.sqrt(spoken.mean()))


def compute_gain(utterances: Sequence[NDArray[np.float32]], sample_rate: int) -> float:
    """The gain that brings these utterances of a voice to the common loudness; 1.0 when they are all silent."""
    spoken = [rms for rms in (speech_rms(samples, sample_rate) for samples in utterances) if rms > 0]
    if not spoken:
        return 1.0
    peak = max(float(np.abs(samples).max()) for samples in utterances if samples.size)
    gain = min(TARGET_RMS / float(np.median(spoken)), MAX_PEAK / peak)
    return float(np.clip(gain, MIN_GAIN, MAX_GAIN))
