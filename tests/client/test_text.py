"""Text of terminals: escape sequences, splitting, and floods of lines."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphanumeric_client.text import LineBuffer, pieces, plain


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("\x1b[1;32mok\x1b[0m", "ok"),
        ("\x1b]0;title\x07ok", "ok"),
        ("\x1b]8;;http://localhost\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("10 %\r50 %\rdone\n", "done"),
        ("one\r\ntwo\r\n", "one\ntwo"),
        ("bell\x07, null\x00", "bell, null"),
        ("\x1b]0;never ends", ""),
        ("kept: äöü 日本 🙂", "kept: äöü 日本 🙂"),
    ],
)
def test_terminal_codes_are_removed(raw: str, expected: str) -> None:
    assert plain(raw) == expected


@given(st.text(max_size=300), st.integers(1, 60))
def test_parts_have_every_word_and_a_bounded_length(text: str, limit: int) -> None:
    parts = list(pieces(text, limit))
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_text_is_split_at_sentences() -> None:
    assert list(pieces("One sentence. Another one. And more", 20)) == ["One sentence.", "Another one.", "And more"]


def test_a_flood_is_coalesced() -> None:
    buffer = LineBuffer(keep=2)
    for number in range(242):
        buffer.put(f"line {number}\n")
    assert buffer.take() == "line 0\nline 1\nand 240 more lines."
    buffer.put("single\n")
    buffer.put("\x1b[0m\n")
    assert buffer.take() == "single"


def test_lines_arrive_until_the_end() -> None:
    buffer = LineBuffer(length=20)
    lines = iter(["a" * 50 + "\n", "b\n", "c\n", ""])
    reader = threading.Thread(target=buffer.fill, args=(lambda: next(lines),))
    reader.start()
    reader.join()
    assert buffer.take() == "a" * 20 + "\nand 2 more lines."
    assert buffer.take() is None
