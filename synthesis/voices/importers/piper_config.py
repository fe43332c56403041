"""Reads the JSON configuration of a Piper voice.

Exporters of several years write it, so optional settings may be missing or spelled differently;
what is assumed for them is reported as a warning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.config_kinds import ConfigKind, config_kind, refuse_config
from synthesis.voice_files.json_reader import integer, number, read_object, section, text
from synthesis.voices.importers.letters import letter_ids
from synthesis.voices.importers.metadata import (
    Warn,
    espeak_name,
    language_tag,
    named_speakers,
    no_warning,
    phoneme_ids,
    unknown_language,
)

SAMPLE_RATE = 22_050
"""Sample rate in Hz of a voice that states none: that of Piper's medium and high qualities."""
_ESPEAK, _LETTERS = ("espeak", "espeakng", "phonemes"), ("text", "characters", "graphemes", "letters")
_OWN_PHONEMIZERS = {
    "pinyin": "Chinese pinyin",
    "hebrew": "Hebrew vowel points",
    "japanese": "OpenJTalk",
    "thai": "Thai segmentation",
}
_ARABIC = (
    "Arabic diacritization is not supported: the voice was trained on text with vowel marks, which this program "
    "does not add. Text that contains its marks is spoken correctly."
)


@dataclass(frozen=True, slots=True)
class PiperConfig:
    """The configuration of a Piper voice."""

    language: str
    espeak_voice: str
    """espeak-ng voice or language; empty for a voice that speaks from letters."""
    sample_rate: int
    num_speakers: int | None
    """``None`` if the configuration does not state it."""
    speaker_numbers: Mapping[str, Any]
    default_speaker: int
    num_symbols: int | None
    symbols: dict[str, tuple[int, ...]]
    """Ids by symbol, as in the configuration."""
    phoneme_ids: dict[str, tuple[int, ...]]
    """Ids of the symbols that are looked up: for letters, both cases; of several code points, only vowel clusters."""
    noise_scale: float
    noise_scale_duration: float
    length_scale: float

    def speakers(self, count: int) -> tuple[str, ...]:
        """Return the names of the network's ``count`` speakers by number; empty for one speaker.

        :raises VoiceError: if the configuration is that of another number of speakers.
        """
        stated = count if self.num_speakers is None else max(1, self.num_speakers)
        if stated != count:
            message = (
                f"The network has {count} speakers, but num_speakers is {self.num_speakers}: the two files are of "
                "different voices. Give the right configuration with --config."
            )
            raise VoiceError("voice_invalid", message, param="num_speakers")
        return named_speakers(self.speaker_numbers, count) if count > 1 else ()


def read_piper_config(path: Path, warn: Warn = no_warning, language: str = "") -> PiperConfig:
    """Read a ``.onnx.json`` file. ``language`` replaces the language in it.

    :param warn: called for each setting that is missing or not supported.

    :raises VoiceError: if it is invalid, or the voice's phonemes cannot be made.
    """
    values = read_object(path, path.name)
    kind = config_kind(values)
    if kind is not ConfigKind.PIPER:
        raise refuse_config(kind, path.name)
    letters = _speaks_letters(values)
    spoken = "" if letters else espeak_name(_espeak_voice(values, language, warn))
    inference = section(values, "inference")
    symbols = phoneme_ids(section(values, "phoneme_id_map"))
    stated = values.get("num_speakers") is not None
    speakers = integer(values, "num_speakers", 1, 0, 10_000)
    return PiperConfig(
        language=language_tag(language or _language(values) or spoken or unknown_language(warn)),
        espeak_voice=spoken,
        sample_rate=_sample_rate(values, warn),
        num_speakers=speakers if stated else None,
        speaker_numbers=_speaker_numbers(values),
        default_speaker=integer(values, "default_speaker_id", 0, 0, 10_000),
        num_symbols=integer(values, "num_symbols", 0, 0, 65_536) or None,
        symbols=symbols,
        phoneme_ids=letter_ids(symbols) if letters else _phonemes(symbols, values.get("vowel_clusters"), warn),
        noise_scale=number(inference, "noise_scale", 0.667, 0, 10),
        noise_scale_duration=number(inference, _noise_w(inference), 0.8, 0, 10),
        length_scale=number(inference, "length_scale", 1, 0.05, 20),
    )


