"""Splits text into written words with their positions, surrounding punctuation, and boundaries."""

import re
from dataclasses import dataclass
from enum import IntEnum

from synthesis.text.normalization.line_breaks import sentence_ends
from synthesis.text.normalization.markup import CUT, GONE, strip_markup
from synthesis.text.normalization.unicode_folding import fold_characters

_RUN = re.compile(r"\S+")
# Splits one run of characters into two words: after a dash or dots that join them, and after the
# punctuation of scripts without spaces.
_JOINT = re.compile(rf"{CUT}{GONE}*|(?<=\w)(?:[—―⸺]+|--+|…|\.{{3,}})(?=[^\W\d]|[\"'“‘])|[。，、！？；：।،؛؟]+")
_NEWLINE = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_LEAD = re.compile(
    r"(?:[\"'(\[{*¿¡,;:?]|!(?!=)|<(?=[^\W\d])|<(?=\w+://)|\.{2,}(?=[\w\"'])|—+|-+(?=[\"'(\[])|--(?=[^\W\d]))+"
)
_TRAIL = "\"')]}*~.,;:!?—"
_MARKS = {"...": "...", "?": "?", "!": "!", ".": ".", ";": ";", "—": ";", "--": ";", ":": ":", ",": ",", "-": ","}


class Boundary(IntEnum):
    """The boundary after a word that follows from the text's layout."""

    NONE = 0
    SENTENCE = 1
    PARAGRAPH = 2


@dataclass(slots=True)
class Token:
    """A written word: ``core`` is verbalized, ``lead`` and ``trail`` are the symbols around it."""

    start: int
    end: int
    lead: str
    core: str
    trail: str
    boundary: Boundary = Boundary.NONE

    @property
    def punctuation(self) -> str:
        """Return the strongest punctuation after the word; an attached hyphen is none."""
        return strongest(self.trail.replace("-", "") if self.core else self.lead + self.trail)

    @property
    def heard(self) -> bool:
        """Return whether the token contains a letter or digit."""
        return any(char.isalnum() for char in self.core)


def strongest(signs: str) -> str:
    """Return the strongest punctuation among ``signs``."""
    return next((punctuation for sign, punctuation in _MARKS.items() if sign in signs), "") if signs else ""


def _split(piece: str) -> tuple[str, str, str]:
    """Split ``piece`` into its leading symbols, the word, and its trailing symbols."""
    lead = match[0] if (match := _LEAD.match(piece)) else ""
    rest = piece[len(lead) :]
    if "<" in lead and rest.endswith(">"):
        rest = rest[:-1]
    core = rest.rstrip("-") if rest.endswith("-") else rest.rstrip(_TRAIL)
    return lead, core, rest[len(core) :]


def _pieces(original: str, clean: str) -> list[tuple[int, int]]:
    """Yield the written words by position."""
    spans = []
    for run in _RUN.finditer(original):
        start = run.start()
        for joint in _JOINT.finditer(clean, *run.span()):
            if joint.end() < run.end():
                spans.append((start, joint.end()))
                start = joint.end()
        spans.append((start, run.end()))
    return spans


def _layout(gap: str, start: int, ends: frozenset[int]) -> Boundary:
    """Return the boundary that the whitespace at ``start`` implies for the preceding word."""
    if gap == " ":
        return Boundary.NONE
    if gap == "\n":
        return Boundary.SENTENCE if start in ends else Boundary.NONE
    newlines = [start + match.start() for match in _NEWLINE.finditer(gap)]
    if len(newlines) > 1 or "\u2029" in gap:
        return Boundary.PARAGRAPH
    return Boundary.SENTENCE if any(newline in ends for newline in newlines) else Boundary.NONE


def tokenize(text: str, *, english: bool, all_latin: bool = False) -> list[Token]:
    """Return the written words and isolated symbols of ``text`` in order, with positions in ``text``."""
    clean, ends = strip_markup(text), sentence_ends(text)
    tokens: list[Token] = []
    before = 0
    for start, end in _pieces(text, clean):
        if tokens and start > before:
            tokens[-1].boundary = max(tokens[-1].boundary, _layout(text[before:start], before, ends))
        before = end
        raw = clean[start:end]
        plain = fold_characters(raw.replace(GONE, "").replace(CUT, ""), english=english, all_latin=all_latin)
        piece = " ".join(plain.split())
        if piece:
            tokens.append(Token(start, end, *_split(piece)))
        if CUT in raw and tokens:
            tokens[-1].boundary = max(tokens[-1].boundary, Boundary.SENTENCE)
    return tokens
