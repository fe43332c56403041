"""The batched networks: equal to the graphs that voices are compiled from, independent of the rest of the batch."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from synthesis.audio.loudness import to_pcm16 as to_pcm16_on_the_processor
from synthesis.engines.coqui.model import load_checkpoint
from synthesis.engines.coqui.networks import DecoderGraph, EncoderGraph, FlowGraph
from synthesis.engines.coqui.torch_networks import (
    Decoder,
    Flow,
    TextEncoder,
    Weights,
    length_mask,
    network_settings,
    to_pcm16,
)
from synthesis.errors import VoiceError
from synthesis.voice_files.manifest import VoiceManifest
from tests.synthesis.voices.coqui_voices import KINDS, random_ids

SmallVoice = Callable[[str], Path]
CPU = torch.device("cpu")
LENGTHS = (60, 1, 37)


@pytest.fixture(params=KINDS)
def folder(request: pytest.FixtureRequest, small_voice: SmallVoice) -> Path:
    return small_voice(request.param)


def padded(items: list[Tensor], length: int) -> Tensor:
    return torch.stack([torch.nn.functional.pad(item, (0, length - item.size(-1))) for item in items])


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def close(given: Tensor, expected: Tensor) -> None:
    np.testing.assert_allclose(given.numpy(), expected.numpy(), rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_the_text_encoder_matches_the_graph(folder: Path) -> None:
    _, vits = load_checkpoint(folder)
    weights, network = Weights.read(folder, CPU), network_settings(folder)
    scale = VoiceManifest.read(folder).length_scale
    ids = [torch.tensor(random_ids(length)) for length in LENGTHS]
    noise = [random(2, length) for length in LENGTHS]
    speakers = torch.tensor([2, 0, 1])
    encoder = TextEncoder(weights, network, scale)
    statistics, frames = encoder(padded(ids, 64), torch.tensor(LENGTHS), padded(noise, 64), speakers)
    for place, length in enumerate(LENGTHS):
        means, scales, expected, *_ = EncoderGraph(vits)(
            ids[place][None], torch.tensor([scale]), noise[place][None], speakers[place : place + 1]
        )
        close(statistics[place, :length], torch.cat([means, scales], 1))
        close(frames[place, :length], expected)
        assert not frames[place, length:].any()


@torch.inference_mode()
def test_the_flow_matches_the_graph(folder: Path) -> None:
    _, vits = load_checkpoint(folder)
    flow = Flow(Weights.read(folder, CPU), network_settings(folder))
    latents = [random(16, length) for length in LENGTHS]
    speakers = torch.tensor([2, 0, 1])
    flow_output = flow(padded(latents, 64), length_mask(torch.tensor(LENGTHS), 64), speakers)
    for place, length in enumerate(LENGTHS):
        condition = vits.emb_g(speakers[place : place + 1]).unsqueeze(-1) if hasattr(vits, "emb_g") else None
        expected = FlowGraph(vits)(latents[place][None], torch.tensor([0, 0]), condition)[0]
        close(flow_output[place, :, :length], expected)


@pytest.mark.parametrize("channels_last", [False, True])
@torch.inference_mode()
def test_the_decoder_matches_the_graph(folder: Path, channels_last: bool) -> None:
    _, vits = load_checkpoint(folder)
    decoder = Decoder(Weights.read(folder, CPU), network_settings(folder), channels_last=channels_last)
    latents = [random(16, length) for length in LENGTHS]
    speakers = torch.tensor([2, 0, 1])
    mask = length_mask(torch.tensor(LENGTHS), 64)
    samples = decoder(padded(latents, 64), speakers, mask)
    hop_length = samples.size(1) // 64
    for place, length in enumerate(LENGTHS):
        condition = vits.emb_g(speakers[place : place + 1]).unsqueeze(-1) if hasattr(vits, "emb_g") else None
        expected = DecoderGraph(vits)(latents[place][None], torch.tensor([0, 0]), condition)
        close(samples[place, : length * hop_length], expected)
        close(decoder(latents[place][None], speakers[place : place + 1])[0], expected)


def test_pcm_matches_the_cpu_conversion() -> None:
    samples = np.linspace(-3, 3, 100_001, dtype=np.float32)
    made = to_pcm16(torch.from_numpy(samples), torch.tensor(0.9)).numpy()
    expected = np.frombuffer(to_pcm16_on_the_processor(samples, 0.9), "<i2")
    assert np.abs(made.astype(int) - expected).max() <= 1
    assert np.array_equal(made[np.abs(samples) < 0.8], expected[np.abs(samples) < 0.8])


def test_the_error_names_a_missing_weight() -> None:
    with pytest.raises(VoiceError, match=r"flow\.flows\.0"):
        Weights({}, CPU).get("flow.flows.0.pre.weight")
