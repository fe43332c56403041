"""Byte ranges (RFC 9110, section 14): Safari plays no audio from a server that does not know them."""

import re

from django.http import HttpResponse

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def ranged(content: bytes, content_type: str, asked: str | None) -> HttpResponse:
    """``content`` whole, or the one range of it that the header ``asked`` for; 416 where that lies beyond the end."""
    size = len(content)
    span = _span(asked, size) if asked else None
    if span is None:
        response = HttpResponse(content, content_type=content_type)
    elif span[0] >= size:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        first, last = span
        response = HttpResponse(content[first : last + 1], content_type=content_type, status=206)
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Accept-Ranges"] = "bytes"
    return response


def _span(asked: str, size: int) -> tuple[int, int] | None:
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
