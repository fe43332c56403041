"""Reads a voice's metadata from the ``config.json`` of its checkpoint. Pure: imports no torch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import integer, number, read_object, section, text
from synthesis.voice_files.manifest import CONFIG_FILE

OWN_SECTION = "alphanumeric"
"""The section of ``config.json`` with our own metadata; Coqui ignores it."""

SPECIAL = ("_", "^", "$")
"""The blank, start and end symbols."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")
_ESPEAK_VOICE = re.compile(r"[A-Za-z]{2,16}([-_+][A-Za-z0-9]{1,16})*")


@dataclass(frozen=True, slots=True)
class CheckpointMetadata:
    """The metadata of one voice, as stated in its checkpoint."""

    language: str
    """BCP 47 tag, such as ``en-US``."""
    espeak_voice: str
    speakers: tuple[str, ...]
    """Speaker names by number; empty for a single-speaker voice."""
    sample_rate: int
    """Sample rate in Hz."""
    hop_length: int
    """Samples per frame."""
    phoneme_ids: Mapping[str, tuple[int, ...]]
    """Ids of each phoneme and of ``_`` (blank), ``^`` (start) and ``$`` (end).

    A voice that was trained without blanks, starts or ends has an empty tuple for them.
    """
    noise_scale: float
    noise_scale_duration: float
    length_scale: float


def read_metadata(folder: Path) -> CheckpointMetadata:
    """Read the metadata of the checkpoint in ``folder``.

    :raises VoiceError: if ``config.json`` is missing, or was not written by one of our importers.
    """
    config = read_object(folder / CONFIG_FILE, CONFIG_FILE)
    network, own = section(config, "model_args"), section(config, OWN_SECTION)
    return CheckpointMetadata(
        language=language_tag(text(own, "language", None)),
        espeak_voice=espeak_name(text(config, "phoneme_language", None)),
        speakers=speaker_names(config.get("speakers") or []),
        sample_rate=integer(section(config, "audio"), "sample_rate", None, 8_000, 48_000),
        hop_length=integer(section(config, "audio"), "hop_length", None, 1, 65_536),
        phoneme_ids=phoneme_ids(section(own, "phoneme_ids")),
        noise_scale=number(network, "inference_noise_scale", 0.667, 0, 10),
        noise_scale_duration=number(network, "inference_noise_scale_dp", 0.8, 0, 10),
        length_scale=number(network, "length_scale", 1, 0.05, 20),
    )


def language_tag(value: str) -> str:
    """Return ``value`` (``en_US``, ``cmn``, or an espeak voice such as ``en-gb-x-rp``) as a normalized BCP 47 tag."""
    if not _LANGUAGE.fullmatch(value):
        raise VoiceError("voice_invalid", '"language" is not a language tag.', param="language")
    first, *others = takewhile(lambda part: len(part) > 1, re.split("[-_]", value))
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in others)])


def espeak_name(value: str) -> str:
    """Return ``value`` if it is a valid espeak-ng voice name (letters, digits, dashes; never a path)."""
    if not _ESPEAK_VOICE.fullmatch(value):
        raise VoiceError("voice_invalid", "The espeak voice name is invalid.", param="espeak_voice")
    return value


def speaker_names(names: Any) -> tuple[str, ...]:
    """Return speaker names by number: unique, printable, at most 100 characters each."""
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise VoiceError("voice_invalid", "The speakers are not a list of strings.", param="speakers")
    if not all(0 < len(name) <= 100 and name.isprintable() for name in names) or len(set(names)) != len(names):
        raise VoiceError("voice_invalid", "The speaker names are empty, too long or not unique.", param="speakers")
    return tuple(names)


def phoneme_ids(table: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return a checked copy of a phoneme table: lists of ids by phoneme, including ``_``, ``^`` and ``$``."""
    if not all(_is_entry(phoneme, ids) for phoneme, ids in table.items()) or len(table) > 65_536:
        raise VoiceError(
            "voice_invalid", "The phoneme table does not map phonemes to lists of ids.", param="phoneme_ids"
        )
    for phoneme in SPECIAL:
        if phoneme not in table:
            raise VoiceError("voice_invalid", f'The phoneme table lacks "{phoneme}".', param="phoneme_ids")
    return {phoneme: tuple(ids) for phoneme, ids in table.items()}


def _is_entry(phoneme: str, ids: Any) -> bool:
    # A lone surrogate can be read from JSON but not be written as UTF-8.
    if not 0 < len(phoneme) <= 32 or any(0xD800 <= ord(letter) <= 0xDFFF for letter in phoneme):
        return False
    return isinstance(ids, list) and len(ids) <= 32 and all(type(place) is int and place >= 0 for place in ids)
