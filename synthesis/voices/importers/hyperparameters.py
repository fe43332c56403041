"""Infers the hyperparameters of a VITS network from its weight shapes."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from synthesis.errors import VoiceError

Shape = tuple[int, ...]
ShapeOf = Callable[[str], Shape | None]
"""Returns the shape of a weight by its Coqui name (weight norm folded), or ``None`` if there is none."""

MAX_LAYERS = 64
MAX_HOP_LENGTH = 4096
"""Maximum samples per frame; voices have 256."""
RELATIVE_POSITIONS = 9
"""Rows of the text encoder's relative-position tables: four positions on each side, fixed in Coqui."""
COUPLINGS = 4
"""Affine couplings of the flow, fixed in Coqui."""
PLAIN_CHANNELS = 256
"""Channels of the plain duration predictor, fixed in Coqui."""


@dataclass(frozen=True, slots=True)
class ConvSteps:
    """Strides and dilations of the convolutions, which weight shapes do not determine."""

    upsample_rates: tuple[int, ...]
    resblock_dilations: tuple[tuple[int, ...], ...]
    """Dilations by kernel size of the first upsampling stage, then by layer."""
    flow_dilation: int


def model_args(shape_of: ShapeOf, steps: ConvSteps) -> dict[str, Any]:
    """Return Coqui's ``model_args`` for the network with these weights.

    :raises VoiceError: if they are not those of a VITS network; the message names the part.
    """
    return {
        **_text_encoder(shape_of),
        **_flow(shape_of, steps),
        **_decoder(shape_of, steps),
        **_durations(shape_of),
        **_speakers(shape_of),
    }


def _text_encoder(shape_of: ShapeOf) -> dict[str, Any]:
    encoder = "text_encoder.encoder"
    rows, hidden = _shape(shape_of, "text_encoder.emb.weight", 2)
    wide, _, kernel = _shape(shape_of, f"{encoder}.ffn_layers.0.conv_1.weight", 3)
    shared, positions, head = _shape(shape_of, f"{encoder}.attn_layers.0.emb_rel_k", 3)
    prior = _shape(shape_of, "text_encoder.proj.weight", 3)[0]
    _require(shared == 1 and positions == RELATIVE_POSITIONS and hidden % head == 0, "the text encoder's attention")
    _require(prior == 2 * hidden and hidden % 2 == 0, "the width of the prior")
    layers = _alike(shape_of, encoder + ".attn_layers.{}.conv_q.weight")
    _require(_alike(shape_of, encoder + ".ffn_layers.{}.conv_1.weight") == layers, "the text encoder's layers")
    return {
        "num_chars": rows,
        "hidden_channels": hidden,
        "hidden_channels_ffn_text_encoder": wide,
        "kernel_size_text_encoder": kernel,
        "num_heads_text_encoder": hidden // head,
        "num_layers_text_encoder": layers,
    }


def _flow(shape_of: ShapeOf, steps: ConvSteps) -> dict[str, Any]:
    kernel = _shape(shape_of, "flow.flows.0.enc.in_layers.0.weight", 3)[2]
    couplings = _alike(shape_of, "flow.flows.{}.enc.in_layers.0.weight")
    layers = {_alike(shape_of, f"flow.flows.{coupling}.enc.in_layers.{{}}.weight") for coupling in range(couplings)}
    _require(couplings == COUPLINGS and len(layers) == 1, "the number of couplings in the flow")
    return {
        "kernel_size_flow": kernel,
        "dilation_rate_flow": steps.flow_dilation,
        "num_layers_flow": layers.pop(),
    }


def _decoder(shape_of: ShapeOf, steps: ConvSteps) -> dict[str, Any]:
    decoder = "waveform_decoder"
    channels = _shape(shape_of, f"{decoder}.conv_pre.weight", 3)[0]
    layers, kernels = _resblocks(shape_of, steps, channels)
    rates = steps.upsample_rates
    return {
        "resblock_type_decoder": "1" if layers == 3 else "2",
        "resblock_kernel_sizes_decoder": kernels,
        "resblock_dilation_sizes_decoder": [list(block) for block in steps.resblock_dilations],
        "upsample_rates_decoder": list(rates),
        "upsample_initial_channel_decoder": channels,
        "upsample_kernel_sizes_decoder": [
            _upsampling(shape_of, stage, channels >> stage) for stage in range(len(rates))
        ],
    }


