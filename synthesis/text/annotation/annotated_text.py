"""Text with annotations: what is read instead of which part of the source, in which style, with which pauses.

SSML, ``[[ipa]]``, ``[word](/ipa/)``, ``[pause 1s]`` and the pronunciation dictionaries all produce this form.
``reader.py`` converts it to words, whose positions are those of the source.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from synthesis.text.normalization.tokenizer import Boundary
from synthesis.text.word import PLAIN, Style

NO_SOURCE = "lorema"
"""Normalized in place of phonemes without a written word: a pronounceable word that no rule knows."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A range of the source, and the text that is read for it."""

    start: int
    """Start in the source, in code points."""
    end: int
    """End in the source (exclusive), in code points."""
    text: str
    offset: int
    """Start of ``text`` in ``AnnotatedText.text``."""
    style: Style = PLAIN
    phonemes: str = ""
    """IPA (NFD) of the whole piece; empty if it is read as usual."""
    replaced: bool = False
    """Whether positions within ``text`` have no counterpart in the source."""
    by_dictionary: bool = False
    """Whether a dictionary replaced it: the author of the text did not ask for the phonemes."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence of ``seconds`` at speed 1; ``offset`` is a position in ``AnnotatedText.text``."""

    offset: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A named position whose time is reported."""

    offset: int
    name: str


@dataclass(frozen=True, slots=True)
class End:
    """The end of a sentence or paragraph."""

    offset: int
    boundary: Boundary


Point = Pause | Mark | End


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A source text, and what is read for each part of it; all sequences are in order."""

    source: str
    text: str
    """What is normalized: the texts of all pieces."""
    pieces: tuple[Piece, ...]
    points: tuple[Point, ...] = ()

    def piece_at(self, offset: int) -> Piece:
        """Return the piece that contains a position of ``text``."""
        return self.pieces[bisect_right(self.pieces, offset, key=lambda piece: piece.offset) - 1]

    def source_start(self, offset: int) -> int:
        """Return the position in the source of a word that starts at ``offset`` of ``text``."""
        piece = self.piece_at(offset)
        return piece.start if piece.replaced else piece.start + offset - piece.offset

    def source_end(self, offset: int) -> int:
        """Return the end in the source of a word that ends at ``offset`` of ``text`` (both exclusive)."""
        piece = self.piece_at(offset - 1)
        return piece.end if piece.replaced else piece.start + offset - piece.offset

    def language_runs(self) -> Iterator[tuple[str, int, str]]:
        """Yield the language, the offset and the text of each run of one language; an empty language is the voice's."""
        for language, pieces in groupby(self.pieces, lambda piece: piece.style.language):
            first, *rest = pieces
            yield language, first.offset, "".join([first.text, *(piece.text for piece in rest)])


class Builder:
    """Builds an ``AnnotatedText`` from the beginning of ``source`` to its end."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._pieces: list[Piece] = []
        self._points: list[Point] = []
        self._offset = 0

    def keep(self, start: int, end: int, style: Style = PLAIN) -> None:
        """Read a range of the source as it is."""
        self._add(Piece(start, end, self._source[start:end], self._offset, style))

    def keep_as(self, start: int, end: int, text: str, style: Style) -> None:
        """Read ``text`` for a range of the source of the same length, character by character."""
        self._add(Piece(start, end, text, self._offset, style))

    def replace(self, start: int, end: int, text: str, style: Style = PLAIN, phonemes: str = "") -> None:
        """Read ``text`` for a range of the source, or ``phonemes`` (IPA) with ``text`` as their spelling."""
        self._add(Piece(start, end, text, self._offset, style, phonemes, replaced=True))

    def add(self, piece: Piece) -> None:
        """Add a piece of another text with the same source."""
        self._add(replace(piece, offset=self._offset))

    @property
    def offset(self) -> int:
        """Return the length of what is normalized so far."""
        return self._offset

    def add_point(self, point: Point, offset: int) -> None:
        """Add a point of another text, at ``offset``; points must be added in order."""
        self._points.append(replace(point, offset=offset))

    def pause(self, seconds: float) -> None:
        """Add silence of ``seconds`` at the current position."""
        self._points.append(Pause(self._offset, seconds))

    def mark(self, name: str) -> None:
        """Add a mark at the current position."""
        self._points.append(Mark(self._offset, name))

    def end(self, boundary: Boundary) -> None:
        """End the sentence or paragraph at the current position."""
        self._points.append(End(self._offset, boundary))

    def build(self) -> AnnotatedText:
        """Return the text."""
        text = "".join(piece.text for piece in self._pieces)
        return AnnotatedText(self._source, text, tuple(self._pieces), tuple(self._points))

    def _add(self, piece: Piece) -> None:
        if piece.text:
            self._pieces.append(piece)
            self._offset += len(piece.text)
