"""Texts of a given shape without repeated sentences, so that caches have no effect."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

SHAPES = {
    "2 words": (2,),
    "15 words": (15,),
    "63 words, one sentence": (63,),
    "33 words, 5 sentences": (7, 7, 7, 6, 6),
}
"""Words per sentence. Sentences have no comma, so that they are not split."""

_PAIR = ("adjectives", "nouns")
_CLAUSE = ("articles", *_PAIR, "verbs", "articles", *_PAIR, "places", "articles", "nouns", "joints")


class Texts:
    """Generates texts, reproducible by ``seed``."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - not for cryptography
        self._words = _read_words()
        self._given: set[str] = set()

    def text(self, shape: Sequence[int]) -> str:
        """Return a text with one sentence per number of ``shape``, each of that many words."""
        return " ".join(map(self._sentence, shape))

    def _sentence(self, words: int) -> str:
        while True:
            sentence = " ".join(map(self._word, _kinds(words))).capitalize() + "."
            if sentence not in self._given:
                self._given.add(sentence)
                return sentence

    def _word(self, kind: str) -> str:
        return self._random.choice(self._words[kind])


def _kinds(words: int) -> list[str]:
    """Return the part of speech of each word of a sentence: clauses, cut to length, with a noun at the end."""
    pattern = _PAIR if words == len(_PAIR) else _CLAUSE
    return [*(pattern[number % len(pattern)] for number in range(words - 1)), "nouns"]


def _read_words() -> Mapping[str, Sequence[str]]:
    lines = Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines()
    return {kind: words.split() for kind, _, words in (line.partition(":") for line in lines)}
