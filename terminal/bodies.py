"""Bodies of requests are bounded while they arrive: Daphne takes in all of one before the application hears of it."""

from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.web.http import RESPONSES

from terminal.heads import refusal

LARGEST_BODY = 512 * 1024
"""Bytes: twice the largest form, which is a text with every byte of it encoded."""

# Twisted does not know it, and would call it "Unknown Status".
RESPONSES[429] = b"Too Many Requests"


def _answer(status: bytes, sentence: bytes) -> bytes:
    return b"\r\n".join(
        (
            b"HTTP/1.1 " + status,
            b"Connection: close",
            b"Content-Type: text/plain",
            b"Content-Length: %d" % len(sentence),
            b"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
            b"X-Content-Type-Options: nosniff",
            b"",
            sentence,
        )
    )


_TOO_LARGE = _answer(b"413 Content Too Large", b"At most 512 KB are taken at a time. Go back, and send less.\n")
_AMBIGUOUS = _answer(b"400 Bad Request", b"Where the body ends has to be said once, and plainly.\n")


class BoundedRequest(WebRequest):  # type: ignore[misc]  # daphne ships no types
    """Answers 413 and hangs up, by the announced length at once, without one as soon as it is too much.

    So it does, with 400, where a proxy in front might find another end of the body than Twisted, which passes over the
    encoding ``identity`` beside another one, and where the head is one that Daphne or a library behind it misreads.
    """

    _received = 0
    _refused = False

    def __init__(self, *args: Any) -> None:
        # Twisted would parse forms for nobody: 0.7 s of the event loop for 512 KB, before any limit.
        super().__init__(*args, parsePOSTFormSubmission=False)

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """Before any of the body."""
        encodings = self.requestHeaders.getRawHeaders(b"Transfer-Encoding", [])
        if [encoding.lower() for encoding in encodings] not in ([], [b"chunked"]):
            self._refuse(_AMBIGUOUS)
        elif length is not None and length > LARGEST_BODY:
            self._refuse(_TOO_LARGE)
        # A length of which nothing is kept: what is on its way already goes nowhere.
        super().gotLength(0 if self._refused else length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """A part of the body."""
        self._received += len(data)
        if self._received > LARGEST_BODY:
            self._refuse(_TOO_LARGE)
        elif not self._refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """Hand the whole request to Daphne, if it was not refused and its head is right."""
        # Daphne would make it the scope's root_path, by which Django and Channels find what is at an address.
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        headers = {name.lower(): values for name, values in self.requestHeaders.getAllRawHeaders()}
        refused = refusal(command, path, version, headers)
        if refused:
            self._refuse(_answer(refused.status, refused.sentence.encode() + b"\n"))
        if not self._refused:
            super().requestReceived(command, path, version)

    def _refuse(self, answer: bytes) -> None:
        if not self._refused:
            self._refused = True
            # Else whoever waits to be told to go on would be told so after the refusal.
            self.requestHeaders.removeHeader(b"Expect")
            self.channel.transport.write(answer)
            self.channel.transport.loseConnection()


class BoundedFactory(HTTPFactory):  # type: ignore[misc]  # daphne ships no types
    """Daphne's own, with bounded requests."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        """The protocol of a connection."""
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol
