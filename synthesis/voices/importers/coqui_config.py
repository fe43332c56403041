"""Builds the ``config.json`` of a voice: Coqui's settings and a section with our own metadata."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from synthesis.voices.importers.metadata import OWN_SECTION


def build_coqui_config(
    *,
    network: Mapping[str, Any],
    characters: Mapping[str, Any],
    sample_rate: int,
    speakers: Sequence[str],
    espeak_voice: str,
    language: str,
    phoneme_ids: Mapping[str, Sequence[int]],
    add_blank: bool,
    bounds: bool,
    default_speaker: int = 0,
) -> dict[str, Any]:
    """Return JSON-ready settings of a voice with the architecture and noise ``network`` (Coqui's ``model_args``).

    ``use_phonemes`` is off because Coqui's phonemizer would require an espeak program when the
    voice is opened; Coqui's tokenizer then expects phonemes. Users with that program can turn it
    on. An empty ``espeak_voice`` marks a voice that speaks from letters.
    """
    return {
        "model": "vits",
        "model_args": {**network, "init_discriminator": False},
        "audio": {"sample_rate": sample_rate, "hop_length": math.prod(network["upsample_rates_decoder"])},
        "use_phonemes": False,
        "phonemizer": "espeak" if espeak_voice else None,
        "phoneme_language": espeak_voice or None,
        "text_cleaner": None,
        "enable_eos_bos_chars": bounds,
        "add_blank": add_blank,
        "characters": dict(characters),
        "use_speaker_embedding": bool(speakers),
        "speakers": list(speakers),
        "test_sentences": [],
        OWN_SECTION: {
            "language": language,
            "letters": not espeak_voice,
            "default_speaker": default_speaker,
            "phoneme_ids": {phoneme: list(ids) for phoneme, ids in phoneme_ids.items()},
        },
    }
