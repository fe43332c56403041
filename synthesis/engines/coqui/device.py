"""One voice on one device: its networks as batched programs, and the latents of active segments.

A segment's latents never leave the device. They are stored in pages of one table, and a window's
graph gathers its rows from there, so a window transfers a list of row numbers to the device and its
PCM16 back.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synthesis.engines.coqui.lanes import Arrays, Lane, Shape, Tensors, Timeline
from synthesis.engines.coqui.latents import ZERO, Latents, Segment, Sentence, Window
from synthesis.engines.coqui.layout import (
    BATCHES,
    ENCODER_ROWS,
    FLOW_BUCKETS,
    FLOW_ROWS,
    ID_BUCKETS,
    WINDOW_BUCKETS,
    FlowPiece,
    bucket_of,
    flow_pieces,
    largest_batch,
    place_window,
    split_batches,
)
from synthesis.engines.coqui.programs import (
    DECODER,
    ENCODER,
    FLOW,
    MASKED,
    MASKED_WAVE,
    WAVE,
    DecoderProgram,
    EncoderProgram,
    FlowProgram,
    Options,
)
from synthesis.engines.coqui.torch_networks import Decoder, Flow, TextEncoder, Weights, network_settings
from synthesis.engines.noise import duration_noise, frame_noise
from synthesis.voice_files.manifest import VoiceManifest

SLOTS = 4

DurationsOf = Callable[[NDArray[np.float32], float], NDArray[np.int64]]
"""Converts frames per id, as predicted by the network, and a speed to whole frames per id. Raises ``SpeechError``."""


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
        self.latents = Latents(options.rows, manifest.latent_channels, device)
        self._duration_noise_scale = np.float32(manifest.noise_scale_duration if options.noise else 0.0)
        buckets = [bucket + 2 * manifest.decoder_context for bucket in WINDOW_BUCKETS]
        # A stream's first window has no context before it.
        self._window_buckets = sorted({WINDOW_BUCKETS[0] + manifest.decoder_context, *buckets})
        self._flow = FlowProgram(
            Flow(weights, network),
            self.latents,
            manifest.latent_channels,
            manifest.noise_scale if options.noise else 0.0,
        )
        self.encoding = self._encoding_lane(TextEncoder(weights, network, manifest.length_scale))
        self.decoding = self._decoding_lane(
            Decoder(
                weights,
                network,
                dtype=torch.bfloat16 if options.precision == "bf16" else torch.float32,
                channels_last=options.precision != "fp32" if options.channels_last is None else options.channels_last,
            )
        )
        if self.timeline.cuda:
            # Loading runs on the default stream, for which the lanes' streams do not wait.
            torch.cuda.synchronize(device)

    def _encoding_lane(self, encoder: TextEncoder) -> Lane:
        shapes = [
            Shape(name, largest_batch(rows, bucket), bucket)
            for name, buckets, rows in ((ENCODER, ID_BUCKETS, ENCODER_ROWS), (FLOW, FLOW_BUCKETS, FLOW_ROWS))
            for bucket in buckets
        ]
        return Lane(self.timeline, {ENCODER: EncoderProgram(encoder), FLOW: self._flow}, shapes, SLOTS)

    def _decoding_lane(self, decoder: Decoder) -> Lane:
        programs = {
            name: DecoderProgram(
                decoder, self.latents, self._manifest.hop_length, self._options, masked=masked, pcm=pcm
            )
            for name, masked, pcm in (
                (DECODER, False, True),
                (MASKED, True, True),
                (WAVE, False, False),
                (MASKED_WAVE, True, False),
            )
        }
        shapes = [Shape(name, BATCHES[-1], self._window_buckets[-1]) for name in (DECODER, WAVE)]
        return Lane(self.timeline, programs, shapes, SLOTS)

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
        length = bucket_of(ID_BUCKETS, max(len(sentence.ids) for sentence in sentences))
        segments: list[Segment | Exception] = []
        for part in split_batches(sentences, largest_batch(ENCODER_ROWS, length)):
            segments += self._encode(part, length, durations_of)
        return segments

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

        shape = Shape(ENCODER, bucket_of(BATCHES, len(sentences)), length)
        frames, statistics = self.encoding.run(shape, len(sentences), fill, read)
        segments: list[Segment | Exception] = []
        pieces: list[FlowPiece] = []
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
            pieces += flow_pieces(segment, owners, seed, self._manifest.flow_context)
        self._run_flow(pieces, statistics)
        return segments

    def _run_flow(self, pieces: Sequence[FlowPiece], statistics: Tensor) -> None:
        by_length: dict[int, list[FlowPiece]] = {}
        for piece in pieces:
            by_length.setdefault(bucket_of(FLOW_BUCKETS, piece.last - piece.first), []).append(piece)
        for length, alike in by_length.items():
            for part in split_batches(alike, largest_batch(FLOW_ROWS, length)):
                self._run_pieces(part, length, statistics)

    def _run_pieces(self, pieces: Sequence[FlowPiece], length: int, statistics: Tensor) -> None:
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

        shape = Shape(FLOW, bucket_of(BATCHES, len(pieces)), length)
        self.encoding.run(shape, len(pieces), fill, lambda _made, _kept: None, before)

    def window_bucket(self, window: Window) -> int:
        """Return the frames, context and padding included, in which a window is computed (of ``WINDOW`` at most)."""
        context = self._manifest.decoder_context
        needed = min(window.segment.frames, window.stop + context) - max(0, window.start - context)
        return bucket_of(self._window_buckets, needed)

    def decode(self, windows: Sequence[Window], gain: float | None) -> list[NDArray[Any]]:
        """Decode windows of at most ``WINDOW`` frames: to PCM16 with ``gain``, or without to float32 samples."""
        by_bucket: dict[int, list[int]] = {}
        for place, window in enumerate(windows):
            by_bucket.setdefault(self.window_bucket(window), []).append(place)
        made: dict[int, NDArray[Any]] = {}
        for length, places in by_bucket.items():
            for part in split_batches(places, BATCHES[-1]):
                made |= zip(part, self._decode([windows[place] for place in part], length, gain), strict=True)
        return [made[place] for place in range(len(windows))]

    def _decode(self, windows: Sequence[Window], length: int, gain: float | None) -> list[NDArray[Any]]:
        placed = [place_window(window, length, self._manifest.decoder_context) for window in windows]
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
        shape = Shape(names[masked, gain is None], bucket_of(BATCHES, len(windows)), length)
        return self.decoding.run(shape, len(windows), fill, read)

    def counted(self) -> dict[str, Any]:
        """Return counters by program, without using the device, which may have failed."""
        usage: Mapping[str, Any] = {**self.encoding.usage, **self.decoding.usage}
        return {
            name: {
                "batches": used.batches,
                "items": used.items,
                "device_s": round(used.device_s, 6),
                "sizes": dict(used.sizes),
            }
            for name, used in usage.items()
            if used.batches
        }

    def stats(self) -> dict[str, Any]:
        """Return counters by program, and the use of the device's memory."""
        memory: dict[str, Any] = {"latent_pages": self.latents.pages, "latent_pages_free": self.latents.free}
        if self.timeline.cuda:
            memory |= {
                "allocated_bytes": torch.cuda.memory_allocated(self.timeline.device),
                "reserved_bytes": torch.cuda.memory_reserved(self.timeline.device),
            }
        return {"programs": self.counted(), **memory}
