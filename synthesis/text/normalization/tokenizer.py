"""Splits text into written words with their positions, surrounding punctuation, and boundaries."""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from synthesis.text.normalization.line_breaks import sentence_ends
from synthesis.text.normalization.markup import CUT, GONE, strip_markup
from synthesis.text.normalization.unicode_folding import fold_characters

_RUN = re.compile(r"\S+")
# Splits one run of characters into two words: after a dash or dots that join them, and after the
# punctuation of scripts without spaces.
_JOINT = re.compile(rf"{CUT}{GONE}*|(?<=\w)(?:[—―⸺]+|--+|…|\.{{3,}})(?=[^\W\d]|[\"'“‘])|[。，、！？；：।،؛؟]+")
_ENGLISH_JOINT = re.compile(
    # "Dr.Smith", "p.5"
    r"(?<![\w.])(?:Dr|Mr|Mrs|Ms|Prof|St|Gen|Sen|Rep|Col|Sgt|Capt|Lt|Rev|Gov)\.(?=[A-Z][a-z])"
    r"|(?<![\w.])(?:[Nn]o|[Nn]os|pp?|[Ff]igs?|[Vv]ol|[Cc]h|[Ss]ec|[Aa]rt|[Ee]q|[Ee]d)\.(?=\d)"
    r"|(?<![\w.])(?:e\.g|i\.e)\.(?=[a-z])"
    # "one.Then" and "U.S.-China"
    r"|(?<![\w./:@])[A-Za-z']{2,20}[.!?][)\"']{0,2}(?=[A-Z][a-z']{1,20}[.,;:!?)\"']*(?:\s|$))"
    r"|(?<=\.[A-Z]\.)-(?=[A-Z])"
)
_WORD_COMMA = re.compile(r"[,;](?=[^\W\d])|(?<=[^\W\d])[,;](?=[\d$€£])")
_NUMERIC_RUN = re.compile(r"\d[\d.]*,[\d.,]*\d")
_ONE_NUMBER = re.compile(
    r"\d{1,3}(?>(?:,\d{2,3})+)(?<=,\d{3})(?:\.\d+)?|\d{1,9},\d{1,2}|\d{1,3}(?:\.\d{3}){1,5},\d{1,2}|[\d.]+"
)
_CACHED = 4
_NEWLINE = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_LEAD = re.compile(
    r"(?:[\"'(\[{*¿¡,;:?]|!(?!=)|<(?=[^\W\d])|<(?=\w+://)|\.{2,}(?=[\w\"'])|—+|-+(?=[\"'(\[])|--(?=[^\W\d]))+"
)
_TRAIL = "\"')]}*~.,;:!?—"
_MARKS = {"...": "...", "?": "?", "!": "!", ".": ".", ";": ";", "—": ";", "--": ";", ":": ":", ",": ",", "-": ","}
_MARKS["–"] = ","


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
        if self.core and not self.trail:
            return ""
        trail = self.trail.replace("-", "") if self.core else self.lead + self.trail
        # A comma after a period shows that the period belongs to an abbreviation.
        return strongest(trail[1:] if trail[:2] in {".,", ".;", ".:"} else trail)

    @property
    def heard(self) -> bool:
        """Return whether the token contains a letter or digit."""
        return any(char.isalnum() for char in self.core)


def strongest(signs: str) -> str:
    """Return the strongest punctuation among ``signs``."""
    if not signs:
        return ""
    # Most words have the same few signs after them; long rows of signs are not cached.
    return _strongest(signs) if len(signs) <= _CACHED else _strongest.__wrapped__(signs)


@lru_cache(maxsize=1024)
def _strongest(signs: str) -> str:
    return next((punctuation for sign, punctuation in _MARKS.items() if sign in signs), "")


def _split(piece: str) -> tuple[str, str, str]:
    """Split ``piece`` into its leading symbols, the word, and its trailing symbols."""
    lead = match[0] if (match := _LEAD.match(piece)) else ""
    rest = piece[len(lead) :]
    if "<" in lead and rest.endswith(">"):
        rest = rest[:-1]
    core = rest.rstrip("-") if rest.endswith("-") else rest.rstrip(_TRAIL)
    if core.endswith("."):
        # "U.S.-"
        core = core[:-1]
    return lead, core, rest[len(core) :]


def _commas(run: str, start: int, *, english: bool) -> list[int]:
    """Return where a run is split after commas: between words, and between English numbers that are not one."""
    if "://" in run or "@" in run:
        return []
    places = [match.end() for match in _WORD_COMMA.finditer(run)]
    for match in _NUMERIC_RUN.finditer(run) if english else ():
        if not _ONE_NUMBER.fullmatch(match[0].strip(",.")):
            places += [match.start() + place + 1 for place, char in enumerate(match[0]) if char == ","]
    return [start + place for place in sorted(set(places)) if place < len(run)]


def _pieces(original: str, clean: str, *, english: bool) -> list[tuple[int, int]]:
    """Yield the written words by position."""
    spans = []
    for run in _RUN.finditer(original):
        start, end = run.span()
        if run[0].isalnum():
            spans.append((start, end))
            continue
        joints = [joint.end() for joint in _JOINT.finditer(clean, start, end)]
        if english:
            joints += [joint.end() for joint in _ENGLISH_JOINT.finditer(clean, start, end)]
        if "," in run[0][:-1] or ";" in run[0][:-1]:
            joints += _commas(clean[start:end], start, english=english)
        for joint in sorted(set(joints)) if joints else ():
            if start < joint < end:
                spans.append((start, joint))
                start = joint
        spans.append((start, end))
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
    for start, end in _pieces(text, clean, english=english):
        if tokens and start > before:
            tokens[-1].boundary = max(tokens[-1].boundary, _layout(text[before:start], before, ends))
        before = end
        raw = clean[start:end]
        if raw.isalnum() and raw.isascii():
            tokens.append(Token(start, end, "", raw, ""))
            continue
        plain = fold_characters(raw.replace(GONE, "").replace(CUT, ""), english=english, all_latin=all_latin)
        piece = " ".join(plain.split())
        if piece:
            tokens.append(Token(start, end, *_split(piece)))
        if CUT in raw and tokens:
            tokens[-1].boundary = max(tokens[-1].boundary, Boundary.SENTENCE)
    return tokens
