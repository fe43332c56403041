"""The three networks of a VITS voice, split for streaming and reduced to inference.

They reuse the layers of Coqui's ``Vits`` and omit parts needed only for training or batches: masks,
log-determinants, and noise generation. So they export to ONNX without data-dependent branches, for
any length.

Shapes: ``ids`` phonemes, ``frames`` frames, ``channels`` latent channels; the batch size is always
1.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthesis.engines.coqui.layers import inverse_rational_quadratic_spline, relative_attention
from synthesis.engines.coqui.model import Vits
from synthesis.engines.coqui.receptive_field import DecoderShape, FlowShape

DECODER_SLOPE, LAST_SLOPE = 0.1, 0.01
"""Negative slopes of the decoder's leaky ReLUs: HiFi-GAN's, and torch's default before the last convolution."""


class EncoderGraph(nn.Module):
    """Maps phoneme ids to the prior's mean and scale and to frames per id."""

    def __init__(self, vits: Vits) -> None:
        super().__init__()
        self.text = vits.text_encoder
        self.durations = vits.duration_predictor
        self.speakers = vits.emb_g if hasattr(vits, "emb_g") else None
        self.stochastic = bool(vits.args.use_sdp)
        self.durations_by_speaker = bool(vits.args.condition_dp_on_speaker)

    def forward(
        self, ids: Tensor, length_scale: Tensor, noise: Tensor | None = None, speaker: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Run over ``ids`` int64 ``(1, ids)``, ``length_scale`` ``(1,)``, ``noise`` ``(1, 2,
        ids)``, ``speaker`` int64 ``(1,)``.

        Returns the prior's means ``(ids, channels)``, its standard deviations ``(ids, channels)``,
        whole frames per id ``(ids,)`` as floats, and for a multi-speaker voice the condition ``(1,
        speaker channels, 1)``.
        """
        condition = None if self.speakers is None else self.speakers(speaker).unsqueeze(-1)
        hidden = self._transform(ids)
        stats = self.text.proj(hidden).squeeze(0).t()
        means, log_scales = stats.split(self.text.out_channels, dim=1)
        log_durations = self._log_durations(hidden, noise, condition if self.durations_by_speaker else None)
        frames = torch.ceil(torch.exp(log_durations) * length_scale).flatten()
        outputs = (means.contiguous(), torch.exp(log_scales), frames)
        return outputs if condition is None else (*outputs, condition)

    def _transform(self, ids: Tensor) -> Tensor:
        everywhere = torch.ones(1, 1, 1, device=ids.device)
        encoder = self.text.encoder
        hidden: Tensor = (self.text.emb(ids) * math.sqrt(self.text.hidden_channels)).transpose(1, 2)
        layers = zip(encoder.attn_layers, encoder.norm_layers_1, encoder.ffn_layers, encoder.norm_layers_2, strict=True)
        for attention, after_attention, feed_forward, after_feed_forward in layers:
            hidden = after_attention(hidden + relative_attention(attention, hidden))
            hidden = after_feed_forward(hidden + feed_forward(hidden, everywhere))
        return hidden

    def _log_durations(self, hidden: Tensor, noise: Any, condition: Tensor | None) -> Tensor:
        everywhere = torch.ones(1, 1, 1, device=hidden.device)
        predictor = self.durations
        if not self.stochastic:
            predicted: Tensor = predictor(hidden, everywhere, g=condition)
            return predicted
        context = predictor.pre(hidden)
        if condition is not None:
            context = context + predictor.cond(condition)
        context = predictor.proj(predictor.convs(context, everywhere))
        # Inference skips the first spline, as in the original VITS: it only helps training.
        affine, _, *splines = predictor.flows
        values = noise
        for spline in reversed(splines):
            values = inverse_rational_quadratic_spline(spline, torch.flip(values, [1]), context, everywhere)
        logarithms: Tensor = affine(torch.flip(values, [1]), everywhere, reverse=True)
        return logarithms[:, :1]


class FlowGraph(nn.Module):
    """Maps a window of the prior's latents, with context, to the decoder's latents of the window alone."""

    def __init__(self, vits: Vits) -> None:
        super().__init__()
        self.couplings = vits.flow.flows
        self.shape = flow_shape(vits.args, len(vits.flow.flows))

    def forward(self, latents: Tensor, context: Tensor, condition: Tensor | None = None) -> Tensor:
        """Map ``latents`` ``(1, channels, frames)``, or planar ``(1, channels, 1, frames)``, to the
        same without context.

        ``context`` ``(2,)`` int64 is the number of context frames before and after the window in
        ``latents``.
        """
        everywhere = torch.ones(1, 1, 1, device=latents.device)
        for coupling, margin in zip(reversed(self.couplings), self.shape.margins, strict=True):
            latents = coupling(torch.flip(latents, [1]), everywhere, g=condition, reverse=True)
            latents, context = crop(latents, context, margin)
        return latents


class DecoderGraph(nn.Module):
    """Maps a window of latents, with context, to the samples of the window alone.

    The first layers need most of the context, and the last layers cost most: so each stage crops
    the context to the need of later stages.
    """

    def __init__(self, vits: Vits) -> None:
        super().__init__()
        self.decoder = vits.waveform_decoder
        self.shape = decoder_shape(vits.args)

    def forward(self, latents: Tensor, context: Tensor, condition: Tensor | None = None) -> Tensor:
        """Map ``latents`` ``(1, channels, frames)``, or planar ``(1, channels, 1, frames)``, to samples ``(samples,)``.

        ``context`` ``(2,)`` int64 is the number of context frames before and after the window in
        ``latents``.
        """
        wave: Tensor = self.decoder.conv_pre(latents)
        if condition is not None:
            wave = wave + self.decoder.cond_layer(condition)
        for stage, (stride, margin) in enumerate(zip(self.shape.strides, self.shape.margins, strict=True)):
            wave = self.decoder.ups[stage](functional.leaky_relu(wave, DECODER_SLOPE))
            wave, context = crop(wave, context * stride, margin)
            wave = self._blend(wave, stage)
        wave = torch.tanh(self.decoder.conv_post(functional.leaky_relu(wave, LAST_SLOPE)))
        samples, _ = crop(wave, context, 0)
        return samples.flatten()

    def _blend(self, wave: Tensor, stage: int) -> Tensor:
        count: int = self.decoder.num_kernels
        first, *others = self.decoder.resblocks[stage * count : (stage + 1) * count]
        blended: Tensor = first(wave)
        for block in others:
            blended = blended + block(wave)
        return blended / count


def crop(values: Tensor, context: Tensor, margin: int) -> tuple[Tensor, Tensor]:
    """Crop a context ``(2,)`` to at most ``margin`` on each side. Returns the cropped tensor and context."""
    spare = (context - margin).clamp_min(0)
    return values[..., spare[0] : values.size(-1) - spare[1]], context - spare


def flow_shape(args: Any, couplings: int) -> FlowShape:
    """Return the hyperparameters of the flow's receptive field from these ``model_args``."""
    return FlowShape(args.kernel_size_flow, args.dilation_rate_flow, args.num_layers_flow, couplings)


def decoder_shape(args: Any) -> DecoderShape:
    """Return the hyperparameters of the decoder's receptive field from these ``model_args``."""
    return DecoderShape(
        resblock_type=args.resblock_type_decoder,
        resblock_kernels=args.resblock_kernel_sizes_decoder,
        resblock_dilations=args.resblock_dilation_sizes_decoder,
        strides=args.upsample_rates_decoder,
        upsample_kernels=args.upsample_kernel_sizes_decoder,
    )
