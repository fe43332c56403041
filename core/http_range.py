"""Byte ranges (RFC 9110, section 14): Safari plays no audio from a server that does not know them."""

import re
from collections.abc import AsyncIterator, Callable

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


Parts = Callable[[int, int], AsyncIterator[bytes]]
"""The bytes from the first to the last of these positions, both included, a part at a time."""


def range_response(size: int, parts: Parts, content_type: str, asked: str | None) -> HttpResponseBase:
    """All ``size`` bytes, or the one range that the header ``asked`` for; 416 where that lies beyond the end.

    They are streamed: an answer that waits for its reader holds one part and no copy of the range.
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
    """First and last byte; ``None`` for what is not one plain range, which may be answered whole."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or asked.strip() == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else (size, size)
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last or size), size - 1)
