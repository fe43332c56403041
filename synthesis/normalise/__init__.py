"""Text as people write it, made into words as people say them."""

import re
from collections.abc import Iterator

from ..words import Word
from .check import check_size, check_text
from .english import normalise_english
from .languages import primary
from .plain import normalise_plain

__all__ = ["Word", "check_size", "check_text", "normalise"]

LONGEST_WORD = 40
"""espeak-ng loses what is behind the first hundred or so letters of a word."""
LONGEST_SPOKEN = 120
_CHUNK = re.compile(rf"\S{{1,{LONGEST_WORD}}}")


def _chunks(spoken: str) -> Iterator[str]:
    """``spoken`` in pieces short enough to be cut between."""
    chunk = ""
    for part in _CHUNK.findall(spoken):
        if chunk and len(chunk) + 1 + len(part) > LONGEST_SPOKEN:
            yield chunk
            chunk = part
        else:
            chunk = f"{chunk} {part}".lstrip()
    yield chunk


def _bounded(word: Word) -> list[Word]:
    """``word``, or several in its place that share its span if there is too much to say for one."""
    if len(word.spoken) <= LONGEST_WORD:
        return [word]
    chunks = list(_chunks(word.spoken))
    edges = [word.start + (word.end - word.start) * place // len(chunks) for place in range(len(chunks) + 1)]
    pieces = [Word(chunk, edges[place], edges[place + 1]) for place, chunk in enumerate(chunks[:-1])]
    return [*pieces, Word(chunks[-1], edges[-2], word.end, word.mark, word.paragraph)]


def normalise(text: str, language: str) -> list[Word]:
    """The words of ``text`` in the order they are said, each with the place where it is written.

    ``language`` is a tag such as ``en-US``. English is read out in full (numbers, dates, addresses); other languages
    lose their signs and markup and keep their digits. Spans rise and do not overlap. A written word is a run without
    spaces, cut after a dash or dots that join two words.
    """
    if primary(language) == "en":
        words = normalise_english(text, language.lower().replace("_", "-").partition("-")[2])
    else:
        words = normalise_plain(text)
    return [piece for word in words for piece in _bounded(word)]
