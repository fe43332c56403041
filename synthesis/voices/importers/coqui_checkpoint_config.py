"""Reads the ``config.json`` of an untrusted Coqui checkpoint.

Reads only what inference needs; opens no file and imports no class that it names.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.config_kinds import ConfigKind, config_kind, refuse_config
from synthesis.voice_files.json_reader import flag, integer, number, read_object, section, text
from synthesis.voices.importers.hyperparameters import MAX_HOP_LENGTH, ConvSteps
from synthesis.voices.importers.metadata import (
    OWN_SECTION,
    Warn,
    espeak_name,
    language_tag,
    no_warning,
    phoneme_ids,
    speaker_names,
    unknown_language,
)

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
_KEEPING_CASE = ("no_cleaners", "phoneme_cleaners", "multilingual_phoneme_cleaners", "chinese_mandarin_cleaners")
"""Coqui's text cleaners that do not convert text to lower case."""
_REPLACING_SYMBOLS = (
    "english_cleaners",
    "french_cleaners",
    "italian_cleaners",
    "multilingual_cleaners",
    "multilingual_phoneme_cleaners",
    "phoneme_cleaners",
    "portuguese_cleaners",
)
"""Coqui's text cleaners that replace semicolons, colons and hyphens."""
_NOT_LETTERS = {
    "chinese_mandarin_cleaners": "Chinese characters",
    "uroman_cleaners": "text that uroman romanized",
}
"""What voices with other text cleaners read instead of letters."""
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
    """espeak-ng voice or language; empty for a voice that speaks from letters."""
    speakers: tuple[str, ...]
    default_speaker: int
    lowercase: bool
    """Whether the voice was trained on lower-case letters."""
    replaced_symbols: bool
    """Whether the voice was trained on text in which some symbols were replaced; see ``replace_symbols``."""
    characters: dict[str, Any]
    add_blank: bool
    bounds: bool
    phoneme_ids: dict[str, tuple[int, ...]] | None
    """The phoneme table, if the checkpoint was written by one of our importers; otherwise derived from ``characters``.
    """


def read_checkpoint_config(
    path: Path, warn: Warn = no_warning, language: str = "", language_hint: str = ""
) -> CheckpointConfig:
    """Read a Coqui VITS ``config.json``.

    :param warn: called with a sentence for each setting that is missing.
    :param language: the language instead of the configuration's.
    :param language_hint: the language if the configuration states none.

    :raises VoiceError: if it is invalid or the voice cannot be imported; the message names the
    reason.
    """
    values = read_object(path, path.name)
    kind = config_kind(values)
    if kind not in (ConfigKind.COQUI, ConfigKind.UNKNOWN):
        raise refuse_config(kind, path.name)
    network, own = section(values, "model_args"), section(values, OWN_SECTION)
    _check_model(values, network)
    letters = flag(own, "letters", default=False) if own else not flag(values, "use_phonemes", default=False)
    cleaner = values["text_cleaner"] if isinstance(values.get("text_cleaner"), str) else ""
    stated = text(values, "phoneme_language", "")
    if letters:
        _check_letters(cleaner)
    elif not own:
        _check_phonemizer(values, stated)
    tag = language or text(own, "language", "") or stated or _dataset_language(values) or language_hint
    return CheckpointConfig(
        steps=_steps(network, section(values, "audio")),
        noise={
            "inference_noise_scale": number(network, "inference_noise_scale", 0.667, 0, 10),
            "inference_noise_scale_dp": number(network, "inference_noise_scale_dp", 1, 0, 10),
            "length_scale": number(network, "length_scale", 1, 0.05, 20),
        },
        sample_rate=_sample_rate(section(values, "audio"), warn),
        language=language_tag(tag or unknown_language(warn)),
        espeak_voice="" if letters else espeak_name(_ESPEAK_VOICES.get(stated, stated)),
        speakers=speaker_names(_stated_speakers(values)),
        default_speaker=integer(own, "default_speaker", 0, 0, 10_000),
        lowercase=bool(cleaner) and cleaner not in _KEEPING_CASE,
        replaced_symbols=cleaner in _REPLACING_SYMBOLS,
        characters=_characters(section(values, "characters"), phonemes=flag(values, "use_phonemes", default=False)),
        add_blank=flag(values, "add_blank", default=True),
        bounds=flag(values, "enable_eos_bos_chars", default=False),
        phoneme_ids=phoneme_ids(section(own, "phoneme_ids")) if own else None,
    )


def _check_model(values: Mapping[str, Any], network: Mapping[str, Any]) -> None:
    model = text(values, "model", None)
    if model.lower() != "vits":
        message = (
            f'This is a Coqui "{model}" model. Only VITS checkpoints can be imported: choose a voice whose '
            'config.json has "model": "vits".'
        )
        raise VoiceError("voice_invalid", message, param="model")
    for key, feature in _UNSUPPORTED.items():
        if network.get(key) or values.get(key):
            raise VoiceError("voice_invalid", f"The voice uses {feature}, which cannot be imported.", param=key)


def _check_phonemizer(values: Mapping[str, Any], language: str) -> None:
    if not language:
        message = '"phoneme_language" is missing. Give the language that the voice was trained with in config.json.'
        raise VoiceError("voice_invalid", message, param="phoneme_language")
    default = f"Coqui's own for {language}" if language in _OTHER_PHONEMIZERS else "espeak"
    phonemizer = text(values, "phonemizer", default)
    if phonemizer != "espeak":
        message = (
            f'The voice was trained with the phonemizer "{phonemizer}", which this program does not have. '
            "Only voices with espeak phonemes, or with letters, can be imported."
        )
        raise VoiceError("voice_invalid", message, param="phonemizer")


def _check_letters(cleaner: str) -> None:
    if cleaner in _NOT_LETTERS:
        message = f"The voice reads {_NOT_LETTERS[cleaner]} ({cleaner}), which is not supported."
        raise VoiceError("voice_invalid", message, param="text_cleaner")


def _dataset_language(values: Mapping[str, Any]) -> str:
    """Return the language of the training data; empty if the configuration states none, or several."""
    datasets = values.get("datasets")
    entries = [entry for entry in datasets if isinstance(entry, Mapping)] if isinstance(datasets, list) else []
    stated = {language for entry in entries if isinstance(language := entry.get("language"), str) and language}
    return stated.pop() if len(stated) == 1 else ""


def _sample_rate(audio: Mapping[str, Any], warn: Warn) -> int:
    if audio.get("sample_rate") is None:
        warn('"audio.sample_rate" is missing: 22050 Hz is assumed.')
    return integer(audio, "sample_rate", 22_050, 8_000, 48_000)


def _stated_speakers(values: Mapping[str, Any]) -> list[Any]:
    """Return the list under ``speakers``; some programs write an object of numbers by name."""
    speakers = values.get("speakers") or []
    if isinstance(speakers, Mapping) and all(type(number) is int for number in speakers.values()):
        return sorted(speakers, key=lambda name: int(speakers[name]))
    if not isinstance(speakers, list):
        raise VoiceError("voice_invalid", "The speakers are not a list of strings.", param="speakers")
    return speakers


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
    ordered = kept["is_sorted"] or not kept["is_unique"] or kept["characters_class"].endswith("VitsCharacters")
    if not given or not ordered:
        raise VoiceError("voice_invalid", "The order of the voice's vocabulary is unknown.", param="characters")
    return kept


def _symbols(given: Mapping[str, Any], key: str) -> str:
    value = given[key]
    if not isinstance(value, str) or len(value) > 65_536 or any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise VoiceError("voice_invalid", f'"{key}" is not a string.', param=key)
    return value
