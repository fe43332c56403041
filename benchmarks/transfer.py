"""Measures the bytes on the wire of one HTTP response."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.report import NotMeasuredError

ACCEPTED = "gzip, deflate, br"
"""What browsers accept from secure origins and from this machine; over other plain HTTP, they do not accept brotli."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """The response of one URL."""

    url: str
    header_bytes: int
    body_bytes: int


def transfer(url: str) -> Transfer:
    """Fetch ``url`` as a browser would, without decompression. Raises ``NotMeasuredError``."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Accept-Encoding": ACCEPTED})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise NotMeasuredError(f"{parts.path} returned {answer.status}")
    return Transfer(url, _header_bytes(answer), len(body))


def _header_bytes(answer: http.client.HTTPResponse) -> int:
    """Return the bytes of the status line, the headers and an empty line, each ended with CR LF."""
    headers = [f"{name}: {value}" for name, value in answer.getheaders()]
    return sum(len(line) + 2 for line in (f"HTTP/1.1 {answer.status} {answer.reason}", *headers, ""))
