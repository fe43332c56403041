"""The three networks of a VITS voice in plain torch, for batches of different lengths. Imports torch, never TTS.

They compute the same as ``synthesis.engines.coqui.networks``, for several segments at once. A batch
is padded to one length, and masks set the padding to zero before every convolution wider than one
frame, which matches a convolution's zero padding at the ends of a tensor. So an item has the same
result in every batch, up to rounding in the kernels.

All of it can be captured in a CUDA graph: no shape and no branch depends on data.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from synthesis.audio.loudness import LIMITER_KNEE
from synthesis.engines.coqui.layers import invert_spline
from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import read_object, section
from synthesis.voice_files.manifest import CONFIG_FILE, WEIGHTS_FILE
from synthesis.voice_files.weights_reader import read_weights

DECODER_SLOPE, LAST_SLOPE = 0.1, 0.01
"""Negative slopes of the decoder's leaky ReLUs, as in ``synthesis.engines.coqui.networks``."""
SPLINE_BINS, SPLINE_BOUND = 10, 5.0
"""Bins and range of the duration predictor's splines, fixed in VITS."""
PLAIN_EPSILON, NORM_EPSILON = 1e-4, 1e-5
"""Epsilons of the layer norms: the deterministic duration predictor has a different one."""
DDS_LAYERS = 3
"""Layers of a dilated depth-separable convolution, fixed in VITS."""
FULL_SCALE = 32767.0
_PARTS = ("parametrizations.weight.original0", "parametrizations.weight.original1")


@dataclass(frozen=True, slots=True)
class Conv:
    """Weight and bias of a convolution."""

    weight: Tensor
    bias: Tensor | None

    def __call__(self, values: Tensor, *, dilation: int = 1, groups: int = 1) -> Tensor:
        """Convolve ``(batch, channels, length)`` to the same length."""
        padding = (self.weight.size(-1) - 1) * dilation // 2
        return functional.conv1d(values, self.weight, self.bias, padding=padding, dilation=dilation, groups=groups)


class Weights:
    """The weights of a checkpoint by Coqui's names, weight norm folded, on one device."""

    def __init__(self, weights: Mapping[str, Tensor], device: torch.device) -> None:
        self._weights = weights
        self._device = device

    @classmethod
    def read(cls, folder: Path, device: torch.device) -> "Weights":
        """Read ``model.pth`` in ``folder``.

        :raises VoiceError: ``voice_invalid`` if it is missing or damaged.
        """
        return cls(read_weights(folder / WEIGHTS_FILE), device)

    def has(self, name: str) -> bool:
        """Return whether there is a weight called ``name``."""
        return name in self._weights or _part(name, 1) in self._weights

    def get(self, name: str) -> Tensor:
        """Return the weight called ``name`` as float32.

        :raises VoiceError: ``voice_invalid`` if there is none.
        """
        if name in self._weights:
            weight = self._weights[name].float()
        elif self.has(name):
            size, direction = (self._weights[_part(name, part)].float() for part in (0, 1))
            weight = torch._weight_norm(direction, size, 0)
        else:
            raise VoiceError("voice_invalid", f'The checkpoint has no weight "{name}". Install the voice again.')
        return weight.detach().clone().to(self._device)

    def conv(self, name: str) -> Conv:
        """Return the convolution called ``name``."""
        bias = f"{name}.bias"
        return Conv(self.get(f"{name}.weight"), self.get(bias) if self.has(bias) else None)

    def convs(self, pattern: str) -> list[Conv]:
        """Return the convolutions whose names are ``pattern`` with 0, 1, 2 and so on."""
        return [self.conv(pattern.format(place)) for place in range(self.count(pattern + ".weight"))]

    def count(self, pattern: str) -> int:
        """Count the weights whose names are ``pattern`` with 0, 1, 2 and so on."""
        return sum(1 for _ in takewhile(lambda place: self.has(pattern.format(place)), count()))


def _part(name: str, part: int) -> str:
    return name.removesuffix("weight") + _PARTS[part]


