"""Finds the sentences of a text that are in another language than the voice's, for voices that speak it.

A sentence, or a quotation or parenthesis in it, is spoken by another voice if the detector names one language and rules
out the voice's own. If it is not certain, a sentence follows those around it that are, if it is rather in their
language; else the request's voice speaks it. Letters that this voice cannot pronounce are evidence enough: a single
Cyrillic word needs no other. Takes time linear in the length of the text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from synthesis.text.annotation.annotated_text import AnnotatedText, Builder, Piece
from synthesis.text.annotation.language_detection import probabilities, same_language
from synthesis.text.normalization.languages import foreign_letters, primary
from synthesis.text.word import Style

MIN_WORDS = 3
"""Words (or Chinese or Japanese characters) from which a language is identified: fewer are often names."""
_MIN_PROBABILITY, _MIN_RATIO = 0.3, 0.95
"""Of the other language, alone and among the two: with these, 128 of 140 short sentences in 19 languages are found (9
stay with the voice, 3 go to a related language), and none of 46 English ones is mistaken (``benchmarks/languages``)."""
_END = re.compile(r"(?<![.!?…:])[.!?…:]++[\"'”’»)\]]*(?:\s+|$)|[。！？]+|\n+")
"""The end of a sentence, of a line, or of what introduces a sentence before a colon. It is searched for at the first of
several points only: from each of them, the time would grow with the square of their number."""
_QUOTE = re.compile(
    r"""(?:"[^"\n]{5,400}"|“[^“”\n]{5,400}”|„[^„“”\n]{5,400}[“”]|«[^«»\n]{5,400}»|\([^()\n]{5,400}\))[.,;:!?…]*"""
)
_HIDDEN = "\0"
_OUTSIDE = re.compile(f"[^{_HIDDEN}]+")
_WORD = re.compile("[\u3005-\u30ff\u3400-\u9fff]|[^\\W\\d_\u3005-\u30ff\u3400-\u9fff]+(?:['’-][^\\W\\d_]+)*")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[\W\d_A-Za-z\u00c0-\u024f]*")


@dataclass(frozen=True, slots=True)
class LanguageVoice:
    """The voice for texts in a language: its id, and its language as a tag such as ``de-DE``."""

    language: str
    voice_id: str


Voices = Mapping[str, LanguageVoice]
"""By the primary subtag of their language."""


@dataclass(slots=True)
class _Unit:
    """A sentence without the quotations in it, or a sentence of a quotation: ranges of a text, and its language."""

    ranges: list[tuple[int, int]]
    text: str
    probabilities: Mapping[str, float] = field(default_factory=dict)
    language: str = ""
    """Empty if it is not certain."""


def mark_languages(text: AnnotatedText, language: str, voices: Sequence[LanguageVoice], most: int) -> AnnotatedText:
    """Return ``text`` with the style of its sentences in the languages of ``voices``, at most ``most`` languages.

    ``language`` is that of the request's voice. Returns ``text`` itself if there is no such sentence.
    """
    own = same_language(primary(language))
    others = {same_language(primary(voice.language)): voice for voice in voices}
    others.pop(own, None)
    if not others:
        return text
    units = sorted(_units(text.text), key=lambda unit: unit.ranges[0])
    for unit in units:
        _examine(unit, own, others)
    _follow_neighbors(units, own)
    spoken = list(dict.fromkeys(unit.language for unit in units if unit.language in others))[:most]
    ranges = [(*span, unit.language) for unit in units if unit.language in spoken for span in unit.ranges]
    styles = {name: Style(language=others[name].language, voice=others[name].voice_id) for name in spoken}
    return _styled(text, [(start, end, styles[name]) for start, end, name in sorted(ranges)]) if ranges else text


