"""Builds the state dict of Coqui's network from an imported voice, weight by weight."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from synthesis.engines.coqui.model import build, config_from
from synthesis.errors import VoiceError
from synthesis.voice_files.weight_norm import Array, split_weight_norm
from synthesis.voices.importers.duration_predictor import fit_plain, fit_stochastic

TRAINING_ONLY = ("posterior_encoder.", "duration_predictor.post_", "duration_predictor.flows.1.")
"""Training-only parts, which may be missing and are then initialized randomly."""
_SIZE, _DIRECTION = ".parametrizations.weight.original0", ".parametrizations.weight.original1"

LEAST_POSTERIOR_ENCODER = {"num_layers_posterior_encoder": 1, "kernel_size_posterior_encoder": 1}
"""``model_args`` of the smallest posterior encoder that Coqui builds, for voices without one."""


def build_state_dict(config: Mapping[str, Any], weight_of: Callable[[str], Array | None]) -> dict[str, torch.Tensor]:
    """Return each weight of the network that ``config`` describes, float32, by Coqui's name.

    :param weight_of: returns the voice's weight by Coqui's name (weight norm folded), or ``None``.

    :raises VoiceError: if one is missing, has another shape, or is not finite; the message names
    it.
    """
    weights: dict[str, torch.Tensor] = {}
    for name, fresh in build(config_from(config)).state_dict().items():
        if name.endswith(_SIZE):
            weights.setdefault(name, fresh)
            continue
        plain = name.replace(_DIRECTION, ".weight")
        weight = weight_of(plain)
        if weight is None:
            _require_optional(plain)
            weights[name] = fresh
            continue
        _check(plain, weight, tuple(fresh.shape))
        if name.endswith(_DIRECTION):
            size, weight = split_weight_norm(weight)
            weights[name.replace(_DIRECTION, _SIZE)] = torch.tensor(size)
        weights[name] = torch.tensor(weight, dtype=torch.float32)
    return weights


def from_original_vits(
    name: str, weight: Array | None, network: Mapping[str, Any], rows: Sequence[int]
) -> Array | None:
    """Convert ``weight``, which Coqui calls ``name``, from the original VITS network (Piper's and MMS's) to Coqui's.

    :param network: Coqui's ``model_args``.
    :param rows: for each row of Coqui's phoneme embedding, the row of the original.
    """
    if weight is None:
        return None
    if name == "text_encoder.emb.weight":
        return weight[list(rows)]
    if not name.startswith("duration_predictor."):
        return weight
    return fit_stochastic(name, weight, network["hidden_channels"]) if network["use_sdp"] else fit_plain(name, weight)


def _require_optional(name: str) -> None:
    if not name.startswith(TRAINING_ONLY):
        raise VoiceError("voice_invalid", f'The voice lacks "{name}".')


def _check(name: str, weight: Array, shape: tuple[int, ...]) -> None:
    if weight.shape != shape:
        raise VoiceError("voice_invalid", f'"{name}" has the shape {weight.shape}, not {shape}.')
    if not np.isfinite(weight).all():
        raise VoiceError("voice_invalid", f'"{name}" contains values that are not finite.')
