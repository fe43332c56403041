"""Imports a voice of Meta's MMS project: a checkpoint of the original VITS program that reads letters.

Three files belong to it: ``G_100000.pth``, ``config.json`` and ``vocab.txt``, with one symbol per
line in the order of the ids. The symbol with the id 0 is also the blank.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.checkpoint_writer import write_checkpoint
from synthesis.voice_files.json_reader import flag, integer, read_object, section
from synthesis.voice_files.network_kinds import refuse_other_weights
from synthesis.voice_files.weight_norm import Array
from synthesis.voice_files.weights_reader import read_weights
from synthesis.voices.importers.coqui_checkpoint import CheckpointWeights
from synthesis.voices.importers.coqui_config import build_coqui_config
from synthesis.voices.importers.hyperparameters import MAX_HOP_LENGTH, ConvSteps, Shape, model_args
from synthesis.voices.importers.letters import letter_ids
from synthesis.voices.importers.metadata import Warn, language_tag, no_warning, unknown_language
from synthesis.voices.importers.piper_weights import piper_name
from synthesis.voices.importers.vocabulary import vocabulary
from synthesis.voices.importers.weight_conversion import (
    LEAST_POSTERIOR_ENCODER,
    TRAINING_ONLY,
    build_state_dict,
    from_original_vits,
)

VOCABULARY_FILE = "vocab.txt"
_MAX_VOCABULARY_BYTES = 64 * 1024
_NOISE = {"inference_noise_scale": 0.667, "inference_noise_scale_dp": 0.8, "length_scale": 1.0}
"""The noise scales of MMS's own inference program."""
_LANGUAGES = {
    "ara": "ar", "ben": "bn", "bul": "bg", "cat": "ca", "cym": "cy", "deu": "de", "ell": "el", "eng": "en",
    "est": "et", "eus": "eu", "fas": "fa", "fin": "fi", "fra": "fr", "guj": "gu", "heb": "he", "hin": "hi",
    "hun": "hu", "ind": "id", "isl": "is", "kan": "kn", "kaz": "kk", "kor": "ko", "lav": "lv", "mal": "ml",
    "mar": "mr", "nld": "nl", "pan": "pa", "pol": "pl", "por": "pt", "ron": "ro", "rus": "ru", "spa": "es",
    "swe": "sv", "swh": "sw", "tam": "ta", "tel": "te", "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi",
}  # fmt: skip
"""Two-letter tags of the languages that MMS names with three letters (ISO 639-3) and that text normalization knows."""


def import_mms(
    config_path: Path,
    weights_path: Path,
    folder: Path,
    *,
    warn: Warn = no_warning,
    language: str = "",
) -> None:
    """Import an MMS voice: write ``config.json`` and ``model.pth`` into ``folder``, which must not exist yet.

    ``vocab.txt`` is expected next to ``weights_path``. On failure, no files remain.

    :param warn: called with a sentence for each setting that is missing.
    :param language: the voice's language (ISO 639-3, or BCP 47); the configuration does not state it.

    :raises VoiceError: if the files are invalid or the voice is not supported; the message names
    the part.
    """
    values = read_object(config_path, config_path.name)
    data = section(values, "data")
    if str(data.get("training_files", "")).endswith("uroman"):
        message = "The voice reads text that uroman romanized, which is not supported."
        raise VoiceError("voice_invalid", message, param="training_files")
    weights = OriginalVitsWeights(CheckpointWeights(read_weights(weights_path)))
    refuse_other_weights(weights.names, weights_path.name, original_vits=True)
    network = _network(weights, values, config_path.name, weights_path.name)
    symbols = _symbols(weights_path.with_name(VOCABULARY_FILE), network["num_chars"])
    blank = flag(data, "add_blank", default=True)
    table = _table(symbols, blank=blank)
    words = vocabulary(table, network["num_chars"])
    config = build_coqui_config(
        network={**network, "num_chars": len(words.rows), **LEAST_POSTERIOR_ENCODER, **_NOISE},
        characters=words.characters,
        sample_rate=integer(data, "sampling_rate", 16_000, 8_000, 48_000),
        speakers=[],
        espeak_voice="",
        language=_language(language, warn),
        phoneme_ids=table,
        add_blank=blank,
        bounds=False,
    )
    state = build_state_dict(config, lambda name: from_original_vits(name, weights.get(name), network, words.rows))
    write_checkpoint(folder, config, state)