def _upsampling(shape_of: ShapeOf, stage: int, channels: int) -> int:
    """Return the kernel size of one stage, which halves the channels."""
    entering, leaving, kernel = _shape(shape_of, f"waveform_decoder.ups.{stage}.weight", 3)
    _require((entering, leaving) == (channels, channels // 2), "the decoder's upsampling")
    return kernel


def _resblocks(shape_of: ShapeOf, steps: ConvSteps, channels: int) -> tuple[int, list[int]]:
    """Return the layers per residual block (3 for type "1", 2 for type "2") and the kernel sizes of
    each stage's blocks.
    """
    pattern = "waveform_decoder.resblocks.{}.convs1.0.weight"
    layers = 3 if shape_of(pattern.format(0)) else 2
    pattern = pattern if layers == 3 else pattern.replace("convs1", "convs")
    stages, per_stage = len(steps.upsample_rates), len(steps.resblock_dilations)
    _require(math.prod(steps.upsample_rates) <= MAX_HOP_LENGTH, "the decoder's upsampling")
    _require(stages > 0 and _count(shape_of, "waveform_decoder.ups.{}.weight") == stages, "the decoder's upsampling")
    _require(_count(shape_of, pattern) == stages * per_stage, "the decoder's residual blocks")
    _require(all(len(block) == layers for block in steps.resblock_dilations), "the decoder's dilations")
    kernels = [_shape(shape_of, pattern.format(block), 3)[2] for block in range(per_stage)]
    for block in range(stages * per_stage):
        width = channels >> (block // per_stage + 1)
        expected = (width, width, kernels[block % per_stage])
        _require(shape_of(pattern.format(block)) == expected, "the decoder's residual blocks")
    return layers, kernels


def _durations(shape_of: ShapeOf) -> dict[str, Any]:
    predictor = "duration_predictor"
    stochastic = shape_of(f"{predictor}.convs.convs_sep.0.weight") is not None
    if not stochastic:
        channels = _shape(shape_of, f"{predictor}.conv_1.weight", 3)[0]
        _require(channels == PLAIN_CHANNELS, "the duration predictor's width")
    return {"use_sdp": stochastic, "condition_dp_on_speaker": shape_of(f"{predictor}.cond.weight") is not None}


def _speakers(shape_of: ShapeOf) -> dict[str, Any]:
    if shape_of("emb_g.weight") is None:
        _require(shape_of("waveform_decoder.cond_layer.weight") is None, "the speaker embedding")
        return {"use_speaker_embedding": False}
    channels = _shape(shape_of, "emb_g.weight", 2)[1]
    return {"use_speaker_embedding": True, "speaker_embedding_channels": channels}


def _count(shape_of: ShapeOf, pattern: str) -> int:
    """Return the number of weights whose names are ``pattern`` with 0, 1, 2 and so on."""
    found = sum(1 for _ in takewhile(lambda index: shape_of(pattern.format(index)) is not None, range(MAX_LAYERS + 1)))
    _require(0 < found <= MAX_LAYERS, f'the number of "{pattern.format("*")}"')
    return found


def _alike(shape_of: ShapeOf, pattern: str) -> int:
    """Return the number of such weights, requiring equal shapes.

    Without this check, a file with one large layer and many small ones would make us allocate many
    large layers.
    """
    found = _count(shape_of, pattern)
    shapes = {shape_of(pattern.format(index)) for index in range(found)}
    _require(len(shapes) == 1, f'the size of "{pattern.format("*")}"')
    return found


def _shape(shape_of: ShapeOf, name: str, axes: int) -> Shape:
    shape = shape_of(name)
    _require(shape is not None and len(shape) == axes and min(shape) > 0, f'"{name}"')
    return shape or ()


def _require(condition: bool, part: str) -> None:  # noqa: FBT001  (reads as the sentence it is)
    if not condition:
        raise VoiceError("voice_invalid", f"This is not a VITS voice that can be imported: {part} does not fit.")
