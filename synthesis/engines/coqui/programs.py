"""The batched programs of a voice: encoder, flow and decoder."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from synthesis.engines.coqui.lanes import Field, Shape, Tensors, tf32
from synthesis.engines.coqui.latents import PAGE, TRASH, Latents
from synthesis.engines.coqui.layout import ENCODER_ROWS
from synthesis.engines.coqui.torch_networks import Decoder, Flow, TextEncoder, length_mask, to_pcm16

ENCODER, FLOW, DECODER, MASKED, WAVE, MASKED_WAVE = "encoder", "flow", "decoder", "masked", "wave", "masked wave"


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a voice's computation: the decoder's precision, and the rows of the latents table."""

    precision: str = "fp32"
    rows: int = 512 * 1024
    noise: bool = True
    channels_last: bool | None = None
    """Memory layout of the decoder's tensors; by default the faster one: an H100 gains a quarter with tf32 and bf16."""


class EncoderProgram:
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


class FlowProgram:
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


class DecoderProgram:
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
