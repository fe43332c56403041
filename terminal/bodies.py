"""Bodies of requests are bounded while they arrive: Daphne takes in all of one before the application hears of it."""

from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest

LARGEST_BODY = 512 * 1024
"""Bytes: twice the largest form, which is a text with every byte of it encoded."""

_TOO_LARGE = (
    b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 27\r\n\r\n"
    b"That is more than we take.\n"
)
_CODINGS: tuple[list[bytes], ...] = ([], [b"chunked"])
_UNCLEAR = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class BoundedRequest(WebRequest):  # type: ignore[misc]  # daphne ships no types
    """Answers 413 and hangs up, by the announced length at once, without one as soon as it is too much.

    And 400 where a proxy before us may have found another end of the body than Twisted does.
    """

    _received = 0
    _refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """Before any of the body."""
        # Twisted passes over "identity", beside whatever else is there.
        if [coding.lower() for coding in self.requestHeaders.getRawHeaders(b"transfer-encoding", [])] not in _CODINGS:
            self._refuse(_UNCLEAR)
            length = 0
        elif length is not None and length > LARGEST_BODY:
            self._refuse(_TOO_LARGE)
            # A length of which nothing is kept: what is on its way already goes nowhere.
            length = 0
        super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """A part of the body."""
        self._received += len(data)
        if self._received > LARGEST_BODY:
            self._refuse(_TOO_LARGE)
        elif not self._refused:
            super().handleContentChunk(data)

    def process(self) -> Any:
        """The whole request, if it was not refused."""
        return None if self._refused else super().process()

    def _refuse(self, answer: bytes) -> None:
        if not self._refused:
            self._refused = True
            self.channel.transport.write(answer)
            self.channel.transport.loseConnection()


class BoundedFactory(HTTPFactory):  # type: ignore[misc]  # daphne ships no types
    """Daphne's own, with bounded requests."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        """The protocol of a connection."""
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol
