"""One protocol for everything that turns phoneme ids into sound.

A VITS voice speaks in two steps. *Encoding* a segment is one pass over its phonemes: it yields the prior's mean and
scale for every phoneme and how many frames each lasts. *Decoding* turns a range of frames into samples; it is purely
convolutional, so a range with enough context around it is exactly the same range of the whole.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


class SynthesisCancelled(Exception):  # noqa: N818 - nothing is wrong
    """Nobody waits for what was asked for."""


class Latents(Protocol):
    """One encoded segment. What else it holds is its engine's own business."""

    @property
    def durations(self) -> NDArray[np.int64]:
        """Frames per phoneme id, shape ``(ids,)``."""

    @property
    def frames(self) -> int:
        """Length of the segment in frames: the sum of the durations."""

    def cancel(self) -> None:
        """Nobody waits for it any more: no more of it is decoded, and what is being decoded stops where it can."""


class Engine(Protocol):
    """A loaded voice. ``encode`` and ``decode`` may be called from several threads at once."""

    @property
    def sample_rate(self) -> int:
        """Samples per second."""

    @property
    def hop_length(self) -> int:
        """Samples per frame."""

    def encode(self, ids: Sequence[int], speaker: int, speed: float) -> Latents:
        """Encode phoneme ids, blanks and edges included, as speaker number ``speaker`` at ``speed`` (1.0 is natural).

        The noise of the voice is seeded from the ids, the speaker and the speed, so the same segment has the same
        samples in every process.
        """

    def decode(self, latents: Latents, start: int, stop: int) -> NDArray[np.float32]:
        """Samples of the frames ``start`` to ``stop``: float32, shape ``((stop - start) * hop,)``, within [-1, 1].

        Raises ``SynthesisCancelled`` once nobody waits for the segment.
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
    """An engine that computes several segments or windows at once, for about the time of one.

    The batch methods return one result for each request, in order: a request that failed has its exception there and
    does not harm the others. They may be called from several threads at once.
    """

    @property
    def max_batch(self) -> int:
        """Most requests in one batch."""

    @property
    def largest_window(self) -> int:
        """Most frames of a window that is decoded at once."""

    def encode_key(self, request: EncodeRequest) -> Hashable:
        """Return what requests must have in common to be encoded in one batch without waste."""

    def decode_key(self, request: DecodeRequest) -> Hashable:
        """Return what requests must have in common to be decoded in one batch without waste."""

    def encode_batch(self, requests: Sequence[EncodeRequest]) -> Sequence[Latents | Exception]:
        """Encode several segments; see ``Engine.encode``."""

    def decode_batch(self, requests: Sequence[DecodeRequest]) -> Sequence[NDArray[np.float32] | Exception]:
        """Decode several windows; see ``Engine.decode``."""

    def decode_pcm_batch(self, requests: Sequence[DecodeRequest], gain: float) -> Sequence[bytes | Exception]:
        """Decode several windows to little-endian PCM16 with ``gain``; see ``loudness.to_pcm16``."""

    def stats(self) -> dict[str, Any]:
        """Return counters since the start: batches, items, seconds on the device, and bytes of its memory."""
