"""Reduces words of any language to what espeak-ng reads: letters, digits and a few symbols."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain, zip_longest

from synthesis.text.normalization.tokenizer import Token

_INNER = re.compile(r"(?<=\d)[.,:/-](?=\d)|(?<=[^\W\d])-(?=[^\W\d])")
_KEPT = frozenset("LMN")
_JOINERS = frozenset("'\u200c\u200d")
_NAMED = frozenset("%€$£¥&+=°@")
_ORDINAL_SIGNS = str.maketrans("ºª", "oa")


def _is_kept(char: str) -> bool:
    return unicodedata.category(char)[0] in _KEPT or char in _JOINERS or char in _NAMED


def spoken_letters(core: str) -> str:
    """Return the part of ``core`` that espeak-ng reads in any language: letters, digits, ``12:05``, ``3,5``, ``%``."""
    core = core.translate(_ORDINAL_SIGNS)
    if core.isalpha():
        return core
    silent = {ord(char): " " for char in set(core) if not _is_kept(char)}
    # Symbols between digits or letters are preserved; all others are removed.
    pieces = [piece.translate(silent) for piece in _INNER.split(core)]
    kept = "".join(chain(*zip_longest(pieces, _INNER.findall(core), fillvalue="")))
    return " ".join(kept.replace("' ", " ").replace(" '", " ").strip("'\u200c\u200d").split())


def is_said(spoken: str) -> bool:
    """Return whether espeak-ng says anything for ``spoken``."""
    return any(char.isalnum() or char in _NAMED for char in spoken)


def has_sound(tokens: Sequence[Token]) -> bool:
    """Return whether any of ``tokens`` has a spoken form."""
    return any(is_said(spoken_letters(token.core)) for token in tokens)
