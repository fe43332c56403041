"""Text normalization: written text to spoken words."""

import re
from collections.abc import Iterator
from dataclasses import replace

from synthesis.text.normalization.english.reader import normalize_english
from synthesis.text.normalization.languages import primary
from synthesis.text.normalization.localized.reader import normalize_localized
from synthesis.text.word import Word

MAX_WORD_LENGTH = 40
"""Maximum letters per word: espeak-ng drops what follows the first hundred or so letters of a word."""
MAX_SPOKEN_LENGTH = 120
_CHUNK = re.compile(rf"\S{{1,{MAX_WORD_LENGTH}}}")


def _chunks(spoken: str) -> Iterator[str]:
    """Split ``spoken`` into chunks that are short enough to be split between."""
    chunk = ""
    for part in _CHUNK.findall(spoken):
        if chunk and len(chunk) + 1 + len(part) > MAX_SPOKEN_LENGTH:
            yield chunk
            chunk = part
        else:
            chunk = f"{chunk} {part}".lstrip()
    yield chunk


def _bounded(word: Word) -> list[Word]:
    """Return ``word``, or several words with its span if its spoken form is too long."""
    if len(word.spoken) <= MAX_WORD_LENGTH:
        return [word]
    chunks = list(_chunks(word.spoken))
    edges = [word.start + (word.end - word.start) * place // len(chunks) for place in range(len(chunks) + 1)]
    pieces = [
        Word(chunk, edges[place], edges[place + 1], semiotic_class=word.semiotic_class)
        for place, chunk in enumerate(chunks[:-1])
    ]
    return [*pieces, replace(word, spoken=chunks[-1], start=edges[-2])]


def normalize(text: str, language: str) -> list[Word]:
    """Return the words of ``text`` in spoken order, each with its span in the text.

    ``language`` is a tag such as ``en-US``. Written forms are classified, then verbalized: English by
    its own rules, other languages by their tables and ICU. Spans ascend and do not overlap. A written
    word is a run without spaces, split after a dash or dots that join two words; a form of several
    words (``3 km``) can be one word.
    """
    if primary(language) == "en":
        words = normalize_english(text, language.lower().replace("_", "-").partition("-")[2])
    else:
        words = normalize_localized(text, language)
    return [piece for word in words for piece in _bounded(word)]
