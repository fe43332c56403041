"""Reads the ``config.json`` of an untrusted Coqui checkpoint.

Reads only what inference needs; opens no file and imports no class that it names.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import flag, integer, number, read_object, section, text
from synthesis.voices.importers.hyperparameters import MAX_HOP_LENGTH, ConvSteps
from synthesis.voices.importers.metadata import OWN_SECTION, espeak_name, language_tag, phoneme_ids, speaker_names

_VOCABULARIES = {
    "Graphemes": "TTS.tts.utils.text.characters.Graphemes",
    "IPAPhonemes": "TTS.tts.utils.text.characters.IPAPhonemes",
    "VitsCharacters": "TTS.tts.models.vits.VitsCharacters",
}
"""Coqui imports any class that a configuration names; only Coqui's own classes are allowed."""
_ESPEAK_VOICES = {"en": "en-us", "zh-cn": "cmn"}
"""espeak-ng language names by the name in Coqui's configuration."""
_OTHER_PHONEMIZERS = ("be", "bn", "ja-jp", "ko-kr", "zh-cn")
"""Languages for which Coqui does not use espeak-ng unless configured."""
_UNSUPPORTED = {
    "use_d_vector_file": "speaker embeddings from a file",
    "use_language_embedding": "several languages",
    "encoder_sample_rate": "a separate encoder sample rate",
}


@dataclass(frozen=True, slots=True)
class CheckpointConfig:
    """Metadata of a checkpoint that its weights do not determine."""

    steps: ConvSteps
    noise: dict[str, float]
    """``model_args`` of the noise scales and the length scale."""
    sample_rate: int
    language: str
    espeak_voice: str
    speakers: tuple[str, ...]
    characters: dict[str, Any]
    add_blank: bool
    bounds: bool
    phoneme_ids: dict[str, tuple[int, ...]] | None
    """The phoneme table, if the checkpoint was written by one of our importers; otherwise derived from ``characters``.
    """


def read_checkpoint_config(path: Path) -> CheckpointConfig:
    """Read a Coqui VITS ``config.json``.

    :raises VoiceError: if it is invalid or the voice cannot be imported; the message names the
    reason.
    """
    values = read_object(path, "config.json")
    network, own = section(values, "model_args"), section(values, OWN_SECTION)
    if text(values, "model", None) != "vits":
        raise VoiceError("voice_invalid", "Only VITS checkpoints can be imported.", param="model")
    for key, feature in _UNSUPPORTED.items():
        if network.get(key) or values.get(key):
            raise VoiceError("voice_invalid", f"The voice uses {feature}, which cannot be imported.", param=key)
    spoken = text(values, "phoneme_language", None)
    _check_phonemizer(values, own, spoken)
    return CheckpointConfig(
        steps=_steps(network, section(values, "audio")),
        noise={
            "inference_noise_scale": number(network, "inference_noise_scale", 0.667, 0, 10),
            "inference_noise_scale_dp": number(network, "inference_noise_scale_dp", 1, 0, 10),
            "length_scale": number(network, "length_scale", 1, 0.05, 20),
        },
        sample_rate=integer(section(values, "audio"), "sample_rate", 22_050, 8_000, 48_000),
        language=language_tag(text(own, "language", spoken)),
        espeak_voice=espeak_name(_ESPEAK_VOICES.get(spoken, spoken)),
        speakers=speaker_names(values.get("speakers") or []),
        characters=_characters(section(values, "characters"), phonemes=flag(values, "use_phonemes", default=False)),
        add_blank=flag(values, "add_blank", default=True),
        bounds=flag(values, "enable_eos_bos_chars", default=False),
        phoneme_ids=phoneme_ids(section(own, "phoneme_ids")) if own else None,
    )


def _check_phonemizer(values: Mapping[str, Any], own: Mapping[str, Any], language: str) -> None:
    default = "its language's own" if language in _OTHER_PHONEMIZERS else "espeak"
    if not own and (not flag(values, "use_phonemes", default=False) or text(values, "phonemizer", default) != "espeak"):
        raise VoiceError("voice_invalid", "Only voices with espeak phonemes can be imported.", param="phonemizer")


def _steps(network: Mapping[str, Any], audio: Mapping[str, Any]) -> ConvSteps:
    rates = _small_numbers(network.get("upsample_rates_decoder", [8, 8, 2, 2]))
    hop_length = math.prod(rates)
    if integer(audio, "hop_length", 256, 1, MAX_HOP_LENGTH) != hop_length or hop_length > MAX_HOP_LENGTH:
        raise VoiceError(
            "voice_invalid",
            f"The decoder's upsampling produces {hop_length} samples per frame, which differs from hop_length.",
        )
    dilations = network.get("resblock_dilation_sizes_decoder", [[1, 3, 5]] * 3)
    if not isinstance(dilations, list):
        raise VoiceError("voice_invalid", "The decoder's dilations are not lists.", param="model_args")
    return ConvSteps(
        upsample_rates=rates,
        resblock_dilations=tuple(_small_numbers(block) for block in dilations),
        flow_dilation=integer(network, "dilation_rate_flow", 1, 1, 16),
    )


def _small_numbers(values: Any) -> tuple[int, ...]:
    if not isinstance(values, list) or not 0 < len(values) <= 8:
        raise VoiceError("voice_invalid", "The decoder's rates and dilations must be short lists.", param="model_args")
    return tuple(integer({"step": value}, "step", None, 1, 256) for value in values)


def _characters(given: Mapping[str, Any], *, phonemes: bool) -> dict[str, Any]:
    """Return the vocabulary's section, after checking that it contains only strings and booleans."""
    name = text(given, "characters_class", "IPAPhonemes" if phonemes else "Graphemes").rpartition(".")[2]
    if name not in _VOCABULARIES:
        raise VoiceError(
            "voice_invalid",
            "The voice has a custom vocabulary class, which is not supported.",
            param="characters_class",
        )
    kept: dict[str, Any] = {"characters_class": _VOCABULARIES[name]}
    for key in ("pad", "eos", "bos", "blank", "characters", "punctuations", "phonemes"):
        if key in given:
            kept[key] = None if given[key] is None else _symbols(given, key)
    for key in ("is_unique", "is_sorted"):
        kept[key] = flag(given, key, default=True)
    if not given or (kept["is_unique"] and not kept["is_sorted"]):
        raise VoiceError("voice_invalid", "The order of the voice's vocabulary is unknown.", param="characters")
    return kept


def _symbols(given: Mapping[str, Any], key: str) -> str:
    value = given[key]
    if not isinstance(value, str) or len(value) > 65_536 or any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise VoiceError("voice_invalid", f'"{key}" is not a string.', param=key)
    return value
