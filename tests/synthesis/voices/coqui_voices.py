"""Small Coqui voices of any shape with random weights, and their audio from Coqui as a reference."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from synthesis.engines.coqui.model import build, config_from, load_checkpoint
from synthesis.engines.noise import duration_noise, frame_noise, seed_of
from synthesis.voice_files.checkpoint_writer import write_checkpoint
from synthesis.voices.importers.coqui_config import build_coqui_config
from synthesis.voices.importers.vocabulary import vocabulary

PHONEMES = {"_": [0], "^": [1], "$": [2], **{letter: [3 + row] for row, letter in enumerate("aebdfkɡmnstzɪəˈː. ")}}
ROWS = 3 + 18
SMALL: dict[str, Any] = {
    "num_chars": ROWS,
    "hidden_channels": 16,
    "hidden_channels_ffn_text_encoder": 24,
    "num_layers_text_encoder": 2,
    "num_layers_flow": 2,
    "num_layers_posterior_encoder": 1,
    "kernel_size_posterior_encoder": 1,
    "upsample_initial_channel_decoder": 16,
    "upsample_rates_decoder": [4, 2],
    "upsample_kernel_sizes_decoder": [8, 4],
    "resblock_type_decoder": "2",
    "resblock_kernel_sizes_decoder": [3, 5],
    "resblock_dilation_sizes_decoder": [[1, 2], [2, 6]],
    "inference_noise_scale": 0.6,
    "inference_noise_scale_dp": 0.7,
    "length_scale": 1.1,
    "use_speaker_embedding": False,
}
SPEAKERS = {"use_speaker_embedding": True, "speaker_embedding_channels": 8}
KINDS: dict[str, dict[str, Any]] = {
    "medium": {},
    "high": {"resblock_type_decoder": "1", "resblock_dilation_sizes_decoder": [[1, 3, 5], [1, 3, 5]]},
    "plain durations": {"use_sdp": False, "condition_dp_on_speaker": False},
    "speakers": SPEAKERS,
    "speakers, plain durations": {**SPEAKERS, "use_sdp": False},
    "speakers, durations of their own": {**SPEAKERS, "condition_dp_on_speaker": False},
}


def make_voice(folder: Path, kind: str = "medium", **network: Any) -> Path:
    """Write a checkpoint of that kind into ``folder``, which must not exist yet. Returns ``folder``."""
    shape = {**SMALL, **KINDS[kind], **network}
    ids = {phoneme: tuple(row) for phoneme, row in PHONEMES.items()}
    config = build_coqui_config(
        network=shape,
        characters=vocabulary(ids, ROWS).characters,
        sample_rate=16_000,
        speakers=["alice", "bob", "charlie"] if shape["use_speaker_embedding"] else [],
        espeak_voice="en-gb",
        language="en-GB",
        phoneme_ids=PHONEMES,
        add_blank=True,
        bounds=True,
    )
    vits = build(config_from(config))
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(7)
        for weight in vits.parameters():
            # Much starts at 0 or 1 and would hide a mistake.
            weight.add_(torch.randn_like(weight) * 0.1)
    write_checkpoint(folder, config, vits.state_dict())
    return folder


def random_ids(count: int, rows: int = ROWS) -> list[int]:
    """Return phoneme ids, the same for the same count."""
    return [int(id_) for id_ in np.random.default_rng(count).integers(0, rows, count)]


@cache
def _loaded(folder: Path) -> tuple[Any, Any]:
    return load_checkpoint(folder)


def coqui_says(
    folder: Path, ids: Sequence[int], speaker: int, speed: float, *, noise: bool, monkeypatch: pytest.MonkeyPatch
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return samples and durations from Coqui's ``Vits.inference``, given the noise of this project's engines."""
    config, vits = _loaded(folder)
    seed = seed_of(ids, speaker, speed)
    vits.length_scale = config.model_args.length_scale / speed
    vits.inference_noise_scale = config.model_args.inference_noise_scale if noise else 0.0
    vits.inference_noise_scale_dp = config.model_args.inference_noise_scale_dp if noise else 0.0

    def like(tensor: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(frame_noise(seed, 0, tensor.shape[2], tensor.shape[1]).T[np.newaxis].copy())

    with monkeypatch.context() as patch:
        patch.setattr(torch, "randn", lambda *_shape: torch.from_numpy(duration_noise(seed, len(ids))))
        patch.setattr(torch, "randn_like", like)
        spoken = vits.inference(
            torch.tensor([list(ids)]),
            {
                "x_lengths": None,
                "d_vectors": None,
                "speaker_ids": torch.tensor([speaker]) if hasattr(vits, "emb_g") else None,
                "language_ids": None,
                "durations": None,
            },
        )
    return spoken["model_outputs"].numpy().ravel(), spoken["durations"].numpy().ravel().astype(np.int64)
