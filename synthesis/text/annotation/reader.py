"""Reads text with markup: annotates it, normalizes it by language, and attaches its annotations to the words."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from core.limits import registry
from synthesis.text.annotation.annotated_text import NO_SOURCE, AnnotatedText, Builder, End, Mark, Pause, Piece
from synthesis.text.annotation.inline import parse_inline
from synthesis.text.annotation.lexicon import apply_lexicons
from synthesis.text.annotation.other_languages import mark_languages
from synthesis.text.annotation.reading_options import ReadingOptions
from synthesis.text.annotation.ssml import FindVoice, parse_ssml
from synthesis.text.normalization.assembly import marked
from synthesis.text.normalizer import MAX_SPOKEN_LENGTH, normalize
from synthesis.text.word import Annotation, Word

MAX_PAUSE_S = registry.MAX_PAUSE_S.default
MAX_VOICES = registry.MAX_VOICES_PER_TEXT.default


def read_text(text: str, language: str, options: ReadingOptions, voice: str = "") -> list[Word]:
    """Return the words of ``text`` for a voice of ``language``. Raises ``TextError`` for malformed SSML."""
    annotated = annotate(text, language, options, voice)
    return normalize(text, language) if annotated is None else read_annotated(annotated, language)


def annotate(
    text: str, language: str, options: ReadingOptions, voice: str = "", find_voice: FindVoice | None = None
) -> AnnotatedText | None:
    """Return ``text`` with its markup, other languages and the phrases of dictionaries, ``None`` if it has none.

    Raises ``TextError`` as ``parse_ssml``.
    """
    annotated: AnnotatedText | None
    if options.ssml:
        annotated = parse_ssml(text, language, find_voice) if find_voice else parse_ssml(text, language)
    else:
        annotated = parse_inline(text, options, language)
        if options.voices:
            plain = annotated or _as_it_is(text)
            marked_languages = mark_languages(plain, language, options.voices, MAX_VOICES)
            annotated = annotated if marked_languages is plain else marked_languages
    if not any(lexicon.size for lexicon in options.lexicons):
        return annotated
    plain = annotated or _as_it_is(text)
    replaced = apply_lexicons(plain, options.lexicons, language, voice)
    return annotated if replaced is plain else replaced


def read_annotated(text: AnnotatedText, language: str) -> list[Word]:
    """Return the words of ``text``, with their spans in its source, for a voice of ``language``.

    The words of a replaced piece have the same span: that of the piece. Takes milliseconds: not for the event loop.
    """
    normalized = [
        replace(word, start=word.start + offset, end=word.end + offset)
        for own, offset, run in text.language_runs()
        for word in normalize(run, own or language)
    ]
    pieces = [text.piece_at(word.start) for word in normalized]
    words: list[Word] = []
    offsets: list[int] = []
    for piece, group in groupby(zip(pieces, normalized, strict=True), key=lambda pair: pair[0]):
        of_piece = [word for _, word in group]
        if piece.replaced:
            of_piece = _joined(piece, of_piece)
        offsets += [word.start for word in of_piece]
        words += [_placed(text, piece, word) for word in of_piece]
    return _with_points(text, words, offsets)


def _as_it_is(text: str) -> AnnotatedText:
    builder = Builder(text)
    builder.keep(0, len(text))
    return builder.build()


def _joined(piece: Piece, words: Sequence[Word]) -> list[Word]:
    """Return the words of a replaced piece, joined where no pause is between them."""
    joined: list[Word] = []
    for word in words:
        last = joined[-1] if joined else None
        fits = last is not None and len(last.spoken) + len(word.spoken) < MAX_SPOKEN_LENGTH
        if last is not None and (piece.phonemes or (fits and not last.punctuation and not last.ends_paragraph)):
            joined[-1] = replace(word, start=last.start, spoken=f"{last.spoken} {word.spoken}")
        else:
            joined.append(word)
    if piece.phonemes:
        spoken = piece.phonemes if piece.text == NO_SOURCE else joined[0].spoken
        joined[0] = replace(joined[0], spoken=spoken, annotation=Annotation(phonemes=piece.phonemes))
    return joined


def _placed(text: AnnotatedText, piece: Piece, word: Word) -> Word:
    """Return ``word`` with its span in the source and with the style of its piece."""
    annotation = word.annotation
    if annotation.style != piece.style:
        annotation = replace(annotation, style=piece.style)
    start, end = text.source_start(word.start), text.source_end(word.end)
    if piece.replaced:
        # Punctuation belongs to the word only if no markup is between them.
        last = text.piece_at(word.end - 1)
        end = end if last.start == piece.end else piece.end
    return replace(word, start=start, end=end, annotation=annotation)


def _with_points(text: AnnotatedText, words: list[Word], offsets: Sequence[int]) -> list[Word]:
    """Attach pauses, marks, and ends of sentences. ``offsets`` are the words' starts in ``text.text``."""
    if not words:
        return words
    before: dict[int, list[str]] = {}
    for point in text.points:
        place = bisect_left(offsets, point.offset)
        match point:
            case Mark():
                before.setdefault(place, []).append(point.name)
            case End() if place:
                words[place - 1] = marked(words[place - 1], "", point.boundary)
            case Pause():
                # Marks before a pause are reached before it.
                _mark_after(words, place, before.pop(place, []))
                _pause(words, place, point.seconds)
    for place, names in before.items():
        if place < len(words):
            annotation = words[place].annotation
            words[place] = _annotated(words[place], replace(annotation, marks=(*annotation.marks, *names)))
        else:
            _mark_after(words, place, names)
    return words


def _pause(words: list[Word], place: int, seconds: float) -> None:
    """Add a pause after the word before ``place``, or before the first word."""
    word = words[max(place - 1, 0)]
    if place:
        total = min((word.annotation.pause_s or 0.0) + seconds, MAX_PAUSE_S)
        words[place - 1] = _annotated(word, replace(word.annotation, pause_s=total))
    else:
        words[0] = _annotated(word, replace(word.annotation, lead_s=min(word.annotation.lead_s + seconds, MAX_PAUSE_S)))


def _mark_after(words: list[Word], place: int, names: Sequence[str]) -> None:
    if not names:
        return
    word = words[max(place - 1, 0)]
    if place:
        words[place - 1] = _annotated(
            word, replace(word.annotation, marks_after=(*word.annotation.marks_after, *names))
        )
    else:
        words[0] = _annotated(word, replace(word.annotation, marks=(*word.annotation.marks, *names)))


def _annotated(word: Word, annotation: Annotation) -> Word:
    return replace(word, annotation=annotation)
