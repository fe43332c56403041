"""Validation of the request line and headers, before Daphne, Autobahn, Channels and Django parse them.

Each of these libraries decodes some headers itself. It answers an undecodable header with 500 and a traceback in the
log, before any rate limit. Of a duplicate header, two libraries may use different values (request smuggling).
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.http import parse_header_parameters

from core.api.dialects import PATHS

METHODS = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"))
"""Methods are case-sensitive (RFC 9110, section 9.1); Django would treat ``post`` as ``POST``."""
SINGLE = frozenset(
    (
        *(b"host", b"origin", b"referer", b"sec-fetch-site", b"authorization", b"x-csrftoken", b"content-type"),
        *(b"content-length", b"expect", b"range", b"upgrade", b"sec-websocket-key", b"sec-websocket-version"),
    )
)
"""Headers that influence processing and are not lists in any specification: duplicates are ambiguous."""
ASCII = SINGLE | {b"connection", b"transfer-encoding", b"sec-websocket-protocol", b"sec-websocket-extensions"}
"""Headers that a library decodes. Others may contain any bytes: browsers send UTF-8 in cookies."""
CHARSETS = frozenset(("utf-8", "utf8", "us-ascii"))
LONGEST_CONTENT_TYPE = 256
"""Bytes. Parsing takes quadratic time: 50 ms for 16 KB."""

_PRINTABLE = frozenset(range(0x20, 0x7F))


_BEFORE_API = re.compile(
    b"/{2,}(?=(?:v1%s)(?:[/?]|$))" % b"".join(b"|" + re.escape(path[1:].encode()) for path in PATHS)
)
"""The slashes before an address of the API, if there are several."""


class Refusal(NamedTuple):
    """The response to a rejected request."""

    status: bytes
    """The code and the reason phrase of the status line."""
    sentence: str


def single_slash(target: bytes) -> bytes:
    """Return the target of an API request with one slash at its beginning; return other targets unchanged.

    Clients join a base URL that ends with a slash and a path that begins with one.
    """
    found = _BEFORE_API.match(target)
    return b"/" + target[found.end() :] if found else target


def refusal(method: bytes, target: bytes, version: bytes, headers: Mapping[bytes, Sequence[bytes]]) -> Refusal | None:
    """Return the response that rejects the request, or ``None`` if it is valid. ``headers`` has lower-case names."""
    if method not in METHODS:
        return Refusal(b"501 Not Implemented", "The server does not support this method.")
    sentence = _target_fault(target) or _header_fault(version, headers)
    if sentence is None and b"websocket" in b",".join(headers.get(b"upgrade", ())).lower():
        sentence = _handshake_fault(method, version, headers)
    return Refusal(b"400 Bad Request", sentence) if sentence else None


def _target_fault(target: bytes) -> str | None:
    # Autobahn parses the path of "http://a/b" and of "//a/b" as "/b"; Daphne and proxies do not.
    if not target.startswith(b"/") or target.startswith(b"//") or not _PRINTABLE.issuperset(target):
        return "The request target must be a path that begins with one slash."
    return None


def _header_fault(version: bytes, headers: Mapping[bytes, Sequence[bytes]]) -> str | None:
    for name in SINGLE:
        if len(headers.get(name, ())) > 1:
            return f"The header {name.decode()} occurs more than once."
    for name in ASCII:
        if not all(_PRINTABLE.issuperset(value) for value in headers.get(name, ())):
            return f"The header {name.decode()} must be ASCII."
    if version == b"HTTP/1.1" and b"host" not in headers:
        return "The header host is missing."
    if not all(_is_content_type(value) for value in headers.get(b"content-type", ())):
        return "The header content-type must be a media type; its charset, if any, must be UTF-8."
    return None


def _is_content_type(value: bytes) -> bool:
    """Return whether Django can parse the header and decode the body with its charset."""
    if len(value) > LONGEST_CONTENT_TYPE:
        return False
    try:
        _, parameters = parse_header_parameters(value.decode("ascii"))
    except (ValueError, LookupError):
        return False
    return all(text.lower() in CHARSETS for name, text in parameters.items() if name.lower() == "charset")


def _handshake_fault(method: bytes, version: bytes, headers: Mapping[bytes, Sequence[bytes]]) -> str | None:
    # Daphne passes every handshake to Autobahn as HTTP/1.1, and its body as the first frames.
    has_body = b"transfer-encoding" in headers or any(value != b"0" for value in headers.get(b"content-length", ()))
    if method != b"GET" or version != b"HTTP/1.1" or has_body:
        return "A WebSocket handshake must be an HTTP/1.1 GET request without a body."
    return None
