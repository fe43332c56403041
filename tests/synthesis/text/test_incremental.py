"""Tests that text in pieces is cut only where each part is read as in the whole text."""

import random

import pytest

from synthesis.text import incremental
from synthesis.text.incremental import LONGEST, IncrementalText
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import pause_after
from synthesis.text.word import Word

TEXTS = [
    "It cost $5.3 billion. That is 25 °C, or so. **Bold words.** Then `code`, too.",
    "Dr. Smith came at 5 p.m. on May 5, 2024, and left. Why? Nobody knows!",
    "First, I would like to say that this is long, and then, after a while, it ends. 1,000,000 people, more or less.",
    "Version 2.0.1 is out. See https://example.com/a.b?c=d for details... Or not.",
    'She said: "Go." Then he went. (Really.) And so on, etc. and so forth.',
    "A list:\n\n1. One thing.\n2. Another thing.\n\nThe end.",
]


def spoken(text: str) -> list[str]:
    return " ".join(word.spoken for word in normalize(text, "en-US")).split()


def cut(pieces: list[str]) -> list[str]:
    text = IncrementalText("en-US")
    parts = [part for piece in pieces for part in text.append(piece)]
    return [part.text for part in [*parts, *text.flush()]]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("text", TEXTS)
def test_parts_are_read_as_in_the_whole_text(text: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same cuts in each run
    pieces, at = [], 0
    while at < len(text):
        length = chance.choice([1, 1, 2, 3, 5, 8])
        pieces.append(text[at : at + length])
        at += length
    parts = cut(pieces)
    assert "".join(parts) == text
    assert [word for part in parts for word in spoken(part)] == spoken(text)


@pytest.mark.parametrize(
    ("pieces", "parts"),
    [
        (["Hello, alice.", " How"], ["Hello, alice. ", "How"]),
        (["It is $5", ".3 billion."], ["It is $5.3 billion."]),
        (["It has 25 °", "C today. ", "Warm."], ["It has 25 °C today. ", "Warm."]),
        (["This is **bo", "ld. Really**. ", "Yes."], ["This is **bold. Really**. ", "Yes."]),
        (["Dr.", " Smith", " came. ", "He"], ["Dr. Smith came. ", "He"]),
        (["One. Two. Three. F"], ["One. Two. Three. ", "F"]),
    ],
)
def test_where_parts_end(pieces: list[str], parts: list[str]) -> None:
    assert cut(pieces) == parts


def test_a_long_clause_is_spoken_before_the_sentence_ends() -> None:
    text = IncrementalText("en-US")
    (part,) = text.append("The quick brown fox jumps over the lazy dog, and")
    assert part.text == "The quick brown fox jumps over the lazy dog, "
    assert text.append(" then it") == []


def test_buffered_text_is_bounded() -> None:
    text = IncrementalText("en-US")
    for _ in range(1000):
        text.append("word ")
        assert text.held <= LONGEST + 5
    assert max(len(part.text) for part in text.append("word. Word " * 2000)) <= LONGEST


@pytest.mark.parametrize(
    ("pieces", "parts"),
    [
        (["<th", "ink>Hmm. Let", " me see.</think>Hello. ", "Bob"], [" Hello. ", "Bob"]),
        (["Hello. <think>never"], ["Hello. "]),
        (["3 < 4. ", "Yes."], ["3 < 4. ", "Yes."]),
    ],
)
def test_think_blocks_are_not_spoken(pieces: list[str], parts: list[str]) -> None:
    assert cut(pieces) == parts


def test_an_unfinished_thought_is_not_held() -> None:
    text = IncrementalText("en-US")
    for _ in range(200):
        assert text.append("<think>" * 100 + "</thin") == []
        assert text.held < 20
    assert [part.text for part in text.append("k> Hello, alice. How")] == ["  Hello, alice. "]


def test_the_text_is_normalized_once_for_all_possible_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    normalized: list[str] = []

    def count(text: str, language: str) -> list[Word]:
        normalized.append(text)
        return normalize(text, language)

    monkeypatch.setattr(incremental, "normalize", count)
    parts = IncrementalText("en-US").append("Mr. " * 100)
    assert len(normalized) == len(parts) + 1


def test_pauses_are_those_of_the_whole_text() -> None:
    text = "One sentence. A question? New.\n\nA paragraph. End."
    words = normalize(text, "en-US")
    pieces = IncrementalText("en-US", longest=20)
    parts = [*pieces.append(text), *pieces.flush()]
    ends = {word.end: pause_after(word) for word in words}
    at = 0
    for part in parts[:-1]:
        at += len(part.text)
        assert part.pause_s == ends[len(text[:at].rstrip())]
    assert {part.pause_s for part in parts[:-1]} == {0.25, 0.55}
