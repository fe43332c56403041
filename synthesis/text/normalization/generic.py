"""Converts text in languages other than English: removes markup and most symbols, and leaves numbers to espeak-ng."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain, zip_longest

from synthesis.text.normalization.tokenizer import Boundary, Token, strongest, tokenize
from synthesis.text.word import Word

_INNER = re.compile(r"(?<=\d)[.,:/-](?=\d)|(?<=[^\W\d])-(?=[^\W\d])")
_KEPT = frozenset("LMN")
_JOINERS = frozenset("'\u200c\u200d")
_NAMED = frozenset("%€$£¥&+=°@")


def _is_kept(char: str) -> bool:
    return unicodedata.category(char)[0] in _KEPT or char in _JOINERS or char in _NAMED


def _spoken(core: str) -> str:
    """Return ``core`` as letters, digits, apostrophes and what espeak-ng reads in any language:
    ``12:05``, ``3,5``, ``%``.
    """
    if core.isalpha():
        return core
    silent = {ord(char): " " for char in set(core) if not _is_kept(char)}
    # Symbols between digits or letters are preserved; all others are removed.
    pieces = [piece.translate(silent) for piece in _INNER.split(core)]
    kept = "".join(chain(*zip_longest(pieces, _INNER.findall(core), fillvalue="")))
    return " ".join(kept.replace("' ", " ").replace(" '", " ").strip("'\u200c\u200d").split())


def _is_said(spoken: str) -> bool:
    return any(char.isalnum() or char in _NAMED for char in spoken)


def has_sound(tokens: Sequence[Token]) -> bool:
    """Return whether any of ``tokens`` has a spoken form."""
    return any(_is_said(_spoken(token.core)) for token in tokens)


def normalize_generic(text: str, *, all_latin: bool = False) -> list[Word]:
    """Return the words of ``text``; ``all_latin`` as for ``fold_characters``."""
    words: list[Word] = []
    for token in tokenize(text, english=False, all_latin=all_latin):
        spoken = _spoken(token.core)
        if _is_said(spoken):
            punctuation = token.punctuation or ("." if token.boundary else "")
            words.append(Word(spoken, token.start, token.end, punctuation, token.boundary == Boundary.PARAGRAPH))
        elif words:
            last = words[-1]
            punctuation = last.punctuation or strongest(token.lead + token.trail) or ("." if token.boundary else "")
            words[-1] = Word(
                last.spoken,
                last.start,
                last.end,
                punctuation,
                last.ends_paragraph or token.boundary == Boundary.PARAGRAPH,
            )
    return words
