"""Splitting a long text of the plain form."""

import pytest

from terminal.split_text import first_piece


@pytest.mark.parametrize(
    ("text", "piece", "rest"),
    [
        ("Hello.", "Hello.", ""),
        ("  ", "", ""),
        ("One paragraph.\n\nAnother. And more.", "One paragraph.", "Another. And more."),
        ("A sentence. Another sentence follows.", "A sentence.", "Another sentence follows."),
        ("some words, and others, and more words", "some words, and others,", "and more words"),
        ("words that have no mark at all", "words that have no mark", "at all"),
        ("x" * 30, "x" * 24, "x" * 6),
    ],
)
def test_a_text_is_split_at_the_best_break(text: str, piece: str, rest: str) -> None:
    assert first_piece(text, 24) == (piece, rest)


def test_nothing_is_lost() -> None:
    text = rest = "".join(f"Sentence {n}, with a comma; and so on!\n" for n in range(100))
    pieces = []
    while rest:
        piece, rest = first_piece(rest, 90)
        assert 0 < len(piece) <= 90
        pieces.append(piece)
    assert "".join("".join(pieces).split()) == "".join(text.split())