def network_settings(folder: Path) -> dict[str, Any]:
    """Read the ``model_args`` in the ``config.json`` of ``folder``, with Coqui's defaults for missing values.

    :raises VoiceError: ``voice_invalid`` if it is missing or damaged.
    """
    defaults: dict[str, Any] = {
        "upsample_rates_decoder": [8, 8, 2, 2],
        "upsample_kernel_sizes_decoder": [16, 16, 4, 4],
        "resblock_dilation_sizes_decoder": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
        "dilation_rate_flow": 1,
        "use_sdp": True,
        "condition_dp_on_speaker": True,
    }
    return defaults | dict(section(read_object(folder / CONFIG_FILE, CONFIG_FILE), "model_args"))


class Speakers:
    """The speaker embedding table; a single-speaker voice has none."""

    def __init__(self, weights: Weights) -> None:
        self._table = weights.get("emb_g.weight") if weights.has("emb_g.weight") else None

    def __call__(self, numbers: Tensor) -> Tensor | None:
        """Return the conditions ``(batch, speaker channels, 1)`` of speaker ``numbers`` ``(batch,)``, or ``None``."""
        return None if self._table is None else functional.embedding(numbers, self._table).unsqueeze(-1)


@dataclass(frozen=True, slots=True)
class _Norm:
    gamma: Tensor
    beta: Tensor
    epsilon: float = NORM_EPSILON

    def __call__(self, values: Tensor) -> Tensor:
        """Normalize ``(batch, channels, length)`` over the channels."""
        swapped = values.transpose(1, 2)
        return functional.layer_norm(swapped, (swapped.size(2),), self.gamma, self.beta, self.epsilon).transpose(1, 2)


def _norm(weights: Weights, name: str, epsilon: float = NORM_EPSILON) -> _Norm:
    return _Norm(weights.get(f"{name}.gamma").flatten(), weights.get(f"{name}.beta").flatten(), epsilon)


class TextEncoder:
    """Maps phoneme ids to the prior's statistics and to frames per id."""

    def __init__(self, weights: Weights, network: Mapping[str, Any], length_scale: float) -> None:
        self._length_scale = length_scale
        self._embedding = weights.get("text_encoder.emb.weight")
        layers = range(weights.count("text_encoder.encoder.attn_layers.{}.conv_q.weight"))
        self._layers = [_EncoderLayer(weights, layer) for layer in layers]
        self._projection = weights.conv("text_encoder.proj")
        self._speakers = Speakers(weights)
        self._stochastic = bool(network["use_sdp"])
        self._by_speaker = bool(network["condition_dp_on_speaker"])
        self._predictor = _StochasticDurations(weights) if self._stochastic else _PlainDurations(weights)

    def __call__(self, ids: Tensor, lengths: Tensor, noise: Tensor, speakers: Tensor) -> tuple[Tensor, Tensor]:
        """Run over ``ids`` int64 ``(batch, ids)``, of which the first ``lengths`` int64
        ``(batch,)``, at least 1, are not padding.

        ``noise`` is float32 ``(batch, 2, ids)``, ``speakers`` int64 ``(batch,)``. Returns the
        prior's means and standard deviations ``(batch, ids, 2 * channels)`` and whole frames per id
        as floats ``(batch, ids)``, 0 for padding.
        """
        mask = length_mask(lengths, ids.size(1))
        hidden = functional.embedding(ids, self._embedding) * math.sqrt(self._embedding.size(1))
        hidden = hidden.transpose(1, 2) * mask
        for layer in self._layers:
            hidden = layer(hidden, mask)
        hidden = hidden * mask
        means, log_scales = self._projection(hidden).chunk(2, dim=1)
        statistics = torch.cat([means, torch.exp(log_scales)], 1).transpose(1, 2)
        condition = self._speakers(speakers) if self._by_speaker else None
        log_durations = self._predictor(hidden, mask, noise, condition)
        frames = torch.ceil(torch.exp(log_durations) * self._length_scale) * mask
        return statistics, frames.squeeze(1)


class _EncoderLayer:
    """Self-attention with relative positions, then a feed-forward network of two convolutions."""

    def __init__(self, weights: Weights, layer: int) -> None:
        name = "text_encoder.encoder"
        attention = f"{name}.attn_layers.{layer}"
        self._query, self._key, self._value, self._out = (weights.conv(f"{attention}.conv_{part}") for part in "qkvo")
        self._near_keys, self._near_values = (weights.get(f"{attention}.emb_rel_{part}")[0] for part in "kv")
        self._after_attention = _norm(weights, f"{name}.norm_layers_1.{layer}")
        self._wide, self._narrow = (weights.conv(f"{name}.ffn_layers.{layer}.conv_{part}") for part in (1, 2))
        self._after_feed_forward = _norm(weights, f"{name}.norm_layers_2.{layer}")

    def __call__(self, hidden: Tensor, mask: Tensor) -> Tensor:
        hidden = self._after_attention(hidden + self._attend(hidden, mask))
        wide = torch.relu(_same(self._wide, hidden * mask))
        return self._after_feed_forward(hidden + _same(self._narrow, wide * mask) * mask)

    def _attend(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Attend as ``synthesis.engines.coqui.layers.relative_attention`` does, and mask the padding."""
        batch, channels, length = hidden.shape
        band, size = self._near_keys.shape
        heads, reach = channels // size, band // 2
        query, key, value = (
            layer(hidden).view(batch * heads, size, length) for layer in (self._query, self._key, self._value)
        )
        query = query.transpose(1, 2) / math.sqrt(size)
        near = torch.matmul(query, self._near_keys.t())
        scores = torch.matmul(query, key) + _band_to_square(near, reach)
        outside = (mask == 0).expand(batch, heads, length).reshape(batch * heads, 1, length)
        weights = functional.softmax(scores.masked_fill(outside, float("-inf")), dim=-1)
        mixed = torch.matmul(weights, value.transpose(1, 2))
        mixed = mixed + torch.matmul(_square_to_band(weights, band, reach), self._near_values)
        return self._out(mixed.transpose(1, 2).reshape(batch, channels, length))


def _same(conv: Conv, values: Tensor) -> Tensor:
    """Convolve to the same length; an even kernel extends one further to the right, as Coqui's does."""
    kernel = conv.weight.size(-1)
    return functional.conv1d(functional.pad(values, ((kernel - 1) // 2, kernel // 2)), conv.weight, conv.bias)


def _band_to_square(near: Tensor, reach: int) -> Tensor:
    """Convert ``(heads, length, band)`` by distance to ``(heads, length, length)`` by position, 0 outside the band."""
    heads, length, band = near.shape
    width = length + band
    shifted = functional.pad(near, (0, length)).view(heads, length * width)[:, : length * (width - 1)]
    return shifted.view(heads, length, width - 1)[:, :, reach : reach + length]


def _square_to_band(weights: Tensor, band: int, reach: int) -> Tensor:
    """Convert ``(heads, length, length)`` by position to ``(heads, length, band)`` by distance."""
    heads, length, _ = weights.shape
    width = length + band
    wide = functional.pad(weights, (reach, reach)).view(heads, length * (width - 1))
    return functional.pad(wide, (0, length)).view(heads, length, width)[:, :, :band]


class _DepthSeparable:
    """Dilated depth-separable convolutions, each with two layer norms."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._layers = [
            (
                weights.conv(f"{name}.convs_sep.{layer}"),
                _norm(weights, f"{name}.norms_1.{layer}"),
                weights.conv(f"{name}.convs_1x1.{layer}"),
                _norm(weights, f"{name}.norms_2.{layer}"),
            )
            for layer in range(DDS_LAYERS)
        ]

    def __call__(self, values: Tensor, mask: Tensor) -> Tensor:
        for layer, (separate, first, mix, second) in enumerate(self._layers):
            dilation = separate.weight.size(-1) ** layer
            hidden = separate(values * mask, dilation=dilation, groups=values.size(1))
            hidden = functional.gelu(first(hidden))
            values = values + functional.gelu(second(mix(hidden)))
        return values * mask


class _StochasticDurations:
    """The stochastic duration predictor, which maps noise to durations by splines."""

    def __init__(self, weights: Weights) -> None:
        name = "duration_predictor"
        self._before, self._after = weights.conv(f"{name}.pre"), weights.conv(f"{name}.proj")
        self._convs = _DepthSeparable(weights, f"{name}.convs")
        self._condition = weights.conv(f"{name}.cond") if weights.has(f"{name}.cond.weight") else None
        self._translation = weights.get(f"{name}.flows.0.translation")
        self._log_scale = weights.get(f"{name}.flows.0.log_scale")
        # Inference skips the first spline, as in the original VITS: it only helps training.
        last = max(flow for flow in range(64) if weights.has(f"{name}.flows.{flow}.pre.weight"))
        self._splines = [_Spline(weights, f"{name}.flows.{flow}") for flow in range(last, 1, -1)]

    def __call__(self, hidden: Tensor, mask: Tensor, noise: Tensor, condition: Tensor | None) -> Tensor:
        context = self._before(hidden)
        if condition is not None and self._condition is not None:
            context = context + self._condition(condition)
        context = self._after(self._convs(context, mask))
        values = noise
        for spline in self._splines:
            values = spline(torch.flip(values, [1]), context, mask)
        values = (torch.flip(values, [1]) - self._translation) * torch.exp(-self._log_scale)
        return values[:, :1]


class _Spline:
    """A coupling of a monotonic rational-quadratic spline, inverted."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._before, self._after = weights.conv(f"{name}.pre"), weights.conv(f"{name}.proj")
        self._convs = _DepthSeparable(weights, f"{name}.convs")

    def __call__(self, values: Tensor, context: Tensor, mask: Tensor) -> Tensor:
        given, changed = values[:, :1], values[:, 1:]
        hidden = self._before(given) + context
        parameters = self._after(self._convs(hidden, mask)).transpose(1, 2)
        narrow = math.sqrt(context.size(1))
        sizes = [SPLINE_BINS, SPLINE_BINS, SPLINE_BINS - 1]
        widths, heights, slopes = torch.split(parameters, sizes, dim=2)
        inverted = invert_spline(changed.transpose(1, 2), widths / narrow, heights / narrow, slopes, SPLINE_BOUND)
        return torch.cat([given, inverted.transpose(1, 2)], 1) * mask


class _PlainDurations:
    """The deterministic duration predictor: two convolutions."""

    def __init__(self, weights: Weights) -> None:
        name = "duration_predictor"
        self._layers = [
            (weights.conv(f"{name}.conv_{layer}"), _norm(weights, f"{name}.norm_{layer}", PLAIN_EPSILON))
            for layer in (1, 2)
        ]
        self._projection = weights.conv(f"{name}.proj")
        self._condition = weights.conv(f"{name}.cond") if weights.has(f"{name}.cond.weight") else None

    def __call__(self, hidden: Tensor, mask: Tensor, noise: Tensor, condition: Tensor | None) -> Tensor:
        if condition is not None and self._condition is not None:
            hidden = hidden + self._condition(condition)
        for conv, norm in self._layers:
            hidden = norm(torch.relu(conv(hidden * mask)))
        return self._projection(hidden * mask) * mask


class Flow:
    """Maps the prior's latents to the decoder's latents."""

    def __init__(self, weights: Weights, network: Mapping[str, Any]) -> None:
        self._speakers = Speakers(weights)
        couplings = weights.count("flow.flows.{}.pre.weight")
        # Inference runs the couplings inverted, the last one first.
        self._couplings = [_Coupling(weights, place, network) for place in reversed(range(couplings))]

    def __call__(self, latents: Tensor, mask: Tensor, speakers: Tensor) -> Tensor:
        """Run over ``latents`` ``(batch, channels, frames)`` with ``mask`` ``(batch, 1, frames)``, 0 for padding."""
        condition = self._speakers(speakers)
        for coupling in self._couplings:
            latents = coupling(torch.flip(latents, [1]), mask, condition)
        return latents


class _Coupling:
    """An affine coupling around a WaveNet, inverted; it only shifts."""

    def __init__(self, weights: Weights, place: int, network: Mapping[str, Any]) -> None:
        name = f"flow.flows.{place}"
        self._before, self._after = weights.conv(f"{name}.pre"), weights.conv(f"{name}.post")
        self._inner = weights.convs(f"{name}.enc.in_layers.{{}}")
        self._outer = weights.convs(f"{name}.enc.res_skip_layers.{{}}")
        conditioned = weights.has(f"{name}.enc.cond_layer.weight")
        self._condition = weights.conv(f"{name}.enc.cond_layer") if conditioned else None
        self._dilation = int(network["dilation_rate_flow"])

    def __call__(self, latents: Tensor, mask: Tensor, condition: Tensor | None) -> Tensor:
        given, changed = latents.chunk(2, dim=1)
        hidden = self._before(given) * mask
        shift = self._after(self._wave(hidden, mask, condition)) * mask
        return torch.cat([given, (changed - shift) * mask], 1)

    def _wave(self, hidden: Tensor, mask: Tensor, condition: Tensor | None) -> Tensor:
        channels = hidden.size(1)
        offsets: tuple[Tensor | None, ...] = (None,) * len(self._inner)
        if condition is not None and self._condition is not None:
            offsets = self._condition(condition).chunk(len(self._inner), dim=1)
        skipped: Tensor | None = None
        for layer, (inner, outer, offset) in enumerate(zip(self._inner, self._outer, offsets, strict=True)):
            wave = inner(hidden, dilation=self._dilation**layer)
            if offset is not None:
                wave = wave + offset
            gate, valve = wave.chunk(2, dim=1)
            wave = outer(torch.tanh(gate) * torch.sigmoid(valve))
            if wave.size(1) > channels:
                hidden = (hidden + wave[:, :channels]) * mask
                wave = wave[:, channels:]
            skipped = wave if skipped is None else skipped + wave
        assert skipped is not None  # noqa: S101 - every coupling has a layer
        return skipped * mask


class Decoder:
    """Maps latents to samples: HiFi-GAN, over planar tensors ``(batch, channels, 1, length)``.

    ``dtype`` is that of the weights and of all intermediate tensors; the last sum and tanh are
    float32. ``channels_last`` stores the channels of a sample contiguously in memory, as tensor
    cores require.
    """

    def __init__(
        self,
        weights: Weights,
        network: Mapping[str, Any],
        *,
        dtype: torch.dtype = torch.float32,
        channels_last: bool = False,
    ) -> None:
        self._dtype = dtype
        self._format = torch.channels_last if channels_last else torch.contiguous_format
        self._strides = [int(rate) for rate in network["upsample_rates_decoder"]]
        self._speakers = Speakers(weights)
        name = "waveform_decoder"
        self._before, self._after = self._planar(weights.conv(f"{name}.conv_pre")), weights.conv(f"{name}.conv_post")
        self._after = self._planar(self._after)
        conditioned = weights.has(f"{name}.cond_layer.weight")
        self._condition = self._planar(weights.conv(f"{name}.cond_layer")) if conditioned else None
        self._ups = [self._planar(up) for up in weights.convs(f"{name}.ups.{{}}")]
        self._blocks = self._read_blocks(weights, name, network["resblock_dilation_sizes_decoder"])

    def _read_blocks(self, weights: Weights, name: str, dilations: Any) -> list[list["_Block"]]:
        stages: list[list[_Block]] = []
        for stage in range(len(self._strides)):
            blocks = []
            for place, steps in enumerate(dilations):
                block = f"{name}.resblocks.{stage * len(dilations) + place}"
                twice = weights.has(f"{block}.convs1.0.weight")
                dilated = weights.convs(f"{block}.{'convs1' if twice else 'convs'}.{{}}")
                plain = weights.convs(f"{block}.convs2.{{}}") if twice else []
                blocks.append(_Block([self._planar(conv) for conv in dilated], [self._planar(c) for c in plain], steps))
            stages.append(blocks)
        return stages

    def _planar(self, conv: Conv) -> Conv:
        weight = conv.weight.unsqueeze(2).to(self._dtype).contiguous(memory_format=self._format)
        return Conv(weight, None if conv.bias is None else conv.bias.to(self._dtype))

    def __call__(self, latents: Tensor, speakers: Tensor, mask: Tensor | None = None) -> Tensor:
        """Run over ``latents`` ``(batch, channels, frames)``; returns float32 samples ``(batch, frames * hop)``.

        Without a ``mask`` ``(batch, 1, frames)``, no item has padding.
        """
        wave = latents.to(self._dtype).unsqueeze(2).contiguous(memory_format=self._format)
        held = None if mask is None else mask.to(self._dtype).unsqueeze(2)
        wave = _convolve(self._before, _held(wave, held), 1)
        condition = self._speakers(speakers)
        if condition is not None and self._condition is not None:
            wave = wave + _convolve(self._condition, condition.to(self._dtype).unsqueeze(2), 1)
        for stride, up, blocks in zip(self._strides, self._ups, self._blocks, strict=True):
            wave = _held(functional.leaky_relu(wave, DECODER_SLOPE), held)
            padding = (up.weight.size(-1) - stride) // 2
            wave = functional.conv_transpose2d(wave, up.weight, up.bias, stride=(1, stride), padding=(0, padding))
            if held is not None:
                held = held.unsqueeze(4).expand(-1, -1, -1, -1, stride).flatten(3)
            blended = blocks[0](wave, held)
            for block in blocks[1:]:
                blended = blended + block(wave, held)
            wave = blended / len(blocks)
        wave = _convolve(self._after, _held(functional.leaky_relu(wave, LAST_SLOPE), held), 1)
        return torch.tanh(wave.float()).flatten(1)


@dataclass(frozen=True, slots=True)
class _Block:
    """A residual block: dilated convolutions, each followed by a plain one in blocks of type 1."""

    dilated: list[Conv]
    plain: list[Conv]
    dilations: list[int]

    def __call__(self, wave: Tensor, mask: Tensor | None) -> Tensor:
        for place, (conv, dilation) in enumerate(zip(self.dilated, self.dilations, strict=True)):
            inner = _convolve(conv, _held(functional.leaky_relu(wave, DECODER_SLOPE), mask), dilation)
            if self.plain:
                inner = _convolve(self.plain[place], _held(functional.leaky_relu(inner, DECODER_SLOPE), mask), 1)
            wave = inner + wave
        return wave


def _convolve(conv: Conv, wave: Tensor, dilation: int) -> Tensor:
    padding = (conv.weight.size(-1) - 1) * dilation // 2
    return functional.conv2d(wave, conv.weight, conv.bias, padding=(0, padding), dilation=(1, dilation))


def _held(values: Tensor, mask: Tensor | None) -> Tensor:
    """Set the padding to zero."""
    return values if mask is None else values * mask


def length_mask(lengths: Tensor, longest: int) -> Tensor:
    """Return a float32 mask ``(batch, 1, longest)``: 1 for the first ``lengths`` ``(batch,)`` positions per item."""
    places = torch.arange(longest, device=lengths.device)
    return (places < lengths.unsqueeze(1)).unsqueeze(1).float()


def to_pcm16(samples: Tensor, gain: Tensor) -> Tensor:
    """Return ``samples`` as 16-bit integers at the target loudness, as ``synthesis.audio.loudness.to_pcm16`` does."""
    loud = samples * gain
    size = loud.abs()
    room = 1 - LIMITER_KNEE
    bent = (LIMITER_KNEE + room * torch.tanh((size - LIMITER_KNEE) / room)).clamp_max(1.0)
    limited = torch.where(size <= LIMITER_KNEE, loud, torch.copysign(bent, loud))
    return torch.round(limited * FULL_SCALE).to(torch.int16)
