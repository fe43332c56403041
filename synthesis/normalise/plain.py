"""Text in any other language: markup and most signs are taken off, numbers are left to espeak-ng."""

import re
import unicodedata

from ..words import Word
from .scan import Stop, scan, strongest

_INNER = re.compile(r"(?<=\d)[.,:/-](?=\d)|(?<=[^\W\d])-(?=[^\W\d])")
_KEPT = frozenset("LMN")
_JOINERS = frozenset("'\u200c\u200d")
_NAMED = frozenset("%€$£¥&+=°@")


def _spoken(core: str) -> str:
    """``core`` as letters, digits, apostrophes and what espeak-ng reads anywhere: ``12:05``, ``3,5``, ``%``."""
    if core.isalpha():
        return core
    inner = {match.start() for match in _INNER.finditer(core)}
    kept = (
        char if unicodedata.category(char)[0] in _KEPT or char in _JOINERS or char in _NAMED or place in inner else " "
        for place, char in enumerate(core)
    )
    return " ".join("".join(kept).replace("' ", " ").replace(" '", " ").strip("'\u200c\u200d").split())


def normalise_plain(text: str) -> list[Word]:
    """The words of ``text``."""
    words: list[Word] = []
    for token in scan(text, english=False):
        spoken = _spoken(token.core)
        if any(char.isalnum() or char in _NAMED for char in spoken):
            mark = token.mark or ("." if token.stop else "")
            words.append(Word(spoken, token.start, token.end, mark, token.stop == Stop.PARAGRAPH))
        elif words:
            last = words[-1]
            mark = last.mark or strongest(token.lead + token.trail) or ("." if token.stop else "")
            words[-1] = Word(last.spoken, last.start, last.end, mark, last.paragraph or token.stop == Stop.PARAGRAPH)
    return words
