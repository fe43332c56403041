"""Byte ranges."""

from collections.abc import AsyncIterator

import pytest
from django.http import HttpResponseBase, StreamingHttpResponse
from hypothesis import given
from hypothesis import strategies as st

from core.web.http_range import range_response

TEN = b"0123456789"


async def parts(first: int, last: int) -> AsyncIterator[bytes]:
    for position in range(first, last + 1):
        yield TEN[position : position + 1]


async def whole(response: HttpResponseBase) -> bytes:
    if not isinstance(response, StreamingHttpResponse):
        return response.content  # type: ignore[attr-defined, no-any-return]
    return b"".join([part async for part in aiter(response)])


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
async def test_range_headers(asked: str | None, status: int, body: bytes, content_range: str | None) -> None:
    response = range_response(len(TEN), parts, "audio/wav", asked)
    got = await whole(response)
    assert (response.status_code, got, response.headers.get("Content-Range")) == (status, body, content_range)
    assert response.headers.get("Content-Length", "0") == str(len(body))
    assert response["Accept-Ranges"] == "bytes"


@given(st.text())
def test_any_header_gets_a_response(asked: str) -> None:
    assert range_response(len(TEN), parts, "audio/wav", asked).status_code in (200, 206, 416)
