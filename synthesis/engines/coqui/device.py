"""One voice on one device: its networks as batched programs, and the latents of active segments.

A segment's latents never leave the device. They are stored in pages of one table, and a window's
graph gathers its rows from there, so a window transfers a list of row numbers to the device and its
PCM16 back.
"""

import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synthesis.engines.coqui.lanes import Arrays, Field, Lane, Shape, Tensors, Timeline, tf32
from synthesis.engines.coqui.torch_networks import (
    Decoder,
    Flow,
    TextEncoder,
    Weights,
    length_mask,
    network_settings,
    to_pcm16,
)
from synthesis.engines.noise import duration_noise, frame_noise, seed_of
from synthesis.errors import BusyError
from synthesis.voice_files.manifest import VoiceManifest

ENCODER, FLOW, DECODER, MASKED, WAVE, MASKED_WAVE = "encoder", "flow", "decoder", "masked", "wave", "masked wave"

BATCHES = (1, 2, 4, 8, 16, 32)
"""Batch sizes with a captured graph; a batch is padded to the next size."""
ID_BUCKETS = (32, 64, 128, 192, 256, 384, 512, 1024, 2048, 4096)
"""Phoneme-id lengths with a captured graph; text yields at most 520 ids."""
FLOW_BUCKETS = (64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
"""Frames per run of the flow. A longer segment is processed in parts, with context."""
ENCODER_ROWS, FLOW_ROWS = 8192, 16384
"""Maximum ids, and maximum frames, of a batch, padding included."""
WINDOW = 128
"""Maximum frames per window: two full binary frames of the socket. Larger windows gain little."""
WINDOW_BUCKETS = (16, 32, 64, WINDOW)
"""Window lengths in frames with a captured graph; each is computed with its context."""
PAGE = 64
"""Rows of a page of latents."""
ZERO, TRASH = 0, 1
"""Reserved rows of the table: one of zeros, and one that receives padding."""
SLOTS = 4

DurationsOf = Callable[[NDArray[np.float32], float], NDArray[np.int64]]
"""Converts frames per id, as predicted by the network, and a speed to whole frames per id. Raises ``SpeechError``."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Segment:
    """One encoded segment on a device."""

    durations: NDArray[np.int64]
    rows: NDArray[np.int64]
    """The table row of each frame."""
    speaker: int

    @property
    def frames(self) -> int:
        """Return its length in frames."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Window:
    """Frames ``start`` to ``stop`` of a segment, at ``gain``."""

    segment: Segment
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """Phoneme ids to encode; ``seed`` is the seed of the noise."""

    ids: Sequence[int]
    speaker: int
    speed: float

    @property
    def seed(self) -> int:
        """Return the seed of its noise."""
        return seed_of(self.ids, self.speaker, self.speed)


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a voice's computation: the decoder's precision, and the rows of the latents table."""

    precision: str = "fp32"
    rows: int = 512 * 1024
    noise: bool = True
    channels_last: bool | None = None
    """Memory layout of the decoder's tensors; by default the faster one: an H100 gains a quarter with tf32 and bf16."""


class Latents:
    """The table of latents: pages of rows, allocated and freed without a lock."""

    def __init__(self, rows: int, channels: int, device: torch.device) -> None:
        self.table = torch.zeros(rows, channels, device=device)
        self._free = deque(range(PAGE, rows - PAGE + 1, PAGE))
        self.pages = len(self._free)

    @property
    def free(self) -> int:
        """Return how many pages are free."""
        return len(self._free)

    def take(self, durations: NDArray[np.int64], speaker: int) -> Segment:
        """Allocate pages for a segment; they are freed when the segment is garbage collected.

        :raises BusyError: ``busy`` if too few pages are free.
        """
        frames = int(durations.sum())
        needed, pages = -(-frames // PAGE), list[int]()
        with suppress(IndexError):
            # Single atomic operations: threads and finalizers may do the same concurrently.
            pages.extend(self._free.popleft() for _ in range(needed))
        if len(pages) < needed:
            self._free.extend(pages)
            message = "The GPU is out of memory for new utterances. Try again in a moment."
            raise BusyError("busy", message, retry_after=2)
        rows = (np.array(pages, np.int64)[:, np.newaxis] + np.arange(PAGE)).ravel()[:frames]
        segment = Segment(durations, rows, speaker)
        weakref.finalize(segment, self._free.extend, pages).atexit = False
        return segment


class _Encoder:
    """Encodes phoneme ids to frames per id, and to prior statistics that stay on the device."""

    def __init__(self, network: TextEncoder) -> None:
        self._network = network

    def inputs(self, shape: Shape) -> Sequence[Field]:
        batch, length = shape.batch, shape.length
        return (
            Field("ids", torch.int64, (batch, length)),
            Field("lengths", torch.int64, (batch,)),
            Field("speakers", torch.int64, (batch,)),
            Field("noise", torch.float32, (batch, 2, length)),
        )

    def outputs(self, shape: Shape) -> Sequence[Field]:
        return (Field("frames", torch.float32, (shape.batch, shape.length)),)

    def compute(self, shape: Shape, given: Tensors) -> Tensors:
        # A graph is captured from zeros; an item without any id would have no sum of weights.
        lengths = given["lengths"].clamp_min(1)
        with tf32(allowed=False):
            statistics, frames = self._network(given["ids"], lengths, given["noise"], given["speakers"])
        return {"frames": frames.contiguous(), "statistics": statistics.flatten(0, 1)}


class _Flow:
    """Converts statistics and noise to the decoder's latents, which are written to the table."""

    def __init__(self, network: Flow, latents: Latents, channels: int, noise_scale: float) -> None:
        self._network = network
        self._latents = latents
        self._channels = channels
        self._noise_scale = noise_scale
        self.statistics = torch.zeros(ENCODER_ROWS, 2 * channels, device=latents.table.device)
        """Of the batch that was encoded."""

    def inputs(self, shape: Shape) -> Sequence[Field]:
        batch, length = shape.batch, shape.length
        return (
            Field("owners", torch.int64, (batch, length)),
            Field("rows", torch.int64, (batch, length)),
            Field("lengths", torch.int64, (batch,)),
            Field("speakers", torch.int64, (batch,)),
            Field("noise", torch.float32, (batch, length, self._channels)),
        )

    def outputs(self, shape: Shape) -> Sequence[Field]:
        return ()

    def compute(self, shape: Shape, given: Tensors) -> Tensors:
        statistics = self.statistics.index_select(0, given["owners"].flatten())
        means, scales = statistics.view(shape.batch, shape.length, -1).chunk(2, dim=2)
        prior = means + given["noise"] * (scales * self._noise_scale)
        mask = length_mask(given["lengths"], shape.length)
        with tf32(allowed=False):
            flow_output = self._network(prior.transpose(1, 2) * mask, mask, given["speakers"])
        # Padding is written to the row that is never read.
        rows = torch.where(given["rows"] < PAGE, TRASH, given["rows"]).flatten()
        self._latents.table.index_copy_(0, rows, flow_output.transpose(1, 2).flatten(0, 1))
        return {}


class _Decoder:
    """Converts rows of the table to PCM16, or to float samples."""

    def __init__(
        self, network: Decoder, latents: Latents, hop_length: int, options: Options, *, masked: bool, pcm: bool
    ) -> None:
        self._network = network
        self._latents = latents
        self._hop = hop_length
        self._tf32 = options.precision == "tf32"
        self._masked = masked
        self._pcm = pcm

    def inputs(self, shape: Shape) -> Sequence[Field]:
        return (
            Field("rows", torch.int64, (shape.batch, shape.length)),
            Field("speakers", torch.int64, (shape.batch,)),
            Field("gain", torch.float32, (1,)),
        )

    def outputs(self, shape: Shape) -> Sequence[Field]:
        dtype = torch.int16 if self._pcm else torch.float32
        return (Field("samples", dtype, (shape.batch, shape.length * self._hop)),)

    def compute(self, shape: Shape, given: Tensors) -> Tensors:
        rows = given["rows"]
        frames = self._latents.table.index_select(0, rows.flatten()).view(shape.batch, shape.length, -1)
        mask = (rows >= PAGE).unsqueeze(1).float() if self._masked else None
        with tf32(allowed=self._tf32):
            samples = self._network(frames.transpose(1, 2), given["speakers"], mask)
        return {"samples": to_pcm16(samples, given["gain"]) if self._pcm else samples}


class Device:
    """A voice in the memory of one device. Thread-safe."""

    def __init__(
        self,
        folder: Path,
        manifest: VoiceManifest,
        device: torch.device,
        options: Options,
        fault: Callable[[str], None] = lambda _program: None,
    ) -> None:
        """Load the voice in ``folder``.

        :raises VoiceError: ``voice_invalid`` if the checkpoint is missing or damaged.
        :raises torch.OutOfMemoryError: if it does not fit into the device's memory.
        """
        self._manifest = manifest
        self._options = options
        self.mark = object()
        """Distinguishes this device from a rebuilt one. Segments refer to it, and so do not hold the device's memory.
        """
        self.timeline = Timeline(device, fault)
        weights, network = Weights.read(folder, device), network_settings(folder)
        channels = manifest.latent_channels
        self.latents = Latents(options.rows, channels, device)
        decoder = Decoder(
            weights,
            network,
            dtype=torch.bfloat16 if options.precision == "bf16" else torch.float32,
            channels_last=options.precision != "fp32" if options.channels_last is None else options.channels_last,
        )
        self._flow = _Flow(
            Flow(weights, network), self.latents, channels, manifest.noise_scale if options.noise else 0.0
        )
        self._duration_noise_scale = np.float32(manifest.noise_scale_duration if options.noise else 0.0)
        buckets = [bucket + 2 * manifest.decoder_context for bucket in WINDOW_BUCKETS]
        # A stream's first window has no context before it.
        self._window_buckets = sorted({WINDOW_BUCKETS[0] + manifest.decoder_context, *buckets})
        self.encoding = Lane(
            self.timeline,
            {ENCODER: _Encoder(TextEncoder(weights, network, manifest.length_scale)), FLOW: self._flow},
            [
                Shape(name, _most(rows, bucket), bucket)
                for name, buckets, rows in ((ENCODER, ID_BUCKETS, ENCODER_ROWS), (FLOW, FLOW_BUCKETS, FLOW_ROWS))
                for bucket in buckets
            ],
            SLOTS,
        )
        self.decoding = Lane(
            self.timeline,
            {
                name: _Decoder(decoder, self.latents, manifest.hop_length, options, masked=masked, pcm=pcm)
                for name, masked, pcm in (
                    (DECODER, False, True),
                    (MASKED, True, True),
                    (WAVE, False, False),
                    (MASKED_WAVE, True, False),
                )
            },
            [Shape(name, BATCHES[-1], self._window_buckets[-1]) for name in (DECODER, WAVE)],
            SLOTS,
        )
        if self.timeline.cuda:
            # Loading runs on the default stream, for which the lanes' streams do not wait.
            torch.cuda.synchronize(device)

    def release(self) -> None:
        """Release all memory of the device. Threads that still use it get arbitrary exceptions."""
        with self.timeline.lock:
            self.encoding.release()
            self.decoding.release()
            self.latents.table = self._flow.statistics = torch.empty(0)

    def warm(self) -> None:
        """Capture the graphs of a first listener's windows, so that the voice starts without delay."""
        for shape in self.shapes()[0]:
            self._lane(shape).capture(shape)

    def shapes(self) -> tuple[list[Shape], list[Shape]]:
        """Return the shapes of a single listener's first windows, then all others in the order of their use."""
        first = [
            *(Shape(ENCODER, 1, bucket) for bucket in ID_BUCKETS[1:5]),
            *(Shape(FLOW, 1, bucket) for bucket in FLOW_BUCKETS[1:6]),
            *(Shape(DECODER, 1, bucket) for bucket in self._window_buckets),
        ]
        rest = [
            shape
            for batch in BATCHES
            for shape in (
                *(Shape(DECODER, batch, bucket) for bucket in self._window_buckets),
                *(Shape(ENCODER, batch, bucket) for bucket in ID_BUCKETS[:7] if batch * bucket <= ENCODER_ROWS),
                *(Shape(FLOW, batch, bucket) for bucket in FLOW_BUCKETS[:8] if batch * bucket <= FLOW_ROWS),
            )
            if shape not in first
        ]
        return first, rest

    def capture(self, shape: Shape) -> None:
        """Capture the graph of one of ``shapes``."""
        self._lane(shape).capture(shape)

    def _lane(self, shape: Shape) -> Lane:
        return self.decoding if shape.program == DECODER else self.encoding

    def encode(self, sentences: Sequence[Sentence], durations_of: DurationsOf) -> list[Segment | Exception]:
        """Encode sentences of at most ``ID_BUCKETS[-1]`` ids; ``durations_of`` turns frames per id into durations."""
        length = _bucket(ID_BUCKETS, max(len(sentence.ids) for sentence in sentences))
        made: list[Segment | Exception] = []
        for part in _parts(sentences, _most(ENCODER_ROWS, length)):
            made += self._encode(part, length, durations_of)
        return made

    def _encode(
        self, sentences: Sequence[Sentence], length: int, durations_of: DurationsOf
    ) -> list[Segment | Exception]:
        seeds = [sentence.seed for sentence in sentences]

        def fill(given: Arrays) -> None:
            for array in given.values():
                array.fill(0)
            for place, (sentence, seed) in enumerate(zip(sentences, seeds, strict=True)):
                count = len(sentence.ids)
                given["ids"][place, :count] = sentence.ids
                given["lengths"][place] = count
                given["speakers"][place] = sentence.speaker
                given["noise"][place, :, :count] = duration_noise(seed, count)[0] * self._duration_noise_scale

        def read(made: Arrays, kept: Tensors) -> tuple[NDArray[np.float32], Tensor]:
            return made["frames"].copy(), kept["statistics"]

        shape = Shape(ENCODER, _bucket(BATCHES, len(sentences)), length)
        frames, statistics = self.encoding.run(shape, len(sentences), fill, read)
        segments: list[Segment | Exception] = []
        pieces: list[_Piece] = []
        for place, (sentence, seed) in enumerate(zip(sentences, seeds, strict=True)):
            try:
                durations = durations_of(frames[place, : len(sentence.ids)], sentence.speed)
                segment = self.latents.take(durations, sentence.speaker)
            except Exception as error:  # noqa: BLE001 - the request's own result
                # The exception's frames refer to these segments, and would hold their pages until
                # the next garbage collection.
                segments.append(error.with_traceback(None))
                continue
            segments.append(segment)
            owners = np.repeat(np.arange(len(durations)), durations) + place * length
            pieces += _pieces(segment, owners, seed, self._manifest.flow_context)
        self._run_flow(pieces, statistics)
        return segments

    def _run_flow(self, pieces: Sequence["_Piece"], statistics: Tensor) -> None:
        by_length: dict[int, list[_Piece]] = {}
        for piece in pieces:
            by_length.setdefault(_bucket(FLOW_BUCKETS, piece.last - piece.first), []).append(piece)
        for length, alike in by_length.items():
            for part in _parts(alike, _most(FLOW_ROWS, length)):
                self._run_pieces(part, length, statistics)

    def _run_pieces(self, pieces: Sequence["_Piece"], length: int, statistics: Tensor) -> None:
        def fill(given: Arrays) -> None:
            for name in ("owners", "rows", "lengths", "speakers"):
                given[name].fill(0)
            for place, piece in enumerate(pieces):
                count = piece.last - piece.first
                given["owners"][place, :count] = piece.owners[piece.first : piece.last]
                given["rows"][place, piece.start - piece.first : piece.stop - piece.first] = piece.segment.rows[
                    piece.start : piece.stop
                ]
                given["lengths"][place] = count
                given["speakers"][place] = piece.segment.speaker
                if self._options.noise:
                    given["noise"][place, :count] = frame_noise(
                        piece.seed, piece.first, piece.last, given["noise"].shape[2]
                    )
                    given["noise"][place, count:] = 0
            if not self._options.noise:
                given["noise"].fill(0)

        def before() -> None:
            self._flow.statistics[: len(statistics)].copy_(statistics)

        shape = Shape(FLOW, _bucket(BATCHES, len(pieces)), length)
        self.encoding.run(shape, len(pieces), fill, lambda _made, _kept: None, before)

    def window_bucket(self, window: Window) -> int:
        """Return the frames, context and padding included, in which a window is computed (of ``WINDOW`` at most)."""
        context = self._manifest.decoder_context
        needed = min(window.segment.frames, window.stop + context) - max(0, window.start - context)
        return _bucket(self._window_buckets, needed)

    def decode(self, windows: Sequence[Window], gain: float | None) -> list[NDArray[Any]]:
        """Decode windows of at most ``WINDOW`` frames: to PCM16 with ``gain``, or without to float32 samples."""
        by_bucket: dict[int, list[int]] = {}
        for place, window in enumerate(windows):
            by_bucket.setdefault(self.window_bucket(window), []).append(place)
        made: dict[int, NDArray[Any]] = {}
        for length, places in by_bucket.items():
            for part in _parts(places, BATCHES[-1]):
                made |= zip(part, self._decode([windows[place] for place in part], length, gain), strict=True)
        return [made[place] for place in range(len(windows))]

    def _decode(self, windows: Sequence[Window], length: int, gain: float | None) -> list[NDArray[Any]]:
        placed = [_placed(window, length, self._manifest.decoder_context) for window in windows]
        masked = any(held for _, held in placed)

        def fill(given: Arrays) -> None:
            given["rows"].fill(ZERO)
            given["speakers"].fill(0)
            given["gain"][0] = 1.0 if gain is None else gain
            for place, (window, (first, _)) in enumerate(zip(windows, placed, strict=True)):
                begin, end = max(0, first), min(window.segment.frames, first + length)
                given["rows"][place, begin - first : end - first] = window.segment.rows[begin:end]
                given["speakers"][place] = window.segment.speaker

        def read(made: Arrays, _kept: Tensors) -> list[NDArray[Any]]:
            samples, hop_length = made["samples"], self._manifest.hop_length
            return [
                samples[place, (window.start - first) * hop_length : (window.stop - first) * hop_length].copy()
                for place, (window, (first, _)) in enumerate(zip(windows, placed, strict=True))
            ]

        names = {(False, False): DECODER, (True, False): MASKED, (False, True): WAVE, (True, True): MASKED_WAVE}
        shape = Shape(names[masked, gain is None], _bucket(BATCHES, len(windows)), length)
        return self.decoding.run(shape, len(windows), fill, read)

    def stats(self) -> dict[str, Any]:
        """Return counters by program, and the use of the device's memory."""
        usage: Mapping[str, Any] = {**self.encoding.usage, **self.decoding.usage}
        counted = {
            name: {
                "batches": used.batches,
                "items": used.items,
                "device_s": round(used.device_s, 6),
                "sizes": dict(used.sizes),
            }
            for name, used in usage.items()
            if used.batches
        }
        memory: dict[str, Any] = {"latent_pages": self.latents.pages, "latent_pages_free": self.latents.free}
        if self.timeline.cuda:
            memory |= {
                "allocated_bytes": torch.cuda.memory_allocated(self.timeline.device),
                "reserved_bytes": torch.cuda.memory_reserved(self.timeline.device),
            }
        return {"programs": counted, **memory}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Frames ``start`` to ``stop`` of a segment for the flow, processed as ``first`` to ``last``, context included."""

    segment: Segment
    owners: NDArray[np.int64]
    """The row of the statistics of each frame of the segment."""
    seed: int
    start: int
    stop: int
    first: int
    last: int


def _pieces(segment: Segment, owners: NDArray[np.int64], seed: int, context: int) -> list[_Piece]:
    longest = FLOW_BUCKETS[-1]
    if segment.frames <= longest:
        return [_Piece(segment, owners, seed, 0, segment.frames, 0, segment.frames)]
    step = longest - 2 * context
    return [
        _Piece(
            segment,
            owners,
            seed,
            start,
            min(segment.frames, start + step),
            max(0, start - context),
            min(segment.frames, start + step + context),
        )
        for start in range(0, segment.frames, step)
    ]


def _placed(window: Window, length: int, context: int) -> tuple[int, bool]:
    """Return the segment's frame at which a tensor of ``length`` frames begins, and whether it needs a mask.

    A convolution pads a tensor with zeros, which is correct only at the ends of a segment. So a
    window near an end is aligned with that end of the tensor, and only a window near both ends of
    its segment needs a mask.
    """
    frames = window.segment.frames
    near_start, near_end = window.start < context, window.stop + context > frames
    if near_start:
        return 0, near_end and length != frames
    return (frames - length if near_end else window.start - context), False


def _bucket(buckets: Sequence[int], size: int) -> int:
    return next(bucket for bucket in buckets if bucket >= size)


def _most(rows: int, length: int) -> int:
    """Return the largest batch of items of ``length`` within the maximum number of rows."""
    return max(batch for batch in BATCHES if batch * length <= rows)


def _parts(items: Sequence[Any], most: int) -> list[Sequence[Any]]:
    return [items[begin : begin + most] for begin in range(0, len(items), most)]
