"""Reads the JSON configuration of a Piper voice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import integer, number, read_object, section, text
from synthesis.voices.importers.metadata import espeak_name, language_tag, phoneme_ids, speaker_names


@dataclass(frozen=True, slots=True)
class PiperConfig:
    """The configuration of a Piper voice."""

    language: str
    espeak_voice: str
    sample_rate: int
    speakers: tuple[str, ...]
    phoneme_ids: dict[str, tuple[int, ...]]
    noise_scale: float
    noise_scale_duration: float
    length_scale: float


def read_piper_config(path: Path) -> PiperConfig:
    """Read a ``.onnx.json`` file.

    :raises VoiceError: if it is invalid, or the voice does not use espeak-ng phonemes.
    """
    values = read_object(path, "The voice's JSON file")
    if text(values, "phoneme_type", "espeak") != "espeak":
        raise VoiceError("voice_invalid", "Only voices with espeak phonemes can be imported.", param="phoneme_type")
    espeak_voice = espeak_name(text(section(values, "espeak"), "voice", None))
    inference = section(values, "inference")
    return PiperConfig(
        language=language_tag(text(section(values, "language"), "code", espeak_voice)),
        espeak_voice=espeak_voice,
        sample_rate=integer(section(values, "audio"), "sample_rate", None, 8_000, 48_000),
        speakers=_speakers(section(values, "speaker_id_map"), integer(values, "num_speakers", 1, 1, 10_000)),
        phoneme_ids=phoneme_ids(section(values, "phoneme_id_map")),
        noise_scale=number(inference, "noise_scale", 0.667, 0, 10),
        noise_scale_duration=number(inference, "noise_w", 0.8, 0, 10),
        length_scale=number(inference, "length_scale", 1, 0.05, 20),
    )


def _speakers(numbers: dict[str, Any], speakers: int) -> tuple[str, ...]:
    """Return names by number: the number itself for an unnamed speaker, and none for a single-speaker voice."""
    if speakers == 1:
        return ()
    names = [str(speaker) for speaker in range(speakers)]
    for name in numbers:
        names[integer(numbers, name, None, 0, speakers - 1)] = name
    return speaker_names(names)
