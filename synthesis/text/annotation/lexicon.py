"""Pronunciation dictionaries: finds their phrases in a text, in time linear in its length.

Each position is looked up by hash for each length of a phrase that begins with the same two characters; phrases have at
most ``MAX_PHRASE`` characters, which bounds the work per position for any dictionary. A text is scanned once, so what
an entry is replaced by is never looked up again, and entries cannot recur.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.limits import registry
from synthesis.text.annotation.annotated_text import AnnotatedText, Builder, Piece
from synthesis.text.normalization.languages import primary

MAX_ENTRIES = registry.MAX_DICTIONARY_ENTRIES.default
MAX_PHRASE = 100
"""Maximum characters of a phrase."""
MAX_RESPELLING = 200
# Lowering this letter would change the length of the text.
_DOTTED_I = {0x130: "i"}
_WORD_STARTS = re.compile(r"(?<!\w)\S|[^\w\s]")
_ANYWHERE = re.compile(r"\S")
_WORDS = re.compile(r"\S+")
_POSSESSIVE = ("'s", "’s")
_SIBILANTS = frozenset("szʃʒ")
_VOICELESS = frozenset("ptkfθ")


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase, and how it is said: by a respelling, or by IPA (decomposed)."""

    phrase: str
    respelling: str = ""
    phonemes: str = ""
    language: str = ""
    """BCP 47 tag of the texts in which the entry applies; empty: all. ``en`` includes ``en-US``."""
    voice: str = ""
    """Id of the voice for which the entry applies; empty: all."""
    case_sensitive: bool = False
    whole_word: bool = True

    def fits(self, language: str, voice: str) -> bool:
        """Return whether the entry applies to a text in ``language``, spoken by ``voice``."""
        if self.voice and self.voice != voice:
            return False
        own, wanted = self.language.lower().replace("_", "-"), language.lower().replace("_", "-")
        return not own or own == wanted or ("-" not in own and own == primary(wanted))


class Lexicon:
    """The entries of one version of a dictionary, indexed. Immutable, so threads may share it."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        by_phrase: defaultdict[str, list[Entry]] = defaultdict(list)
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        count, whole_words = 0, True
        for entry in entries:
            phrase = _lowered(entry.phrase)
            by_phrase[phrase].append(entry)
            lengths[phrase[:2]].add(len(phrase))
            count += 1
            whole_words = whole_words and entry.whole_word
        # An entry for one voice precedes one for a language, which precedes one for all; exact case precedes any case.
        self._entries = {
            phrase: tuple(sorted(same, key=lambda e: (not e.voice, not e.language, not e.case_sensitive)))
            for phrase, same in by_phrase.items()
        }
        self._lengths = {start: tuple(sorted(each, reverse=True)) for start, each in lengths.items()}
        self.size = count
        self.only_whole_words = whole_words

    def find(self, text: str, lowered: str, at: int, language: str, voice: str) -> Entry | None:
        """Return the entry with the longest phrase at position ``at`` that applies; ``lowered`` is ``text`` lowered."""
        lengths = self._lengths.get(lowered[at : at + 2], ()) or ()
        for length in (*lengths, *self._lengths.get(lowered[at], ())):
            for entry in self._entries.get(lowered[at : at + length], ()):
                if (
                    len(entry.phrase) == length
                    and entry.fits(language, voice)
                    and (not entry.case_sensitive or text.startswith(entry.phrase, at))
                    and (not entry.whole_word or _is_whole(text, at, at + length))
                ):
                    return entry
        return None


NO_LEXICON = Lexicon()


def apply_lexicons(text: AnnotatedText, lexicons: Sequence[Lexicon], language: str, voice: str) -> AnnotatedText:
    """Return ``text`` with the phrases of ``lexicons`` replaced where it is read as written.

    The longest phrase applies, and for one phrase the first lexicon. ``language`` and ``voice`` are those of the
    request. Returns ``text`` itself if it contains no phrase.
    """
    lexicons = [lexicon for lexicon in lexicons if lexicon.size]
    if not lexicons:
        return text
    builder = Builder(text.source)
    # Points are at the edges of pieces.
    moved: dict[int, int] = {}
    changed = False
    for piece in text.pieces:
        moved[piece.offset] = builder.offset
        if piece.replaced:
            builder.add(piece)
            continue
        pieces = list(_split(piece, lexicons, piece.style.language or language, piece.style.voice or voice))
        changed = changed or len(pieces) > 1 or pieces[0].replaced
        for each in pieces:
            builder.add(each)
    if not changed:
        return text
    for point in text.points:
        builder.add_point(point, moved.get(point.offset, builder.offset))
    return builder.build()


def _split(piece: Piece, lexicons: Sequence[Lexicon], language: str, voice: str) -> Iterator[Piece]:
    """Yield the parts of a piece: those that are read as written, and the phrases."""
    text = piece.text
    lowered = _masked(_lowered(text))
    starts = _WORD_STARTS if all(lexicon.only_whole_words for lexicon in lexicons) else _ANYWHERE
    done = 0
    for match in starts.finditer(text):
        at = match.start()
        if at < done:
            continue
        found = [entry for lexicon in lexicons if (entry := lexicon.find(text, lowered, at, language, voice))]
        if not found:
            continue
        entry = max(found, key=lambda each: len(each.phrase))
        end, phonemes = at + len(entry.phrase), entry.phonemes
        if phonemes and text[end : end + 2] in _POSSESSIVE and primary(language) == "en":
            end, phonemes = end + 2, phonemes + _possessive(phonemes)
        if at > done:
            yield _part(piece, done, at)
        spoken = text[at:end] if phonemes else entry.respelling
        yield Piece(
            piece.start + at, piece.start + end, spoken, 0, piece.style, phonemes, replaced=True, by_dictionary=True
        )
        done = end
    if done < len(text):
        yield _part(piece, done, len(text))


def _part(piece: Piece, start: int, end: int) -> Piece:
    return Piece(piece.start + start, piece.start + end, piece.text[start:end], 0, piece.style)


def _possessive(phonemes: str) -> str:
    """Return the English ending 's after ``phonemes``."""
    last = phonemes[-1]
    return "ɪz" if last in _SIBILANTS else "s" if last in _VOICELESS else "z"


def _lowered(text: str) -> str:
    """Return ``text`` in lower case, at the same length."""
    lowered = text.translate(_DOTTED_I).lower()
    return lowered if len(lowered) == len(text) else "".join(low if len(low := c.lower()) == 1 else c for c in text)


def _masked(lowered: str) -> str:
    """Return ``lowered`` without web and e-mail addresses, whose parts are no words."""
    if "://" not in lowered and "@" not in lowered:
        return lowered
    return _WORDS.sub(
        lambda match: "\0" * len(match[0]) if "://" in match[0] or "@" in match[0][1:] else match[0], lowered
    )


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether a word neither continues before ``start`` nor after ``end``."""
    before = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not before and not after
