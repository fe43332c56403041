"""Splits a long text of the plain form as ``static/js/speech/split-text.js`` does."""

import re

_BREAKS = (
    (re.compile(r"\n[^\S\n]*\n\s*"), 0.5),
    (re.compile(r"""[.!?…]["'”’»)\]]*\s+|[。！？]["'”’」』）]*|\n+"""), 0.3),
    (re.compile(r"""[,;:]["'”’»)\]]*\s+|\s[–—-]+\s|[，；：、]"""), 0.3),
    (re.compile(r"\s+"), 0.0),
)
"""Break patterns in order of preference, and the minimum length of a piece for each, as a fraction of the limit."""


def first_piece(text: str, limit: int) -> tuple[str, str]:
    """Return the first piece of a text, of at most ``limit`` characters, and the rest; both are stripped."""
    text = text.strip()
    cut = _cut(text, limit) if len(text) > limit else len(text)
    return text[:cut].rstrip(), text[cut:].lstrip()


def _cut(text: str, limit: int) -> int:
    reach = text[: limit + 1]
    for pattern, share in _BREAKS:
        ends = [match.end() for match in pattern.finditer(reach) if match.end() >= limit * share]
        ends = [end for end in ends if len(reach[:end].rstrip()) <= limit]
        if ends:
            return ends[-1]
    return limit
