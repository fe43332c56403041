"""Imports an untrusted Coqui VITS checkpoint: validates it and writes a new one."""

import re
import unicodedata
from collections.abc import Mapping, Set
from pathlib import Path

from torch import Tensor

from synthesis.engines.coqui.model import config_from, vocabulary_of
from synthesis.errors import VoiceError
from synthesis.voice_files.checkpoint_writer import write_checkpoint
from synthesis.voice_files.network_kinds import refuse_other_weights
from synthesis.voice_files.weight_norm import Array, fold_weight_norm
from synthesis.voice_files.weights_reader import read_weights
from synthesis.voices.importers.coqui_checkpoint_config import CheckpointConfig, read_checkpoint_config
from synthesis.voices.importers.coqui_config import build_coqui_config
from synthesis.voices.importers.hyperparameters import Shape, model_args
from synthesis.voices.importers.letters import letter_ids, replace_symbols
from synthesis.voices.importers.metadata import Warn, named_speakers, no_warning, speaker_names
from synthesis.voices.importers.speakers import read_speaker_numbers
from synthesis.voices.importers.weight_conversion import LEAST_POSTERIOR_ENCODER, build_state_dict

_PARTS = ("parametrizations.weight.original0", "parametrizations.weight.original1")
"""torch's names for the magnitude and the direction of a weight-normed weight."""


def import_checkpoint(
    config_path: Path,
    weights_path: Path,
    folder: Path,
    *,
    speakers_path: Path | None = None,
    warn: Warn = no_warning,
    language: str = "",
    language_hint: str = "",
) -> None:
    """Import a Coqui VITS voice: write ``config.json`` and ``model.pth`` into ``folder``, which must not exist yet.

    Weights come from a ``.pth`` or a ``.safetensors`` file; no code in it is executed. Files that
    the configuration names are not opened: speaker names come from its ``speakers``, from
    ``speakers_path`` (see ``read_speaker_numbers``), or are the numbers. Training-only weights
    are omitted. On failure, no files remain.

    :param warn: called with a sentence for each setting that is missing or does not fit.
    :param language: the voice's language, instead of the configuration's.
    :param language_hint: the voice's language if the configuration states none.

    :raises VoiceError: if the files are invalid or the voice is not supported; the message names
    the part.
    """
    voice = read_checkpoint_config(config_path, warn, language, language_hint)
    weights = CheckpointWeights(read_weights(weights_path))
    refuse_other_weights(weights.names, weights_path.name)
    network = model_args(weights.shape, voice.steps)
    speakers = _speakers(voice, (weights.shape("emb_g.weight") or (0,))[0], speakers_path)
    config = build_coqui_config(
        network={**network, **LEAST_POSTERIOR_ENCODER, **voice.noise},
        characters=voice.characters,
        sample_rate=voice.sample_rate,
        speakers=speakers,
        default_speaker=min(voice.default_speaker, max(0, len(speakers) - 1)),
        espeak_voice=voice.espeak_voice,
        language=voice.language,
        phoneme_ids=_phoneme_ids(voice, network["num_chars"]),
        add_blank=voice.add_blank,
        bounds=voice.bounds,
    )
    write_checkpoint(folder, config, build_state_dict(config, weights.get))


class CheckpointWeights:
    """The weights of a Coqui checkpoint of any version, weight norm folded."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._weights = {_present_name(name): weight for name, weight in weights.items()}

    @property
    def names(self) -> Set[str]:
        """Return the names of all weights."""
        return self._weights.keys()

    def get(self, name: str) -> Array | None:
        """Return the weight called ``name`` as float32, or ``None`` if inference needs no such weight."""
        if name.startswith("posterior_encoder."):
            return None
        weight = self._weights.get(name)
        if weight is not None:
            return _array(weight)
        size, direction = (self._weights.get(f"{name.removesuffix('weight')}{part}") for part in _PARTS)
        return None if size is None or direction is None else fold_weight_norm(_array(size), _array(direction))

    def shape(self, name: str) -> Shape | None:
        """Return the shape of ``get(name)``."""
        direction = f"{name.removesuffix('weight')}{_PARTS[1]}"
        weight = self._weights.get(name, self._weights.get(direction))
        return None if weight is None else tuple(weight.shape)


def _present_name(name: str) -> str:
    """Return ``name`` with the weight-norm suffixes of torch 2.0 and later."""
    return re.sub(r"\bweight_([gv])$", lambda match: _PARTS["gv".index(match[1])], name)


def _array(weight: Tensor) -> Array:
    if not weight.is_floating_point():
        raise VoiceError("voice_invalid", "The checkpoint's weights are not floating point.")
    array: Array = weight.float().numpy()
    return array


def _speakers(voice: CheckpointConfig, count: int, path: Path | None) -> tuple[str, ...]:
    """Return the speaker names by number, as many as the voice has."""
    if count > 0 and path is not None:
        return named_speakers(read_speaker_numbers(path), count)
    names = voice.speakers or tuple(str(speaker) for speaker in range(count))
    if len(names) != count:
        raise VoiceError("voice_invalid", f"The voice has {count} speakers, not {len(names)}.", param="speakers")
    return speaker_names(names)


def _phoneme_ids(voice: CheckpointConfig, rows: int) -> dict[str, tuple[int, ...]]:
    """Return the voice's phoneme table, all ids below ``rows``."""
    symbols = vocabulary_of(config_from({"model": "vits", "characters": voice.characters}))
    table = voice.phoneme_ids
    if table is None:
        special = {symbols.pad, symbols.blank, symbols.bos, symbols.eos}
        table = {symbol: (place,) for place, symbol in enumerate(symbols.vocab) if symbol not in special}
        if not voice.espeak_voice:
            table = letter_ids(table, lowercase=voice.lowercase)
        if not voice.espeak_voice and voice.replaced_symbols:
            table = replace_symbols(table)
        # Coqui looks up composed (NFC) symbols, so a composed symbol precedes its parts.
        table |= {unicodedata.normalize("NFD", symbol): ids for symbol, ids in table.items() if symbol not in "_^$"}
        table["_"] = (symbols.blank_id,) if voice.add_blank else ()
        table["^"] = (symbols.bos_id,) if voice.bounds else ()
        table["$"] = (symbols.eos_id,) if voice.bounds else ()
    if len(symbols.vocab) != rows or any(identity >= rows for ids in table.values() for identity in ids):
        raise VoiceError("voice_invalid", "The vocabulary does not fit the network.", param="characters")
    return table
