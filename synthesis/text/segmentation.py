"""Splits words into segments: sentences, or parts of sentences too long for one encoder pass."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from synthesis.text.word import Style, Word
from synthesis.text.word_sets import word_set

_PAUSES = {"...": 0.4, ";": 0.15, ":": 0.15, ",": 0.08, "": 0.0}
_ENDS = frozenset((".", "!", "?", "..."))
_STRONG = frozenset((";", ":"))

MAX_LENGTH = 260
"""Maximum spoken characters per segment; words are shorter than half of it, so a split is always possible."""
_MIN_PIECE_LENGTH = 25
"""Minimum spoken characters per segment: a shorter one sounds clipped."""
_LONG_START = 90
_FIRST_CLAUSE = 80
_FIRST_PIECE = 120
_CONJUNCTIONS = word_set(
    "and but or nor so yet because although though while when where which who whom whose that if unless until "
    "since after before as than whereas then with without into from for"
)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Silence after sentences and paragraphs, in seconds at speed 1."""

    sentence_s: float = 0.25
    paragraph_s: float = 0.55


DEFAULT_PAUSES = Pauses()


@dataclass(frozen=True, slots=True)
class Segment:
    """The unit of one encoder pass."""

    words: tuple[Word, ...]
    pause: float
    """Seconds of silence after the segment at speed 1."""

    @property
    def style(self) -> Style:
        """Return the style of all words."""
        return self.words[0].annotation.style

    @property
    def lead_s(self) -> float:
        """Return the seconds of silence before the segment at speed 1."""
        return self.words[0].annotation.lead_s


def _ends(word: Word) -> bool:
    return word.ends_paragraph or word.punctuation in _ENDS or word.annotation.pause_s is not None


def _sentences(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Yield sentences, and parts of one that a pause or a change of style separates."""
    start = 0
    for place, word in enumerate(words, 1):
        if (
            place == len(words)
            or _ends(word)
            or (
                words[place].annotation.style is not word.annotation.style
                and words[place].annotation.style != word.annotation.style
            )
        ):
            yield words[start:place]
            start = place


def _length(words: Iterable[Word]) -> int:
    """Return the spoken characters, with spaces between the words."""
    return sum(len(word.spoken) + 1 for word in words) - 1


def _beginning(words: Sequence[Word], start: int) -> list[Word]:
    """Return the words from ``start`` on that one segment needs: not the whole rest of a long sentence."""
    end, length = start, 0
    while end < len(words) and length <= MAX_LENGTH:
        length += len(words[end].spoken) + 1
        end += 1
    return list(words[start : end + 1])


def _first_split(words: Sequence[Word], whole: int) -> int | None:
    """Return the word count of the first segment, short for low latency; ``None`` if the whole text is short."""
    if whole <= _LONG_START:
        return None
    for count, (word, length) in enumerate(zip(words, _lengths(words), strict=True), 1):
        if word.punctuation and _MIN_PIECE_LENGTH <= length <= _FIRST_CLAUSE:
            return count
    return _best_split(words, whole, _FIRST_PIECE) if whole > _FIRST_PIECE else None


def _lengths(words: Iterable[Word]) -> list[int]:
    """Return the spoken characters of the first 1, 2, 3 ... words."""
    return [total - 1 for total in accumulate(len(word.spoken) + 1 for word in words)]


def _best_split(words: Sequence[Word], whole: int, most: int) -> int:
    """Return after how many words to split: at least one, and at most ``most`` spoken characters if words allow.

    ``words`` are the beginning of the text to split, ``whole`` is its number of spoken characters.
    The segments get about equal lengths. The end of a clause is preferred to a conjunction, and a
    conjunction to any other position.
    """
    lengths = _lengths(words)
    aim = whole / -(-whole // most)
    fitting = range(1, min(len(words), max(2, bisect_right(lengths, most) + 1)))
    roomy = [count for count in fitting if min(lengths[count - 1], whole - lengths[count - 1]) >= _MIN_PIECE_LENGTH]

    def distance(count: int) -> float:
        return abs(lengths[count - 1] - aim)

    strong = [count for count in roomy if words[count - 1].punctuation in _STRONG and distance(count) < aim / 2]
    clauses = [count for count in roomy if words[count - 1].punctuation and distance(count) < aim * 2 / 3]
    joints = [count for count in roomy if words[count].spoken in _CONJUNCTIONS and distance(count) < aim / 2]
    return min(strong or clauses or joints or roomy or fitting, key=distance)


def _pieces(sentence: Sequence[Word], *, first: bool) -> Iterator[Sequence[Word]]:
    start, left = 0, _length(sentence)
    while start < len(sentence):
        words = _beginning(sentence, start)
        count = (
            _first_split(words, left) if first else _best_split(words, left, MAX_LENGTH) if left > MAX_LENGTH else None
        )
        end = len(sentence) if count is None else start + count
        yield sentence[start:end]
        left -= _length(sentence[start:end]) + 1
        start, first = end, False


def pause_after(word: Word, pauses: Pauses = DEFAULT_PAUSES) -> float:
    """Return the seconds of silence after a word at speed 1, if more follows."""
    if word.annotation.pause_s is not None:
        return word.annotation.pause_s
    return pauses.paragraph_s if word.ends_paragraph else _PAUSES.get(word.punctuation, pauses.sentence_s)


def split_segments(words: Sequence[Word], pauses: Pauses = DEFAULT_PAUSES) -> list[Segment]:
    """Split ``words`` into segments in order, none longer than ``MAX_LENGTH``; the first is short if possible.

    The last has no pause after it, unless markup says so.
    """
    pieces = [
        tuple(piece)
        for place, sentence in enumerate(_sentences(words))
        for piece in _pieces(sentence, first=place == 0)
    ]
    last = len(pieces) - 1
    return [
        Segment(piece, pause_after(piece[-1], pauses) if place < last else piece[-1].annotation.pause_s or 0.0)
        for place, piece in enumerate(pieces)
    ]
