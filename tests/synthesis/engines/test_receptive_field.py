"""The context of a window equals the network's receptive field."""

import numpy as np
import pytest
import torch

from synthesis.engines.coqui.model import build, config_from
from synthesis.engines.coqui.networks import DecoderGraph, FlowGraph
from synthesis.engines.coqui.receptive_field import DecoderShape, FlowShape
from synthesis.errors import VoiceError
from tests.synthesis.voices.coqui_voices import SMALL

MEDIUM = DecoderShape("2", (3, 5, 7), ((1, 2), (2, 6), (3, 12)), (8, 8, 4), (16, 16, 8))
HIGH = DecoderShape("1", (3, 7, 11), ((1, 3, 5),) * 3, (8, 8, 2, 2), (16, 16, 4, 4))
ODD = DecoderShape("2", (3,), ((1, 1),), (5, 3), (11, 3))


def reach(graph: torch.nn.Module, channels: int, first: int, last: int, frames: int = 101) -> int:
    """Return how many frames from the middle the farthest input of outputs ``first`` to ``last`` is, by gradient."""
    latents = torch.randn(1, channels, frames, dtype=torch.float64, requires_grad=True)
    outputs = graph.double()(latents, torch.tensor([0, 0]))
    outputs[..., first:last].square().sum().backward()
    assert latents.grad is not None
    touched = np.flatnonzero(latents.grad.abs().sum((0, 1)).numpy())
    return int(np.abs(touched - frames // 2).max())


@pytest.mark.parametrize("shape", [MEDIUM, HIGH, ODD], ids=["medium", "high", "odd strides"])
def test_the_decoder_context_equals_its_receptive_field(shape: DecoderShape) -> None:
    network = {
        "upsample_initial_channel_decoder": 16,
        "upsample_rates_decoder": list(shape.strides),
        "upsample_kernel_sizes_decoder": list(shape.upsample_kernels),
        "resblock_type_decoder": shape.resblock_type,
        "resblock_kernel_sizes_decoder": list(shape.resblock_kernels),
        "resblock_dilation_sizes_decoder": [list(block) for block in shape.resblock_dilations],
    }
    hop_length = int(np.prod(shape.strides))
    config = config_from({"model_args": {**SMALL, **network}, "audio": {"hop_length": hop_length}})
    graph = DecoderGraph(build(config))
    assert reach(graph, 16, 50 * hop_length, 51 * hop_length) == shape.context


@pytest.mark.parametrize(("kernel", "dilation_rate", "layers"), [(5, 1, 4), (3, 2, 3), (1, 1, 2)])
def test_the_flow_context_equals_its_receptive_field(kernel: int, dilation_rate: int, layers: int) -> None:
    network = {"kernel_size_flow": kernel, "dilation_rate_flow": dilation_rate, "num_layers_flow": layers}
    vits = build(config_from({"model_args": {**SMALL, **network}, "audio": {"hop_length": 8}}))
    with torch.no_grad():
        for weight in vits.flow.parameters():
            weight.add_(torch.randn_like(weight))
    shape = FlowShape(kernel, dilation_rate, layers, couplings=4)
    assert reach(FlowGraph(vits), 16, 50, 51) == shape.context


def test_the_contexts_of_the_default_voice() -> None:
    assert (MEDIUM.context, MEDIUM.margins) == (11, (53, 58, 48))
    assert FlowShape(kernel=5, dilation_rate=1, layers=4, couplings=4).context == 32


@pytest.mark.parametrize("upsample_kernels", [(16, 16, 7), (16, 4, 8)])
def test_an_upsampling_off_the_sample_grid_is_rejected(upsample_kernels: tuple[int, ...]) -> None:
    shape = DecoderShape("2", (3,), ((1, 2),), (8, 8, 4), upsample_kernels)
    with pytest.raises(VoiceError) as refusal:
        _ = shape.context
    assert refusal.value.code == "voice_invalid"