def _speaks_letters(values: Mapping[str, Any]) -> bool:
    """Return whether the voice reads letters; ``PhonemeType.TEXT`` is ``text``."""
    given = text(values, "phoneme_type", "espeak")
    name = given.rpartition(".")[2].strip().lower().replace("-", "").replace("_", "")
    if name in _ESPEAK or name in _LETTERS:
        return name in _LETTERS
    known = f" ({_OWN_PHONEMIZERS[name]})" if name in _OWN_PHONEMIZERS else ""
    message = (
        f'The voice was trained with the phonemes "{given}"{known}, which this program cannot make. '
        'Choose a voice with the phoneme_type "espeak" or "text".'
    )
    raise VoiceError("voice_invalid", message, param="phoneme_type")


def _espeak_voice(values: Mapping[str, Any], language: str, warn: Warn) -> str:
    """Return the espeak-ng voice, or else the language, which espeak-ng also knows."""
    given = _stated(values, "espeak", "voice")
    if not given:
        given = (_language(values) or language).replace("_", "-").lower()
        if not given:
            message = '"espeak.voice" is missing, and no language is given. Add --language, such as --language en-us.'
            raise VoiceError("voice_invalid", message, param="espeak")
        warn(f'"espeak.voice" is missing: the language "{given}" is used.')
    if given.lower().partition("-")[0] == "ar":
        warn(_ARABIC)
    return given


def _language(values: Mapping[str, Any]) -> str:
    return _stated(values, "language", "code") or _stated(values, "language", "family")


def _stated(values: Mapping[str, Any], part: str, key: str) -> str:
    """Return the string under ``key`` of the section ``part``, or ``part`` itself if it is a string."""
    if isinstance(values.get(part), str):
        return text(values, part, "")
    return text(section(values, part), key, "")


def _speaker_numbers(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the numbers by speaker name; some exporters write a list of names."""
    speakers = values.get("speaker_id_map")
    if isinstance(speakers, list) and all(isinstance(name, str) for name in speakers):
        return {name: number for number, name in enumerate(speakers)}
    return section(values, "speaker_id_map")


def _sample_rate(values: Mapping[str, Any], warn: Warn) -> int:
    audio = section(values, "audio") or values
    if audio.get("sample_rate") is None:
        warn(f'"audio.sample_rate" is missing: {SAMPLE_RATE} Hz is assumed.')
    return integer(audio, "sample_rate", SAMPLE_RATE, 8_000, 48_000)


def _noise_w(inference: Mapping[str, Any]) -> str:
    """Return the key of the durations' noise: newer exporters call it by the name of Piper's option."""
    return "noise_w" if inference.get("noise_w") is not None else "noise_w_scale"


def _phonemes(symbols: Mapping[str, tuple[int, ...]], clusters: Any, warn: Warn) -> dict[str, tuple[int, ...]]:
    """Return the symbols that Piper looks up: single code points, and those that ``vowel_clusters`` merges.

    Piper's tables list diphthongs such as ``aɪ``, but a voice without ``vowel_clusters`` was trained
    with ``a`` and ``ɪ``.
    """
    merged = _clusters(clusters)
    for cluster in merged - symbols.keys():
        warn(f'The vowel cluster "{cluster}" is not in phoneme_id_map: its vowels are spoken one by one.')
    return {symbol: ids for symbol, ids in symbols.items() if len(symbol) == 1 or symbol in merged}


def _clusters(given: Any) -> set[str]:
    if given is None or given == {}:
        return set()
    if not isinstance(given, list) or not all(_is_cluster(cluster) for cluster in given) or len(given) > 1000:
        raise VoiceError("voice_invalid", '"vowel_clusters" is not a list of phoneme lists.', param="vowel_clusters")
    return {"".join(cluster) for cluster in given}


def _is_cluster(cluster: Any) -> bool:
    if not isinstance(cluster, list | str) or not 2 <= len(cluster) <= 32:
        return False
    return all(isinstance(phoneme, str) and len(phoneme) == 1 and phoneme.isprintable() for phoneme in cluster)
