"""Text as people write it, made into words as people say them."""

import re
from collections.abc import Iterator

from synthesis.text.normalization.english import normalize_english
from synthesis.text.normalization.generic import normalize_generic
from synthesis.text.normalization.languages import primary
from synthesis.text.word import Word

MAX_WORD_LENGTH = 40
"""espeak-ng loses what is behind the first hundred or so letters of a word."""
MAX_SPOKEN_LENGTH = 120
_CHUNK = re.compile(rf"\S{{1,{MAX_WORD_LENGTH}}}")


def _chunks(spoken: str) -> Iterator[str]:
    """``spoken`` in pieces short enough to be cut between."""
    chunk = ""
    for part in _CHUNK.findall(spoken):
        if chunk and len(chunk) + 1 + len(part) > MAX_SPOKEN_LENGTH:
            yield chunk
            chunk = part
        else:
            chunk = f"{chunk} {part}".lstrip()
    yield chunk


def _bounded(word: Word) -> list[Word]:
    """``word``, or several in its place that share its span if there is too much to say for one."""
    if len(word.spoken) <= MAX_WORD_LENGTH:
        return [word]
    chunks = list(_chunks(word.spoken))
    edges = [word.start + (word.end - word.start) * place // len(chunks) for place in range(len(chunks) + 1)]
    pieces = [Word(chunk, edges[place], edges[place + 1]) for place, chunk in enumerate(chunks[:-1])]
    return [*pieces, Word(chunks[-1], edges[-2], word.end, word.punctuation, word.ends_paragraph)]


def normalize(text: str, language: str) -> list[Word]:
    """The words of ``text`` in the order they are said, each with the place where it is written.

    ``language`` is a tag such as ``en-US``. English is read out in full (numbers, dates, addresses); other languages
    lose their signs and markup and keep their digits. Spans rise and do not overlap. A written word is a run without
    spaces, cut after a dash or dots that join two words.
    """
    if primary(language) == "en":
        words = normalize_english(text, language.lower().replace("_", "-").partition("-")[2])
    else:
        words = normalize_generic(text)
    return [piece for word in words for piece in _bounded(word)]
