"""HTTP byte ranges (RFC 9110, section 14), without which Safari plays no audio."""

import re
from collections.abc import AsyncIterator, Callable

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


Parts = Callable[[int, int], AsyncIterator[bytes]]
"""Yields the bytes from the first to the last position, both inclusive, in chunks."""


def range_response(size: int, parts: Parts, content_type: str, asked: str | None) -> HttpResponseBase:
    """Return all ``size`` bytes, or the range in the Range header ``asked``; 416 if it is not satisfiable.

    The body is streamed: a response that waits for a slow client holds one chunk in memory, not a
    copy of the range.
    """
    span = _parse_range(asked, size) if asked else None
    first, last = span or (0, size - 1)
    response: HttpResponseBase
    if first >= size:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        response = StreamingHttpResponse(parts(first, last), content_type=content_type, status=206 if span else 200)
        response["Content-Length"] = str(last + 1 - first)
        if span:
            response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Accept-Ranges"] = "bytes"
    return response


def _parse_range(asked: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte, or ``None`` for a header that is not a single range, which may be ignored."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or asked.strip() == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else (size, size)
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last or size), size - 1)
