"""Imports Coqui's VITS and loads checkpoints safely. Imports torch and TTS: never imported while serving on the CPU."""

import importlib
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import read_object
from synthesis.voice_files.manifest import CONFIG_FILE, WEIGHTS_FILE
from synthesis.voice_files.weights_reader import read_weights


def _make_importable() -> None:
    """Make TTS importable without torchaudio.

    TTS refuses to import without torchaudio, whose wheels need CUDA libraries that a CPU-only torch
    does not include. Inference never calls torchaudio, so an empty module of its name replaces it
    if it cannot be loaded.
    """
    try:
        importlib.import_module("torchaudio")
    except (ImportError, OSError):
        stand_in = ModuleType("torchaudio")
        stand_in.__spec__ = ModuleSpec("torchaudio", None)
        sys.modules["torchaudio"] = stand_in


_make_importable()

from TTS.tts.configs.vits_config import VitsConfig  # noqa: E402  (after torchaudio has been seen to)
from TTS.tts.models.vits import Vits  # noqa: E402
from TTS.tts.utils.text.characters import BaseCharacters  # noqa: E402
from TTS.tts.utils.text.tokenizer import TTSTokenizer  # noqa: E402

# It warns that text is processed as English, but here it processes no text.
logging.getLogger("TTS.tts.utils.languages").setLevel(logging.ERROR)

__all__ = ["Vits", "VitsConfig", "build", "config_from", "load_checkpoint", "vocabulary_of"]

_COQUI_REFUSES = (AssertionError, AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError)
"""Exceptions that Coqui raises for inconsistent settings, depending on where it fails."""


def config_from(settings: Mapping[str, Any]) -> VitsConfig:
    """Return a Coqui configuration from the contents of ``config.json``; missing settings get Coqui's defaults."""
    config = VitsConfig()
    config.from_dict(dict(settings))
    return config


def build(config: VitsConfig) -> Vits:
    """Build the network of ``config`` with random weights and without a discriminator, in eval mode.

    The random weights are reproducible. ``config`` itself is changed for inference: no
    discriminator, and no phonemizer (Coqui's would require an espeak program).

    :raises VoiceError: if Coqui cannot build such a network.
    """
    config.model_args.init_discriminator = False
    config.use_phonemes = False
    try:
        with _seeded():
            return Vits(config).eval()
    except _COQUI_REFUSES as error:
        raise VoiceError("voice_invalid", "Coqui cannot build the network that the voice describes.") from error


def vocabulary_of(config: VitsConfig) -> BaseCharacters:
    """Return the vocabulary that Coqui builds from the ``characters`` in ``config``.

    :raises VoiceError: if Coqui cannot build one.
    """
    config.use_phonemes = False
    try:
        return TTSTokenizer.init_from_config(config)[0].characters
    except _COQUI_REFUSES as error:
        raise VoiceError("voice_invalid", "The voice's vocabulary is invalid.", param="characters") from error


def load_checkpoint(folder: Path) -> tuple[VitsConfig, Vits]:
    """Load ``config.json`` and ``model.pth`` in ``folder``, weight norm folded, in eval mode.

    :raises VoiceError: if either is missing or invalid, or they do not match.
    """
    config = config_from(read_object(folder / CONFIG_FILE, CONFIG_FILE))
    network = build(config)
    weights = read_weights(folder / WEIGHTS_FILE)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise VoiceError("voice_invalid", f"{WEIGHTS_FILE} does not fit {CONFIG_FILE}.") from error
    _fold_weight_norm(network)
    return config, network


def _fold_weight_norm(network: nn.Module) -> None:
    """Replace each weight-normed weight by its value: an equivalent, faster network."""
    for module in network.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")


@contextmanager
def _seeded() -> Iterator[None]:
    """Use a fixed random seed inside, and restore the process's generator state afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield
