"""Converts Piper's duration predictors to Coqui's fixed width and constants, with identical results."""

import numpy as np

from synthesis.errors import VoiceError
from synthesis.voice_files.weight_norm import Array

STOCHASTIC_CHANNELS = 192
_SPLINE_BINS = 10
_EPSILON_RATIO = 10.0
"""Coqui's deterministic predictor normalizes with an epsilon of 1e-4, Piper's with 1e-5."""


def fit_stochastic(name: str, weight: Array, channels: int) -> Array:
    """Convert ``weight`` of a stochastic predictor with ``channels`` channels to Coqui's fixed 192.

    Each channel is repeated, which leaves the mean and variance of the layer norms unchanged. Sums
    over channels divide their weights among the copies.

    :raises VoiceError: if 192 is not a multiple of ``channels``.
    """
    copies, rest = divmod(STOCHASTIC_CHANNELS, channels)
    if rest:
        raise VoiceError("voice_invalid", f"The duration predictor's {channels} channels do not fit into 192.")
    module = name.removeprefix("duration_predictor.")
    if copies == 1 or module.startswith("flows.0."):
        return weight
    if module.startswith("flows.") and ".proj." in module:
        return _spline_parameters(weight, copies)
    if ".convs_1x1." in f".{module}" or module.startswith("proj."):
        weight = _shared(weight, copies)
    return np.repeat(weight, copies, axis=0)


def fit_plain(name: str, weight: Array) -> Array:
    """Convert ``weight`` of a deterministic predictor to Coqui's.

    Scaling the input of a layer norm scales its variance, which exactly compensates for the
    different epsilon.
    """
    module, _, leaf = name.removeprefix("duration_predictor.").rpartition(".")
    if module in ("conv_1", "conv_2"):
        return weight * np.float32(np.sqrt(_EPSILON_RATIO))
    return weight.reshape(1, -1, 1) if leaf in ("gamma", "beta") else weight


def _shared(weight: Array, copies: int) -> Array:
    return np.repeat(weight, copies, axis=1) / np.float32(copies) if weight.ndim > 1 else weight


def _spline_parameters(weight: Array, copies: int) -> Array:
    """Return the factor of a spline's outputs: widths and heights are divided by the root of the
    channels, slopes are not.
    """
    weight = _shared(weight, copies).copy()
    weight[: 2 * _SPLINE_BINS] *= np.float32(np.sqrt(copies))
    return weight