def _units(text: str) -> Iterator[_Unit]:
    quotes: list[tuple[int, int]] = []
    for quote in _QUOTE.finditer(text):
        if len(_WORD.findall(quote[0])) >= MIN_WORDS:
            quotes.append(quote.span())
            yield from (_Unit([span], text[slice(*span)]) for span in _sentences(text, *quote.span()))
    # A sentence continues after the end of a quotation in it.
    edges = [(0, 0), *quotes, (len(text), len(text))]
    around = "".join(text[end:start] + _HIDDEN * (resumed - start) for (_, end), (start, resumed) in pairwise(edges))
    for start, end in _sentences(around, 0, len(around)):
        ranges = [match.span() for match in _OUTSIDE.finditer(around, start, end)]
        if ranges:
            yield _Unit(ranges, " ".join(around[first:last] for first, last in ranges))


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _END.finditer(text, start, end):
        yield start, match.end()
        start = match.end()
    if start < end:
        yield start, end


def _examine(unit: _Unit, own: str, others: Voices) -> None:
    """Find the language of a unit."""
    letters = len(_LETTER.findall(unit.text))
    if not letters:
        return
    readable, unsayable = list(others), False
    # A voice of any language can pronounce Latin letters.
    if not _LATIN.fullmatch(unit.text):
        readable = [name for name in others if not _is_foreign(unit.text, letters, name)]
        unsayable = _is_foreign(unit.text, letters, own)
    if not readable or (unsayable and len(readable) == 1):
        unit.language = readable[0] if readable else ""
        return
    unit.probabilities = found = probabilities(unit.text)
    other = max(readable, key=lambda name: found.get(name, 0.0))
    its, mine = found.get(other, 0.0), found.get(own, 0.0)
    if unsayable:
        unit.language = other
    elif len(_WORD.findall(unit.text)) >= MIN_WORDS:
        if its >= max(_MIN_PROBABILITY, _MIN_RATIO * (its + mine)):
            unit.language = other
        elif mine > its:
            unit.language = own


def _is_foreign(text: str, letters: int, language: str) -> bool:
    """Return whether a voice of ``language`` cannot pronounce most of the letters of ``text``."""
    pattern = foreign_letters(language)
    return pattern is not None and 2 * sum(map(len, pattern.findall(text))) > letters


def _follow_neighbors(units: Sequence[_Unit], own: str) -> None:
    """Let uncertain units follow the certain ones before and after them, if these agree."""
    before = list(_nearest(units))
    after = [*_nearest(units[::-1])][::-1]
    for unit, left, right in zip(units, before, after, strict=True):
        language = left or right
        if not unit.language and right in ("", language):
            found = unit.probabilities
            if found.get(language, 0.0) > found.get(own, 0.0):
                unit.language = language


def _nearest(units: Iterable[_Unit]) -> Iterator[str]:
    """Yield the last certain language before each unit."""
    last = ""
    for unit in units:
        yield last
        last = unit.language or last


def _styled(text: AnnotatedText, ranges: Sequence[tuple[int, int, Style]]) -> AnnotatedText:
    """Return ``text`` with the styles of ranges. A replaced piece is not divided; announcements keep their language."""
    builder = Builder(text.source)
    waiting = list(reversed(ranges))
    for piece in text.pieces:
        place, end = piece.offset, piece.offset + len(piece.text)
        while waiting and waiting[-1][1] <= place:
            waiting.pop()
        if piece.replaced:
            inside = piece.phonemes and waiting and waiting[-1][0] <= place
            builder.add(replace(piece, style=waiting[-1][2]) if inside else piece)
            continue
        for start, stop, style in _within(waiting, place, end):
            builder.add(_part(piece, place, start))
            builder.add(replace(_part(piece, start, stop), style=style))
            place = stop
        builder.add(_part(piece, place, end))
    for point in text.points:
        builder.add_point(point, point.offset)
    return builder.build()


def _within(waiting: list[tuple[int, int, Style]], begin: int, end: int) -> Iterator[tuple[int, int, Style]]:
    """Yield the parts of the ranges between two positions; ranges that end there are removed. The last is the first."""
    while waiting and waiting[-1][0] < end:
        start, stop, style = waiting[-1]
        yield max(start, begin), min(stop, end), style
        if stop > end:
            return
        waiting.pop()


def _part(piece: Piece, start: int, end: int) -> Piece:
    """Return a range of a piece that is read as written; positions are those of the annotated text."""
    first, last = start - piece.offset, end - piece.offset
    return replace(piece, start=piece.start + first, end=piece.start + last, text=piece.text[first:last])
