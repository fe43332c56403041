"""An engine at another sample rate and frame length, so that voices of different ones can speak in one text."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray

from synthesis.engines.base import Engine, Latents

_MARGIN = 1024
"""Samples before and after a window that the resampler's filter needs. With them, a window equals the same part of the
whole to 1e-4 at the ratios of voices (test_resampled.py)."""


@dataclass(frozen=True, slots=True)
class ResampledLatents:
    """A segment in frames of the new rate; ``original`` is the engine's own."""

    original: Latents
    durations: NDArray[np.int64]

    @property
    def frames(self) -> int:
        """Return the number of frames."""
        return int(self.durations.sum())

    def cancel(self) -> None:
        """See ``Latents.cancel``."""
        self.original.cancel()


class ResampledEngine:
    """``engine`` with another ``sample_rate`` in Hz and ``hop_length`` in samples. Thread-safe as the engine is."""

    def __init__(self, engine: Engine, sample_rate: int, hop_length: int) -> None:
        self._engine = engine
        self.sample_rate = sample_rate
        self.hop_length = hop_length
        common = gcd(sample_rate, engine.sample_rate)
        self._up, self._down = sample_rate // common, engine.sample_rate // common

    def encode(self, ids: Sequence[int], speaker: int, speed: float) -> ResampledLatents:
        """See ``Engine.encode``. The last frame is filled up with silence."""
        latents = self._engine.encode(ids, speaker, speed)
        samples = np.cumsum(latents.durations) * self._engine.hop_length
        frames = samples * self._up / (self._down * self.hop_length)
        edges = np.rint(frames)
        edges[-1] = ceil(frames[-1])
        return ResampledLatents(latents, np.diff(edges, prepend=0).astype(np.int64))

    def decode(self, latents: Latents, start: int, stop: int) -> NDArray[np.float32]:
        """See ``Engine.decode``."""
        assert isinstance(latents, ResampledLatents)  # noqa: S101 - of this engine
        import soxr  # most servers have voices of one rate

        first, last = start * self.hop_length, stop * self.hop_length
        hop, original = self._engine.hop_length, latents.original
        # The window begins at a sample that both rates have.
        begin = max(0, (first * self._down // self._up - _MARGIN) // self._down * self._down)
        end = min(original.frames * hop, last * self._down // self._up + _MARGIN)
        first_frame, last_frame = begin // hop, ceil(end / hop)
        source = self._engine.decode(original, first_frame, last_frame)[begin - first_frame * hop :]
        resampled = soxr.resample(source, self._engine.sample_rate, self.sample_rate, quality="HQ")
        cut = first - begin * self._up // self._down
        heard = np.clip(resampled[cut : cut + last - first], -1.0, 1.0)
        return np.concatenate((heard, np.zeros(last - first - len(heard), np.float32)))
