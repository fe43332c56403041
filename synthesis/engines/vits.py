"""Common parts of VITS engines around the three networks: noise, durations, and windows with context.

Subclasses run the networks (``onnx.py``, ``coqui/engine.py``); this module uses only numpy.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.limits import registry
from synthesis.engines.base import Latents, SynthesisCancelled
from synthesis.engines.noise import duration_noise, frame_noise, seed_of
from synthesis.errors import SpeechError
from synthesis.voice_files.manifest import VoiceManifest

MAX_SEGMENT_S = registry.MAX_SEGMENT_S.default
"""Maximum seconds per segment: far beyond any sentence, it bounds the memory for a defective voice."""

FLOW_WINDOW = 256
"""Frames per run of the flow in a running stream: longer runs spend a smaller share on context."""

SHORT_SEGMENT_FRAMES = 96
"""Segments of at most this many frames run through the flow at once: the first window needs most of them."""

KEPT_FRAMES = 256
"""Frames of flow output to retain before the newest window, for windows that finish out of order."""


Context = tuple[int, int]
"""Context frames before and after a window; fewer than the receptive field at the segment's ends."""


class EncoderOutput(NamedTuple):
    """Encoder output: the prior per phoneme id, the durations in frames, and the speaker's condition."""

    means: NDArray[np.float32]
    scales: NDArray[np.float32]
    frames: NDArray[np.float32]
    condition: Any
    run: Any = None