class OriginalVitsWeights:
    """The weights of a checkpoint of the original VITS program, by Coqui's names."""

    def __init__(self, weights: CheckpointWeights) -> None:
        self._weights = weights
        self.names = weights.names

    def get(self, name: str) -> Array | None:
        """Return the weight that Coqui calls ``name`` (weight norm folded), or ``None`` if there is none."""
        return None if name.startswith(TRAINING_ONLY) else self._weights.get(piper_name(name))

    def shape(self, name: str) -> Shape | None:
        """Return the shape of ``get(name)``."""
        return self._weights.shape(piper_name(name))


def _network(weights: OriginalVitsWeights, values: Mapping[str, Any], config: str, model: str) -> dict[str, Any]:
    try:
        return model_args(weights.shape, _steps(section(values, "model")))
    except VoiceError as error:
        message = f"{config} is that of an MMS voice (fairseq), but {model} does not fit it. {error.message}"
        raise VoiceError(error.code, message, param=error.param) from error


def _steps(model: Mapping[str, Any]) -> ConvSteps:
    rates = _numbers(model.get("upsample_rates", [8, 8, 2, 2]))
    if math.prod(rates) > MAX_HOP_LENGTH:
        raise VoiceError("voice_invalid", "The decoder's upsampling is too large.", param="upsample_rates")
    blocks = model.get("resblock_dilation_sizes", [[1, 3, 5]] * 3)
    if not isinstance(blocks, list):
        raise VoiceError("voice_invalid", "The decoder's dilations are not lists.", param="resblock_dilation_sizes")
    return ConvSteps(upsample_rates=rates, resblock_dilations=tuple(map(_numbers, blocks)), flow_dilation=1)


def _numbers(values: Any) -> tuple[int, ...]:
    if not isinstance(values, list) or not 0 < len(values) <= 8:
        raise VoiceError("voice_invalid", "The decoder's rates and dilations must be short lists.", param="model")
    return tuple(integer({"step": value}, "step", None, 1, 256) for value in values)


def _symbols(path: Path, rows: int) -> dict[str, int]:
    """Return the ids by symbol in ``vocab.txt``.

    :raises VoiceError: if it is missing or does not have a symbol per row of the network.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_VOCABULARY_BYTES + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path.name} is needed next to the checkpoint: it contains the letters of an MMS voice."
        raise VoiceError("voice_invalid", message, param="vocab.txt") from error
    lines = content.removesuffix("\n").replace("\r", "").split("\n")
    if len(content) > _MAX_VOCABULARY_BYTES or len(lines) != rows or not all(len(line) <= 32 for line in lines):
        message = f"{path.name} has {len(lines)} symbols, but the network has {rows}: they are of different voices."
        raise VoiceError("voice_invalid", message, param="vocab.txt")
    return {symbol: place for place, symbol in enumerate(lines) if symbol}


def _table(symbols: Mapping[str, int], *, blank: bool) -> dict[str, tuple[int, ...]]:
    # The underscore is not a letter: its key is the blank's.
    letters = {symbol: (place,) for symbol, place in symbols.items() if symbol not in ("_", "^", "$")}
    return {**letter_ids(letters, lowercase=True), "_": (0,) if blank else (), "^": (), "$": ()}


def _language(given: str, warn: Warn) -> str:
    return language_tag(_LANGUAGES.get(given.lower(), given) or unknown_language(warn))
