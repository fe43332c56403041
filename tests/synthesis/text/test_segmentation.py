"""Segmentation of texts, and the duration of pauses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import Segment, split_segments
from synthesis.text.word import Word


def spoken(segment: Segment) -> str:
    return " ".join(word.spoken for word in segment.words)


def cut(text: str) -> list[tuple[str, float]]:
    return [
        (spoken(segment) + segment.words[-1].punctuation, segment.pause)
        for segment in split_segments(normalize(text, "en-US"))
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", [("One.", 0.25), ("Two!", 0.25), ("Three?", 0.25), ("Four", 0.0)]),
        ("Well... maybe", [("Well...", 0.4), ("maybe", 0.0)]),
        ("One\n\nTwo.", [("One.", 0.55), ("Two.", 0.0)]),
        ("# Title\ntext", [("Title.", 0.25), ("text", 0.0)]),
        ("One, two; three: four.", [("One two three four.", 0.0)]),
        ("Dr. Smith paid $3.50, e.g. at 5 p.m. today.",
         [("doctor Smith paid three dollars and fifty cents for example at five PM today.", 0.0)]),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[tuple[str, float]]) -> None:
    assert cut(text) == expected


def test_nothing_to_cut() -> None:
    assert split_segments([]) == []


def test_a_long_first_sentence_is_cut_at_its_first_clause() -> None:
    text = "When the long build had finished, everybody who was still awake at that hour of the night went home, tired."
    first, second = cut(text)
    assert first == ("When the long build had finished,", 0.08)
    assert second[1] == 0.0


def test_a_later_sentence_of_that_length_is_left_whole() -> None:
    text = "When the long build had finished, everybody who was still awake at that hour of the night went home, tired."
    assert len(cut(f"Yes. {text}")) == 2


def test_a_long_first_sentence_without_a_comma_is_cut_before_a_conjunction() -> None:
    text = "the tall man from the old house on the hill walked slowly down the narrow road to the village "
    pieces = cut(text + "because " + text + "and " + text)
    assert all(len(piece) <= 260 for piece, _ in pieces)
    assert pieces[0] == (text.strip(), 0.0)
    assert len(pieces[0][0]) <= 120


def test_a_long_sentence_is_cut_into_even_pieces() -> None:
    clause = "the quick brown fox jumps over the lazy dog once more, "
    lengths = [len(piece) for piece, _ in cut("Yes. " + clause * 8)][1:]
    assert len(lengths) == 2
    assert max(lengths) - min(lengths) < 60


WORDS = st.builds(
    Word,
    st.text("abc", min_size=1, max_size=120),
    st.just(0),
    st.just(1),
    st.sampled_from(["", "", "", "", ",", ";", ".", "..."]),
    st.sampled_from([False, False, False, True]),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(WORDS, max_size=60))
def test_segments_hold_every_word_and_are_bounded(words: list[Word]) -> None:
    pieces = split_segments(words)
    assert [word for piece in pieces for word in piece.words] == words
    assert all(piece.words and len(spoken(piece)) <= 260 for piece in pieces)
    assert all(piece.pause >= 0 for piece in pieces)
    assert not pieces or pieces[-1].pause == 0


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300))
def test_segments_of_any_text_are_bounded(text: str) -> None:
    assert all(len(spoken(piece)) <= 260 for piece in split_segments(normalize(text, "en-US")))
