"""Converts Piper's phoneme table to a vocabulary of Coqui's tokenizer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FILLERS = range(0xF0000, 0xFFFFE)
"""Private-use code points for rows without a single-character phoneme."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Coqui's vocabulary, and the voice's embedding row of each entry."""

    characters: dict[str, Any]
    """The ``characters`` section of Coqui's ``config.json``."""
    rows: tuple[int, ...]
    """For each id of the vocabulary, the row of the voice's table that is its embedding."""


def vocabulary(phoneme_ids: Mapping[str, tuple[int, ...]], rows: int) -> Vocabulary:
    """Return a vocabulary in which all ids of the voice (0 to ``rows``, at least 3) stay the same.

    Coqui puts end, start and blank first, in that order, where Piper has blank, start and end. Its
    tokenizer uses the last occurrence of a character, so a displaced character is repeated at the
    end, in a row with a copy of the embedding: the voice's ids and Coqui's tokenizer then produce
    the same audio.
    """
    entries: list[str | None] = ["$", "^", "_", *[None] * (rows - 3)]
    sources = list(range(rows))
    for phoneme, ids in phoneme_ids.items():
        if len(phoneme) != 1 or len(ids) != 1 or entries[ids[0]] == phoneme:
            continue
        if entries[ids[0]] is None:
            entries[ids[0]] = phoneme
        else:
            entries.append(phoneme)
            sources.append(ids[0])
    fillers = (chr(point) for point in _FILLERS if chr(point) not in phoneme_ids)
    return Vocabulary(_section([entry or next(fillers) for entry in entries]), tuple(sources))


def _section(entries: list[str]) -> dict[str, Any]:
    return {
        "characters_class": "TTS.tts.utils.text.characters.Graphemes",
        "pad": None,
        "eos": "$",
        "bos": "^",
        "blank": "_",
        "characters": "".join(entries[3:]),
        "punctuations": "",
        "is_unique": False,
        "is_sorted": False,
    }
