"""Reads a voice's metadata from the ``config.json`` of its checkpoint. Pure: imports no torch."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import flag, integer, number, read_object, section, text
from synthesis.voice_files.manifest import CONFIG_FILE

OWN_SECTION = "alphanumeric"
"""The section of ``config.json`` with our own metadata; Coqui ignores it."""

SPECIAL = ("_", "^", "$")
"""The blank, start and end symbols."""

Warn = Callable[[str], None]
"""Receives a sentence for the operator about a file that is imported all the same."""

UNKNOWN_LANGUAGE = "und"
"""BCP 47 tag of an undetermined language."""
_MAX_NAME_LENGTH = 100
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")
_ID = re.compile(r"[0-9]{1,6}")
_ESPEAK_VOICE = re.compile(r"[A-Za-z]{2,16}([-_+][A-Za-z0-9]{1,16})*")


@dataclass(frozen=True, slots=True)
class CheckpointMetadata:
    """The metadata of one voice, as stated in its checkpoint."""

    language: str
    """BCP 47 tag, such as ``en-US``."""
    espeak_voice: str
    """Empty for a voice that speaks from letters."""
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
    default_speaker: int = 0
    """Number of the speaker for requests that name none."""


def no_warning(_: str) -> None:
    """Report nothing."""


def read_metadata(folder: Path) -> CheckpointMetadata:
    """Read the metadata of the checkpoint in ``folder``.

    :raises VoiceError: if ``config.json`` is missing, or was not written by one of our importers.
    """
    config = read_object(folder / CONFIG_FILE, CONFIG_FILE)
    network, own = section(config, "model_args"), section(config, OWN_SECTION)
    speakers = speaker_names(config.get("speakers") or [])
    letters = flag(own, "letters", default=False)
    return CheckpointMetadata(
        language=language_tag(text(own, "language", None)),
        espeak_voice="" if letters else espeak_name(text(config, "phoneme_language", None)),
        speakers=speakers,
        sample_rate=integer(section(config, "audio"), "sample_rate", None, 8_000, 48_000),
        hop_length=integer(section(config, "audio"), "hop_length", None, 1, 65_536),
        phoneme_ids=phoneme_ids(section(own, "phoneme_ids")),
        noise_scale=number(network, "inference_noise_scale", 0.667, 0, 10),
        noise_scale_duration=number(network, "inference_noise_scale_dp", 0.8, 0, 10),
        length_scale=number(network, "length_scale", 1, 0.05, 20),
        default_speaker=integer(own, "default_speaker", 0, 0, max(0, len(speakers) - 1)),
    )


def language_tag(value: str) -> str:
    """Return ``value`` (``en_US``, ``cmn``, or an espeak voice such as ``en-gb-x-rp``) as a normalized BCP 47 tag."""
    if not _LANGUAGE.fullmatch(value):
        raise VoiceError("voice_invalid", '"language" is not a language tag.', param="language")
    first, *others = takewhile(lambda part: len(part) > 1, re.split("[-_]", value))
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in others)])


def unknown_language(warn: Warn) -> str:
    """Return the tag of an undetermined language, after a warning."""
    warn("The language is not stated. Add --language, such as --language de, for numbers and symbols to be read in it.")
    return UNKNOWN_LANGUAGE


def espeak_name(value: str) -> str:
    """Return ``value`` if it is a valid espeak-ng voice name (letters, digits, dashes; never a path)."""
    if not _ESPEAK_VOICE.fullmatch(value):
        raise VoiceError("voice_invalid", "The espeak voice name is invalid.", param="espeak_voice")
    return value


def speaker_names(names: Any) -> tuple[str, ...]:
    """Return speaker names by number, unique and printable, at most 100 characters each.

    White space is collapsed: the released VCTK voice has the speaker ``"ED\\n"``. A speaker without
    a name is called by its number, and a repeated name gets its number appended.
    """
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise VoiceError("voice_invalid", "The speakers are not a list of strings.", param="speakers")
    cleaned: dict[str, None] = {}
    for place, name in enumerate(names):
        printable = "".join(char for char in " ".join(name.split()) if char.isprintable())
        short = printable[:_MAX_NAME_LENGTH].strip() or str(place)
        candidates = (short, *(f"{short[:80]} ({mark})" for mark in range(place, place + len(names) + 1)))
        cleaned[next(candidate for candidate in candidates if candidate not in cleaned)] = None
    return tuple(cleaned)


def named_speakers(numbers: Mapping[str, Any], count: int) -> tuple[str, ...]:
    """Return the names of ``count`` speakers from numbers by name; a speaker without a name is called by its number.

    :raises VoiceError: if a number is not that of a speaker.
    """
    names = [str(speaker) for speaker in range(count)]
    for name in numbers:
        try:
            names[integer(numbers, name, None, 0, count - 1)] = name
        except VoiceError as error:
            message = f'The speaker "{name[:40]}" has no number from 0 to {count - 1}: the voice has {count} speakers.'
            raise VoiceError("voice_invalid", message, param="speakers") from error
    return speaker_names(names)


def phoneme_ids(table: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return a checked copy of a phoneme table: lists of ids by phoneme, including ``_``, ``^`` and ``$``.

    A single number, or a string that is one, counts as a list of it.
    """
    table = {phoneme: _id_list(ids) for phoneme, ids in table.items()}
    if not all(_is_entry(phoneme, ids) for phoneme, ids in table.items()) or len(table) > 65_536:
        raise VoiceError(
            "voice_invalid", "The phoneme table does not map phonemes to lists of ids.", param="phoneme_ids"
        )
    for phoneme in SPECIAL:
        if phoneme not in table:
            raise VoiceError("voice_invalid", f'The phoneme table lacks "{phoneme}".', param="phoneme_ids")
    return {phoneme: tuple(ids) for phoneme, ids in table.items()}


def _id_list(ids: Any) -> Any:
    entries = ids if isinstance(ids, list) else [ids]
    return [int(entry) if isinstance(entry, str) and _ID.fullmatch(entry) else entry for entry in entries]


def _is_entry(phoneme: str, ids: Any) -> bool:
    # A lone surrogate can be read from JSON but not be written as UTF-8.
    if not 0 < len(phoneme) <= 32 or any(0xD800 <= ord(letter) <= 0xDFFF for letter in phoneme):
        return False
    return isinstance(ids, list) and len(ids) <= 32 and all(type(place) is int and place >= 0 for place in ids)