@dataclass(slots=True, eq=False)
class VitsLatents:
    """An encoded segment: the prior per phoneme id, and the flow output that the next windows need."""

    durations: NDArray[np.int64]
    means: NDArray[np.float32]
    scales: NDArray[np.float32]
    condition: Any
    seed: int
    run: Any = None
    """Run options of the networks, whose ``terminate`` flag stops them; ``None`` if they cannot be interrupted."""
    cancelled: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    flow_output: NDArray[np.float32] | None = None
    """Flow output of frames from ``flow_start`` on, shape ``(channels, frames)``; ``None`` before the first run."""
    flow_start: int = 0
    ends: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.ends = np.cumsum(self.durations)

    @property
    def frames(self) -> int:
        """Return the length of the segment in frames."""
        return int(self.ends[-1])

    def cancel(self) -> None:
        """See ``Latents.cancel``."""
        self.cancelled = True
        if self.run is not None:
            self.run.terminate = True

    @property
    def flow_end(self) -> int:
        """Return the end of the frames with flow output."""
        return self.flow_start + (0 if self.flow_output is None else self.flow_output.shape[1])

    def prior(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the prior's latents of a range of frames with noise, shape ``(channels, stop - start)``."""
        owners = np.searchsorted(self.ends, np.arange(start, stop), side="right")
        noise = frame_noise(self.seed, start, stop, self.means.shape[1])
        return np.ascontiguousarray((self.means[owners] + noise * self.scales[owners]).T)


class VitsEngine(ABC):
    """Implements ``Engine`` over three networks that a subclass runs; thread-safe if they are."""

    def __init__(self, manifest: VoiceManifest, *, noise: bool) -> None:
        self._manifest = manifest
        self._noise_scale = np.float32(manifest.noise_scale if noise else 0.0)
        self._duration_noise_scale = np.float32(manifest.noise_scale_duration if noise else 0.0)
        self._most_frames = most_frames(manifest)

    @property
    def sample_rate(self) -> int:
        """Return the sample rate in Hz."""
        return self._manifest.sample_rate

    @property
    def hop_length(self) -> int:
        """Return the samples per frame."""
        return self._manifest.hop_length

    @abstractmethod
    def _encode(
        self, ids: NDArray[np.int64], length_scale: float, noise: NDArray[np.float32], speaker: int
    ) -> EncoderOutput:
        """Run the encoder: ``ids`` ``(ids,)``, ``noise`` ``(1, 2, ids)``."""

    @abstractmethod
    def _flow(self, frames: NDArray[np.float32], context: Context, latents: VitsLatents) -> NDArray[np.float32]:
        """Run the flow: ``(channels, frames)`` to as many frames minus the context."""

    @abstractmethod
    def _decode(self, frames: NDArray[np.float32], context: Context, latents: VitsLatents) -> NDArray[np.float32]:
        """Run the decoder: ``(channels, frames)`` to the samples of as many frames minus the context."""

    def encode(self, ids: Sequence[int], speaker: int, speed: float) -> VitsLatents:
        """See ``Engine.encode``. Raises ``SpeechError`` ``engine_failed`` for invalid durations."""
        seed = seed_of(ids, speaker, speed)
        noise = duration_noise(seed, len(ids)) * self._duration_noise_scale
        encoded = self._encode(np.array(ids, np.int64), self._manifest.length_scale, noise, speaker)
        durations = durations_of(encoded.frames, speed, self._most_frames)
        scales = encoded.scales * self._noise_scale
        return VitsLatents(durations, encoded.means, scales, encoded.condition, seed, encoded.run)

    def decode(self, latents: Latents, start: int, stop: int) -> NDArray[np.float32]:
        """See ``Engine.decode``.

        Raises ``SynthesisCancelled``, or ``ValueError`` for frames outside the segment.
        """
        if not isinstance(latents, VitsLatents) or not 0 <= start < stop <= latents.frames:
            raise ValueError(f"no frames {start} to {stop} in this segment")
        first = max(0, start - self._manifest.decoder_context)
        last = min(latents.frames, stop + self._manifest.decoder_context)
        try:
            return self._decode(self._flow_frames(latents, first, last), (start - first, last - stop), latents)
        except Exception as error:
            if latents.cancelled:
                raise SynthesisCancelled from error
            raise

    def _flow_frames(self, latents: VitsLatents, first: int, last: int) -> NDArray[np.float32]:
        """Return the flow output of frames ``first`` to ``last``, running the flow as far as needed."""
        with latents.lock:
            if latents.cancelled:
                raise SynthesisCancelled
            if latents.flow_output is None or not latents.flow_start <= first <= latents.flow_end:
                # The first window of a stream, or after a seek, runs only the frames it needs, for low latency.
                if latents.frames <= SHORT_SEGMENT_FRAMES:
                    first_flowed, last_flowed = 0, latents.frames
                else:
                    first_flowed, last_flowed = first, last
                latents.flow_output = self._flow_range(latents, first_flowed, last_flowed)
                latents.flow_start = first_flowed
            elif latents.flow_end < last:
                reach = _flow_target(latents.flow_end, last, latents.frames)
                ahead = self._flow_range(latents, latents.flow_end, reach)
                kept = max(latents.flow_start, first - KEPT_FRAMES)
                latents.flow_output = np.concatenate(
                    (latents.flow_output[:, kept - latents.flow_start :], ahead), axis=1
                )
                latents.flow_start = kept
            return np.ascontiguousarray(latents.flow_output[:, first - latents.flow_start : last - latents.flow_start])

    def _flow_range(self, latents: VitsLatents, start: int, stop: int) -> NDArray[np.float32]:
        first = max(0, start - self._manifest.flow_context)
        last = min(latents.frames, stop + self._manifest.flow_context)
        return self._flow(latents.prior(first, last), (start - first, last - stop), latents)


def most_frames(manifest: VoiceManifest) -> int:
    """Return the maximum frames per segment of the voice."""
    return MAX_SEGMENT_S * manifest.sample_rate // manifest.hop_length


def durations_of(frames: NDArray[np.float32], speed: float, most: int) -> NDArray[np.int64]:
    """Return whole frames per id at ``speed`` from the encoder's predicted ``frames`` per id.

    Raises ``SpeechError`` ``engine_failed`` if they are not finite, all zero, or more than
    ``most``.
    """
    # A float sum cannot overflow here, and is not finite when any duration is not.
    total = float(frames.sum(dtype=np.float64)) / speed
    if not 1 <= total <= most:
        raise SpeechError("engine_failed", "The voice could not synthesize this text. Try rephrasing it.")
    return _scale_durations(frames, speed)


def _scale_durations(frames: NDArray[np.float32], speed: float) -> NDArray[np.int64]:
    """Return frames per id at ``speed``, rounding cumulative edges so that the total duration is exact.

    The network's own method, stretching before rounding each id up to a frame, never gets much
    beyond twice the speed.
    """
    return np.diff(np.rint(np.cumsum(frames, dtype=np.float64) / speed), prepend=0.0).astype(np.int64)


def _flow_target(done: int, last: int, frames: int) -> int:
    """Return how far to run the flow from ``done`` to reach ``last``: to the end if little remains, else one run."""
    reach = max(last, done + FLOW_WINDOW)
    return frames if frames - reach < FLOW_WINDOW // 2 else reach
