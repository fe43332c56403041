"""Measures the pronunciation of English heteronyms.

``sentences.tsv`` was written before the rules: of each four sentences, two were used to write them (``development``),
two were not (``test``). ``later.tsv`` was written after the rules.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from synthesis.phonemes.alignment import align
from synthesis.phonemes.espeak import text_to_ipa, word_to_ipa
from synthesis.phonemes.heteronyms import choose_forms, closest_form

FOLDER = Path(__file__).parent
VOICE = "en-us"
Part = Literal["development", "test", "later"]
PARTS: tuple[Part, ...] = ("development", "test", "later")
Sentence = tuple[str, str, str]
"""The word, the form in which it is pronounced, and the sentence."""


def read_sentences(part: Part) -> list[Sentence]:
    """Return the sentences of a part."""
    file = FOLDER / ("later.tsv" if part == "later" else "sentences.tsv")
    rows = [row.split("\t") for row in file.read_text(encoding="utf-8").splitlines()]
    chosen = (0, 1, 2, 3) if part == "later" else (0, 1) if part == "development" else (2, 3)
    return [(word, form, text) for place, (word, form, text) in enumerate(rows) if place % 4 in chosen]


def form_of(word: str, text: str, *, rules: bool) -> str:
    """Return the form in which the word is pronounced, by espeak-ng alone or by the rules, too."""
    # Clauses end at punctuation, as in synthesis.
    clauses = [clause.split() for clause in text.rstrip(".?!").split(",")]
    clause = next(each for each in clauses if word in _lowered(each))
    place = _lowered(clause).index(word)
    if rules and place in (chosen := dict(choose_forms(clause))):
        return chosen[place]
    groups = text_to_ipa(" ".join(clause), VOICE).split()
    starts = [*align(groups, [word_to_ipa(each, VOICE) for each in clause]), None]
    return closest_form(word, " ".join(groups)[starts[place] : starts[place + 1]].strip(), VOICE)


def _lowered(words: Sequence[str]) -> list[str]:
    return [word.lower() for word in words]


def wrong(part: Part, *, rules: bool) -> list[Sentence]:
    """Return the sentences whose word is pronounced in another form."""
    return [each for each in read_sentences(part) if form_of(each[0], each[2], rules=rules) != each[1]]
