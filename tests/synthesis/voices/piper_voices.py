"""Piper voices of any shape, with random weights, from Piper's own network: an independent reference."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from piper.train.vits.models import SynthesizerTrn

PHONEMES = {"_": 0, "^": 1, "$": 2, " ": 3, "a": 4, "b": 5, "ə": 6, "ɡ": 7, "g": 7, "ˈ": 8, "oʊ": 9}


@dataclass(frozen=True)
class VoiceShape:
    """The shape of a voice's network; with far fewer channels than real voices."""

    resblock: str = "2"
    kernels: tuple[int, ...] = (3, 5)
    dilations: tuple[tuple[int, ...], ...] = ((1, 2), (2, 6))
    rates: tuple[int, ...] = (8, 4)
    upsample_kernels: tuple[int, ...] = (16, 8)
    hidden: int = 32
    symbols: int = 12
    speakers: int = 1
    stochastic: bool = True
    folded: bool = True


@dataclass(frozen=True)
class PiperVoice:
    """The two files of a voice."""

    onnx: Path
    json: Path

    def speak(self, ids: Sequence[int], speaker: int | None = None) -> NDArray[np.float32]:
        """Return the samples of ``ids`` from ONNX Runtime without noise, float32, shape ``(samples,)``."""
        inputs: dict[str, Any] = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([0, 1, 0], np.float32),
        }
        if speaker is not None:
            inputs["sid"] = np.array([speaker], np.int64)
        return np.asarray(_session(self.onnx).run(None, inputs)[0], np.float32).ravel()


@lru_cache(maxsize=1)
def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # Optimizing a graph of some 2,000 nodes takes longer than running it.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def make_voice(folder: Path, shape: VoiceShape, seed: int = 0) -> PiperVoice:
    """Export a voice of ``shape`` into ``folder`` as Piper's exporter does."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_network(shape)
        files = PiperVoice(folder / "voice.onnx", folder / "voice.onnx.json")
        with warnings.catch_warnings():
            _export(network, shape, files.onnx)
    files.json.write_text(json.dumps(settings(shape)), encoding="utf-8")
    return files


def settings(shape: VoiceShape) -> dict[str, Any]:
    """Return the JSON configuration of a voice of ``shape``."""
    return {
        "audio": {"sample_rate": 16_000},
        "espeak": {"voice": "de"},
        "language": {"code": "de_AT"},
        "inference": {"noise_scale": 0.5, "length_scale": 1.25, "noise_w": 0.75},
        "phoneme_type": "espeak",
        "phoneme_id_map": {phoneme: [row] for phoneme, row in PHONEMES.items()},
        "num_symbols": shape.symbols,
        "num_speakers": shape.speakers,
        "vowel_clusters": [["o", "ʊ"]],
        "speaker_id_map": {"bob": 1, "alice": 0} if shape.speakers > 1 else {},
    }


def build_network(shape: VoiceShape) -> SynthesizerTrn:
    """Return Piper's training network of ``shape`` with random weights: the original VITS network."""
    network = SynthesizerTrn(
        n_vocab=shape.symbols,
        spec_channels=17,
        segment_size=8,
        inter_channels=shape.hidden,
        hidden_channels=shape.hidden,
        filter_channels=48,
        n_heads=2,
        n_layers=2,
        kernel_size=3,
        p_dropout=0.1,
        resblock=shape.resblock,
        resblock_kernel_sizes=shape.kernels,
        resblock_dilation_sizes=shape.dilations,
        upsample_rates=shape.rates,
        upsample_initial_channel=32,
        upsample_kernel_sizes=shape.upsample_kernels,
        n_speakers=shape.speakers,
        gin_channels=16 if shape.speakers > 1 else 0,
        use_sdp=shape.stochastic,
    ).eval()
    with torch.no_grad():
        for weight in network.parameters():
            # Much starts at 0 or 1 and would hide a mistake.
            weight.add_(torch.randn_like(weight) * 0.1)
        if shape.folded:
            network.dec.remove_weight_norm()  # type: ignore[no-untyped-call]
    return network


def _export(network: SynthesizerTrn, shape: VoiceShape, path: Path) -> None:
    def infer(ids: torch.Tensor, lengths: torch.Tensor, scales: torch.Tensor, sid: torch.Tensor | None) -> torch.Tensor:
        noise, length, noise_w = scales[0], scales[1], scales[2]
        spoken = network.infer(  # type: ignore[no-untyped-call]
            ids, lengths, sid=sid, noise_scale=noise, length_scale=length, noise_scale_w=noise_w
        )
        audio: torch.Tensor = spoken[0].unsqueeze(1)
        return audio

    ids = torch.randint(0, shape.symbols, (1, 50))
    # The exporter warns of every branch of Piper's network that depends on the input's length.
    warnings.simplefilter("ignore")
    network.forward = infer  # type: ignore[method-assign, assignment]
    torch.onnx.export(
        network,
        (ids, torch.tensor([50]), torch.tensor([0.667, 1.0, 0.8]), torch.tensor([0]) if shape.speakers > 1 else None),
        str(path),
        opset_version=15,
        dynamo=False,
        do_constant_folding=shape.folded,
        input_names=["input", "input_lengths", "scales", "sid"],
        output_names=["output"],
        dynamic_axes={
            "input": {0: "batch_size", 1: "phonemes"},
            "input_lengths": {0: "batch_size"},
            "output": {0: "batch_size", 2: "time"},
        },
    )
