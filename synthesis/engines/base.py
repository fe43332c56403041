"""The engine protocol: phoneme ids to audio samples.

A VITS voice runs in two steps. *Encoding* a segment is one pass over its phonemes: it yields the
prior's mean and scale for each phoneme and its duration in frames. *Decoding* turns a range of
frames into samples; it is purely convolutional, so a range decoded with enough context equals the
same range of the whole.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


class SynthesisCancelled(Exception):  # noqa: N818 - nothing is wrong
    """Decoding was cancelled because no client needs the segment."""


class Latents(Protocol):
    """An encoded segment; other fields are private to its engine."""

    @property
    def durations(self) -> NDArray[np.int64]:
        """Frames per phoneme id, shape ``(ids,)``."""

    @property
    def frames(self) -> int:
        """Return the segment's length in frames: the sum of the durations."""

    def cancel(self) -> None:
        """Cancel decoding of this segment; running work stops where the engine can interrupt it."""


class Engine(Protocol):
    """A loaded voice. ``encode`` and ``decode`` may be called from several threads at once."""

    @property
    def sample_rate(self) -> int:
        """Return the sample rate in Hz."""

    @property
    def hop_length(self) -> int:
        """Return the samples per frame."""

    def encode(self, ids: Sequence[int], speaker: int, speed: float) -> Latents:
        """Encode phoneme ids, blanks and edges included, as speaker number ``speaker`` at ``speed`` (1.0 is natural).

        The noise of the voice is seeded from the ids, the speaker and the speed, so the same segment has the same
        samples in every process.
        """

    def decode(self, latents: Latents, start: int, stop: int) -> NDArray[np.float32]:
        """Decode the frames ``start`` to ``stop``: float32, shape ``((stop - start) * hop,)``, within [-1, 1].

        Raises ``SynthesisCancelled`` after ``Latents.cancel``.
        """


@dataclass(frozen=True, slots=True)
class EncodeRequest:
    """The arguments of ``Engine.encode``."""

    ids: Sequence[int]
    speaker: int
    speed: float


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """The arguments of ``Engine.decode``."""

    latents: Latents
    start: int
    stop: int


@runtime_checkable
class BatchEngine(Engine, Protocol):
    """An engine that computes several segments or windows in about the time of one.

    The batch methods return one result per request, in order: a failed request yields its exception
    and does not affect the others. They are thread-safe.
    """

    @property
    def max_batch(self) -> int:
        """Return the maximum requests per batch."""

    @property
    def largest_window(self) -> int:
        """Return the maximum frames per window."""

    def encode_key(self, request: EncodeRequest) -> Hashable:
        """Return the batch key of an encode request: requests with equal keys batch without waste."""

    def decode_key(self, request: DecodeRequest) -> Hashable:
        """Return the batch key of a decode request: requests with equal keys batch without waste."""

    def encode_batch(self, requests: Sequence[EncodeRequest]) -> Sequence[Latents | Exception]:
        """Encode several segments; see ``Engine.encode``."""

    def decode_batch(self, requests: Sequence[DecodeRequest]) -> Sequence[NDArray[np.float32] | Exception]:
        """Decode several windows; see ``Engine.decode``."""

    def decode_pcm_batch(self, requests: Sequence[DecodeRequest], gain: float) -> Sequence[bytes | Exception]:
        """Decode several windows to little-endian PCM16 with ``gain``; see ``loudness.to_pcm16``."""

    def stats(self) -> dict[str, Any]:
        """Return counters since the start, memory, and failures.

        ``programs`` has ``batches``, ``items`` and ``device_s`` (seconds of the device) by network; ``rebuilt`` counts
        the rebuilds after a failure of the device, and ``lost`` says whether the processor has taken over.
        ``allocated_bytes``, ``reserved_bytes``, ``latent_pages`` and ``latent_pages_free`` exist where they apply.
        """
