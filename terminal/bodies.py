"""Bodies of requests are bounded while they arrive: Daphne takes in all of one before the application hears of it."""

from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest

LARGEST_BODY = 512 * 1024
"""Bytes: twice the largest form, which is a text with every byte of it encoded."""
HEADERS_LARGEST = 64 * 1024
"""Bytes of one line of a request and of all its headers."""

_TOO_LARGE = (
    b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 27\r\n\r\n"
    b"That is more than we take.\n"
)


class BoundedRequest(WebRequest):  # type: ignore[misc]  # daphne ships no types
    """Answers 413 and hangs up, by the announced length at once, without one as soon as it is too much."""

    _received = 0
    _refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """Before any of the body."""
        if length is not None and length > LARGEST_BODY:
            self._refuse()
            # A length of which nothing is kept: what is on its way already goes nowhere.
            length = 0
        super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """A part of the body."""
        self._received += len(data)
        if self._received > LARGEST_BODY:
            self._refuse()
        elif not self._refused:
            super().handleContentChunk(data)

    def process(self) -> Any:
        """The whole request, if it was not refused."""
        return None if self._refused else super().process()

    def _refuse(self) -> None:
        if not self._refused:
            self._refused = True
            self.channel.transport.write(_TOO_LARGE)
            self.channel.transport.loseConnection()


class BoundedFactory(HTTPFactory):  # type: ignore[misc]  # daphne ships no types
    """Daphne's own, with bounded requests."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        """The protocol of a connection."""
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        protocol.totalHeadersSize = HEADERS_LARGEST
        return protocol
