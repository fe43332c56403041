"""Assembles words from what is read for the tokens of a text: spans, pauses, sentence and paragraph ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from synthesis.text.normalization.semiotics import Class
from synthesis.text.normalization.tokenizer import Boundary, Token, strongest
from synthesis.text.word import Word

_PAUSES = frozenset(".,;:!?-–—…|")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is said for one or several tokens."""

    count: int
    spoken: str
    """Words; a comma is a short pause. Empty if the tokens have no sound."""
    punctuation: str
    semiotic_class: Class = Class.WORD


def lone_mark(token: Token) -> str:
    """Return the punctuation of a token that has no spoken form: a dash, a bracket, an isolated period."""
    signs = token.lead + token.core + token.trail
    return strongest(signs) if set(signs) <= _PAUSES else ""


def _words(reading: Reading, start: int, end: int) -> list[Word]:
    """Return the words of a reading: one, or one between each two pauses, with shares of the span."""
    if "," not in reading.spoken:
        return [Word(reading.spoken, start, end, reading.punctuation, semiotic_class=reading.semiotic_class)]
    parts = [" ".join(part.split()) for part in reading.spoken.split(",")]
    parts = [part for part in parts if part]
    edges = [start + (end - start) * place // len(parts) for place in range(len(parts) + 1)]
    if any(first >= second for first, second in pairwise(edges)):
        parts, edges = [" ".join(parts)], [start, end]
    last = len(parts) - 1
    return [
        Word(
            part,
            edges[place],
            edges[place + 1],
            reading.punctuation if place == last else ",",
            semiotic_class=reading.semiotic_class,
        )
        for place, part in enumerate(parts)
    ]


def marked(word: Word, punctuation: str, boundary: Boundary) -> Word:
    """Return ``word`` with punctuation, if it has none yet, and with the end of a sentence or paragraph."""
    ends_paragraph = word.ends_paragraph or boundary == Boundary.PARAGRAPH
    punctuation = word.punctuation or punctuation
    if boundary and punctuation in {"", ",", ":", ";"}:
        punctuation = "."
    if (punctuation, ends_paragraph) == (word.punctuation, word.ends_paragraph):
        return word
    return Word(word.spoken, word.start, word.end, punctuation, ends_paragraph, word.semiotic_class, word.annotation)


def assemble(
    tokens: Sequence[Token],
    read: Callable[[Sequence[Token], int], Sequence[Reading]],
    is_said: Callable[[str], bool],
) -> list[Word]:
    """Return the words of ``tokens``. ``read`` returns the readings from a token on, at least one."""
    words: list[Word] = []
    at = 0
    while at < len(tokens):
        for reading in read(tokens, at):
            token, last = tokens[at], tokens[at + reading.count - 1]
            at += reading.count
            # Brackets around an area code are no parenthesis.
            bracketed = "(" in token.lead and reading.semiotic_class != Class.TELEPHONE
            if words and (bracketed or "—" in token.lead):
                words[-1] = marked(words[-1], ",", Boundary.NONE)
            if not is_said(reading.spoken):
                if words:
                    words[-1] = marked(words[-1], reading.punctuation, last.boundary)
                continue
            words += _words(reading, token.start, last.end)
            closing = "," if ")" in last.trail and "(" not in last.core and at < len(tokens) else ""
            words[-1] = marked(words[-1], closing, last.boundary)
    return words
