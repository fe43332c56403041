"""Converts English text to spoken words."""

from collections.abc import Iterator, Sequence

from synthesis.text.normalization import abbreviations, multi_token_verbalizers, spelling, verbalizers
from synthesis.text.normalization.tokenizer import Boundary, Token, strongest, tokenize
from synthesis.text.word import Word

_ENDS = frozenset((".", "?", "!", "..."))
_PAUSES = frozenset(".,;:!?-—…|")
_DAY_FIRST = frozenset(("gb", "au", "nz", "ie", "in", "za"))
_QUIET = 3
"""espeak-ng spells acronyms only in a clause with more lower-case letters than this."""


def _neighbor(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].core if 0 <= at < len(tokens) else ""


def _abbreviation(tokens: Sequence[Token], at: int) -> tuple[str, str] | None:
    """Return the expansion and the punctuation of an abbreviation with its period."""
    token = tokens[at]
    if not token.trail.startswith(".") or token.trail.startswith("..."):
        return None
    # A comma after the period shows that the sentence continues.
    following = "," if "," in token.trail else "" if token.boundary else _neighbor(tokens, at + 1)
    previous = _neighbor(tokens, at - 1) if at and not tokens[at - 1].punctuation else ""
    said = abbreviations.expand_with_period(token.core, following, previous)
    if said is None:
        return None
    reading, ends = said
    punctuation = strongest(token.trail[1:])
    return reading, punctuation or ("." if ends else "")


def _shortened(core: str, reading: str) -> bool:
    """Return whether the period after ``core`` may mark an abbreviation (``Jan.``, ``p.m.``)."""
    return core.replace(".", "").isalpha() and core.lower() != reading.lower()


def _counts_item(tokens: Sequence[Token], at: int) -> bool:
    """Return whether the word is the number of a list item, which needs no sentence of its own."""
    token = tokens[at]
    first = at == 0 or tokens[at - 1].boundary
    counts = token.core.isdecimal() and token.trail in {".", ")"}
    return bool(first and counts and not token.boundary and at + 1 < len(tokens))


def _readings(tokens: Sequence[Token], *, day_first: bool) -> Iterator[tuple[Token, str, str]]:
    """Yield each token with its spoken form and the punctuation that follows."""
    at = 0
    while at < len(tokens):
        said = multi_token_verbalizers.verbalize_group(tokens, at)
        for reading in said or ():
            token = tokens[at]
            last_dot = not token.core or (token.trail == "." and _shortened(token.core, reading))
            goes_on = (
                not token.boundary and at + 1 < len(tokens) and not abbreviations.starts_sentence(tokens[at + 1].core)
            )
            yield token, reading, "" if last_dot and goes_on else token.punctuation
            at += 1
        if not said:
            token = tokens[at]
            pointed = _abbreviation(tokens, at)
            punctuation = "," if _counts_item(tokens, at) else token.punctuation
            yield token, *(pointed or (verbalizers.verbalize(token.core, day_first=day_first), punctuation))
            at += 1


def _lone_mark(token: Token) -> str:
    """Return the punctuation of a token that has no spoken form: a dash, a bracket, an isolated period."""
    signs = token.lead + token.core + token.trail
    return strongest(signs) if set(signs) <= _PAUSES else ""


def _spell_acronyms(words: list[Word]) -> list[Word]:
    """Spell the acronyms of clauses in which espeak-ng would read them as words."""
    calmed: list[Word] = []
    clause: list[Word] = []
    for place, word in enumerate(words):
        clause.append(word)
        if word.punctuation or word.ends_paragraph or place == len(words) - 1:
            letters = "".join(part.spoken for part in clause)
            small = sum(map(str.islower, letters))
            if small <= max(_QUIET, sum(map(str.isupper, letters))):
                clause = [_said(part, spelling.spell_acronyms(part.spoken)) for part in clause]
            calmed += clause
            clause = []
    return calmed


def _said(word: Word, spoken: str) -> Word:
    return word if spoken == word.spoken else Word(spoken, word.start, word.end, word.punctuation, word.ends_paragraph)


def _marked(word: Word, punctuation: str, boundary: Boundary) -> Word:
    """Return ``word`` with punctuation, if it has none yet, and its paragraph mark."""
    punctuation, ends_paragraph = (
        word.punctuation or punctuation or ("." if boundary else ""),
        word.ends_paragraph or boundary == Boundary.PARAGRAPH,
    )
    if punctuation == word.punctuation and ends_paragraph == word.ends_paragraph:
        return word
    return Word(word.spoken, word.start, word.end, punctuation, ends_paragraph)


def _shouted(tokens: list[Token]) -> bool:
    cores = [token.core for token in tokens]
    return any(len(core) > 3 and core.isalpha() for core in cores) and not any(map(str.islower, "".join(cores)))


def has_sound(tokens: Sequence[Token]) -> bool:
    """Return whether any of ``tokens`` has a spoken form."""
    return any(spoken for _, spoken, _ in _readings(tokens, day_first=False))


def normalize_english(text: str, country: str) -> list[Word]:
    """Return the words of ``text``; ``country`` determines the date order of ``3/4/2024``."""
    tokens = tokenize(text, english=True)
    if _shouted(tokens):
        for token in tokens:
            token.core = token.core.lower() if token.core in {"IT", "US"} else token.core
    words: list[Word] = []
    for token, spoken, punctuation in _readings(tokens, day_first=country in _DAY_FIRST):
        if words and token.lead and ("(" in token.lead or "—" in token.lead):
            words[-1] = _marked(words[-1], ",", Boundary.NONE)
        if not spoken:
            if words:
                words[-1] = _marked(words[-1], _lone_mark(token), token.boundary)
            continue
        closing = "," if ")" in token.trail and "(" not in token.core and token is not tokens[-1] else ""
        words.append(_marked(Word(spoken, token.start, token.end), punctuation or closing, token.boundary))
    return _spell_acronyms(words)
