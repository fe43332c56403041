"""Converts words to phonemes, and phonemes to the ids that a voice was trained with."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise

from synthesis.phonemes.alignment import align
from synthesis.phonemes.espeak import text_to_ipa, word_to_ipa
from synthesis.phonemes.heteronyms import choose_forms, closest_form, phonemes_of
from synthesis.text.segmentation import Segment
from synthesis.text.word import Word

BLANK, START, END = "_", "^", "$"
_SYMBOLS = {"...": "."}
_NOT_SPELLED = {ord(symbol): None for symbol in (BLANK, START, END)}
"""Characters that a voice's table uses for other purposes: a dollar sign must not end the segment."""


@dataclass(frozen=True, slots=True)
class Phonemes:
    """The phonemes of a segment."""

    symbols: tuple[str, ...]
    """Phoneme symbols, one code point each (NFD), including spaces between words and punctuation."""
    spans: tuple[tuple[int, int], ...]
    """The half-open range of symbols of each word, with the mark and the space after it.

    The ranges are contiguous; a word without a sound has an empty range.
    """


def _clauses(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Yield the runs of words up to punctuation; a word whose phonemes are given is a run of its own."""
    start = 0
    for place, word in enumerate(words, 1):
        given = word.annotation.phonemes or (place < len(words) and words[place].annotation.phonemes)
        if word.punctuation or place == len(words) or given:
            yield words[start:place]
            start = place


def _clause(words: Sequence[Word], voice: str) -> tuple[str, list[int]]:
    """Phonemize a clause as a unit, for connected speech; return the phonemes and where each word begins in them."""
    if words[0].annotation.phonemes:
        return words[0].annotation.phonemes, [0]
    spoken = [part for word in words for part in word.spoken.split()]
    groups = text_to_ipa(" ".join(spoken), voice).split()
    starts = align(groups, [word_to_ipa(part, voice) for part in spoken])
    firsts, place = [], 0
    for word in words:
        firsts.append(starts[place])
        place += len(word.spoken.split())
    said = " ".join(groups)
    return _with_forms(words, said, firsts, voice) if voice.startswith("en") else (said, firsts)


def _with_forms(words: Sequence[Word], said: str, firsts: list[int], voice: str) -> tuple[str, list[int]]:
    """Return the phonemes of an English clause, and the starts of its words; neighbors decide about heteronyms."""
    spoken = [word.spoken for word in words]
    forms = dict(choose_forms(spoken))
    if not forms:
        return said, firsts
    parts = [said[start:end] for start, end in pairwise([*firsts, len(said)])]
    for place, form in forms.items():
        own = parts[place].rstrip()
        if own and closest_form(spoken[place].lower(), own, voice) != form:
            parts[place] = phonemes_of(spoken[place].lower(), form, voice) + parts[place][len(own) :]
    return "".join(parts), [0, *accumulate(map(len, parts))][:-1]


def _spell(words: Sequence[Word]) -> tuple[str, list[int]]:
    """Return the letters of a clause (NFD), and where each word begins in them."""
    spelled = [unicodedata.normalize("NFD", word.spoken.translate(_NOT_SPELLED)) for word in words]
    firsts, place = [], 0
    for letters in spelled:
        firsts.append(place)
        place += len(letters) + 1
    return " ".join(spelled), firsts


def phonemize(segment: Segment, espeak_voice: str) -> Phonemes:
    """Return the phonemes of ``segment`` by the espeak-ng voice ``espeak_voice`` (such as ``en-us``).

    An empty ``espeak_voice`` returns the letters of the spoken words, for a voice that was trained on letters.
    Raises ``VoiceError`` (``language_unsupported``) if espeak-ng has no such voice.
    """
    return _joined(segment, partial(_clause, voice=espeak_voice) if espeak_voice else _spell)


def _joined(segment: Segment, symbols_of: Callable[[Sequence[Word]], tuple[str, list[int]]]) -> Phonemes:
    """Return the symbols of all clauses with the punctuation between them."""
    symbols: list[str] = []
    starts: list[int] = []
    for clause in _clauses(segment.words):
        sounds, firsts = symbols_of(clause)
        if symbols and sounds:
            symbols.append(" ")
        starts += [len(symbols) + first for first in firsts]
        symbols += sounds
        if sounds and (punctuation := clause[-1].punctuation):
            symbols.append(_SYMBOLS.get(punctuation, punctuation))
    return Phonemes(tuple(symbols), tuple(pairwise([*starts, len(symbols)])))


def phonemes_to_ids(
    phonemes: Phonemes, phoneme_ids: Mapping[str, tuple[int, ...]]
) -> tuple[list[int], list[tuple[int, int]]]:
    """Return the ids of ``phonemes``, with start, end and a blank after each, and the id range of each word.

    The longest run of code points that is a symbol of the voice is one phoneme: ``c`` with a
    cedilla where the voice has ``ç``. A word's range includes the blanks after its phonemes; ranges
    are contiguous, from after the start to before the end. Phonemes without an id in the voice are
    omitted.
    """
    blank, own = phoneme_ids[BLANK], decomposed_symbols(phoneme_ids)
    longest = max(map(len, own))
    ids = [*phoneme_ids[START], *blank]
    spans, place = [], 0
    for _, end in phonemes.spans:
        first = len(ids)
        while place < end:
            runs = (phonemes.symbols[place : place + length] for length in range(longest, 0, -1))
            run = next((run for run in runs if "".join(run) in own), None)
            if run is not None:
                ids += [*own["".join(run)], *blank]
            place += len(run or " ")
        spans.append((first, len(ids)))
    return [*ids, *phoneme_ids[END]], spans


def decomposed_symbols(phoneme_ids: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Return the table with decomposed symbols (NFD), matching espeak-ng's phonemes.

    If a voice has both a composed symbol and all of its parts, the parts are used: Piper's tables
    list ``ç``, but Piper decomposes phonemes before the lookup, so its voices were trained with
    ``c`` and the cedilla.
    """
    own = dict(phoneme_ids)
    for symbol, ids in phoneme_ids.items():
        parts = unicodedata.normalize("NFD", symbol)
        if not all(part in phoneme_ids for part in parts):
            own.setdefault(parts, ids)
    return own
