"""Piper's table of phonemes as a vocabulary that Coqui's tokenizer knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FILLERS = range(0xF0000, 0xFFFFE)
"""Private code points: they stand for rows without a phoneme of one character."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Coqui's vocabulary, and which of the voice's embedding rows each of its entries has."""

    characters: dict[str, Any]
    """The ``characters`` section of Coqui's ``config.json``."""
    rows: tuple[int, ...]
    """For each id of the vocabulary the row of the voice's own table that is to be its embedding."""


def vocabulary(phoneme_ids: Mapping[str, tuple[int, ...]], rows: int) -> Vocabulary:
    """A vocabulary in which all of the voice's own ids (0 to ``rows``, at least 3) keep their places.

    Coqui puts end, start and blank in front, in that order, where Piper has blank, start and end. In its tokenizer the
    last mention of a character holds, so a character whose place is taken is mentioned again at the end, in a row that
    gets a copy of the embedding: both the voice's own ids and Coqui's tokenizer then give the same sound.
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
