"""Byte ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.ranges import ranged

TEN = b"0123456789"


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        (None, 200, TEN, None),
        ("bytes=0-1", 206, b"01", "bytes 0-1/10"),
        ("bytes=3-", 206, b"3456789", "bytes 3-9/10"),
        ("bytes=-4", 206, b"6789", "bytes 6-9/10"),
        ("bytes=-40", 206, TEN, "bytes 0-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, TEN, None),
        ("bytes=0-1,4-5", 200, TEN, None),
        ("bytes=-", 200, TEN, None),
        ("lines=1-2", 200, TEN, None),
    ],
)
def test_ranges(asked: str | None, status: int, body: bytes, content_range: str | None) -> None:
    response = ranged(TEN, "audio/wav", asked)
    assert (response.status_code, response.content, response.get("Content-Range")) == (status, body, content_range)
    assert response["Accept-Ranges"] == "bytes"


@given(st.text())
def test_any_header_is_answered(asked: str) -> None:
    assert ranged(TEN, "audio/wav", asked).status_code in (200, 206, 416)
