"""Bodies of requests are bounded while they arrive: Daphne takes in all of one before the application hears of it."""

import asyncio
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.protocol import connectionDone
from twisted.web.http import NO_BODY_CODES, RESPONSES, HTTPChannel

from project.server.connection_ledger import CONNECTION_COST, Traffic
from project.server.request_head import refusal

MAX_BODY_BYTES = 512 * 1024
"""Bytes: twice the largest form, which is a text with every byte of it encoded."""

CHUNK_COST = 2048
"""Bytes that each piece of a chunked body counts for besides its own: 255 one-byte chunks, milliseconds of parsing."""
REQUEST_S = 30.0
"""Seconds in which a request must be complete, header and body, from its first byte on."""
IDLE_S = 60.0
"""Seconds that a connection may wait for its next request."""
UNREAD_COST = 256 * 1024
"""Bytes that an answer which is not being read counts for: its parts in the transport, and what the application has."""
UNREAD_S = 30.0
"""Seconds in which what is in the transport (128 KB at most) must be read."""

# Twisted does not know it, and would call it "Unknown Status".
RESPONSES[429] = b"Too Many Requests"


def _response(status: bytes, sentence: bytes) -> bytes:
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


_TOO_LARGE = _response(b"413 Content Too Large", b"At most 512 KB are taken at a time. Go back, and send less.\n")
_AMBIGUOUS = _response(b"400 Bad Request", b"Where the body ends has to be said once, and plainly.\n")


class _RefusedError(Exception):
    """Ends the parsing of what was received."""


class LimitedRequest(WebRequest):  # type: ignore[misc]  # daphne ships no types
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
        self._chunk_cost = CHUNK_COST if length is None else 0
        self.channel.count_for(self.requestHeaders.getAllRawHeaders())
        encodings = self.requestHeaders.getRawHeaders(b"Transfer-Encoding", [])
        if [encoding.lower() for encoding in encodings] not in ([], [b"chunked"]):
            self._refuse(_AMBIGUOUS)
        elif length is not None and length > MAX_BODY_BYTES:
            self._refuse(_TOO_LARGE)
        # Whatever the length, Twisted need not make a file for it: the ledger bounds the memory that bodies take.
        super().gotLength(0)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """A part of the body."""
        self._received += len(data) + self._chunk_cost
        if self._received > MAX_BODY_BYTES:
            self._refuse(_TOO_LARGE)
        if self._refused:
            raise _RefusedError
        self.channel.count_body(self._received)
        super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """Hand the whole request to Daphne, if it was not refused and its head is right."""
        # Daphne would make it the scope's root_path, by which Django and Channels find what is at an address.
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        headers = {name.lower(): values for name, values in self.requestHeaders.getAllRawHeaders()}
        refused = refusal(command, path, version, headers)
        if refused:
            self._refuse(_response(refused.status, refused.sentence.encode() + b"\n"))
        if not self._refused:
            super().requestReceived(command, path, version)

    def process(self) -> Any:
        """The whole request, if it was not refused."""
        if self._refused:
            return None
        channel, processed = self.channel, super().process()
        if self.transport is None:
            # Daphne has handed it to a socket.
            channel.hand_over()
        return processed

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """An answer of the server's own, at which no application is asked, nor a limit: one to a connection."""
        if self.channel is not None:
            self.channel.persistent = False
        super().basic_error(status, status_text, body)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """What the application sends; after 429 the connection ends, with all requests that were sent ahead on it."""
        if message.get("status") == 429 and self.channel is not None:
            self.channel.persistent = False
            self.setHeader(b"Connection", b"close")
        super().handle_reply(message)

    async def writable(self) -> None:
        """Wait until more of the answer may be written."""
        channel = getattr(self, "channel", None)
        if channel is not None:
            await channel.writable()

    def handle_exception(self, exception: BaseException) -> None:
        """The application failed: the client is told with 500, or, in the midst of an answer, by its abrupt end."""
        if self._response_started:
            self.channel.transport.abortConnection()
        else:
            super().handle_exception(exception)

    def finish(self) -> None:
        """The answer is complete, or has ended before the length that was announced: then so does the connection."""
        lengths = self.responseHeaders.getRawHeaders(b"Content-Length", [])
        has_body = self.method != b"HEAD" and self.code not in NO_BODY_CODES
        transport = self.channel.transport
        short = has_body and any(int(length) > self.sentLength for length in lengths)
        super().finish()
        if short:
            transport.abortConnection()

    def _refuse(self, answer: bytes) -> None:
        if not self._refused:
            self._refused = True
            # Else whoever waits to be told to go on would be told so after the refusal.
            self.requestHeaders.removeHeader(b"Expect")
            self.channel.transport.write(answer)
            self.channel.loseConnection()


class BoundedChannel(HTTPChannel):
    """A connection with bounds for what the client sends and what it does not read, in bytes and in time."""

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Count the connection."""
        self._writable = asyncio.Event()
        self._writable.set()
        self._body = self._ahead = self._unread = 0
        self._begun = True
        traffic: Traffic = self.factory.traffic
        self._other_end = self.getPeer()  # type: ignore[no-untyped-call]
        self._peer = traffic.client_of(self._other_end, ())
        self.holding = traffic.ledger.open(self._peer, self._drop)
        self._clock = traffic.ledger.clock
        self.holding.reading_until = self._clock() + REQUEST_S
        self._count()
        super().connectionMade()  # type: ignore[no-untyped-call]

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """The client sent something: the first of a request begins its time."""
        if not self._begun:
            self._begun = True
            self.holding.reading_until = self._clock() + REQUEST_S
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """A part of a body, or of requests that are sent ahead."""
        if self._handlingRequest:
            self._ahead += len(data)
            self._count()
        try:
            super().rawDataReceived(data)
        except _RefusedError:
            # The answer is on its way, and what was received beside it goes nowhere.
            return

    def count_for(self, headers: Any) -> None:
        """The headers of a request are there: behind a proxy they say for whom it counts."""
        traffic: Traffic = self.factory.traffic
        named = [(name, value) for name, values in headers for value in values]
        self.holding.move(traffic.client_of(self._other_end, named))

    def count_body(self, size: int) -> None:
        """So much of a body is there."""
        self._body = size
        self._count()

    def allContentReceived(self) -> None:  # noqa: N802 - Twisted's name
        """A request is complete."""
        self.holding.reading_until = None
        super().allContentReceived()  # type: ignore[no-untyped-call]

    def requestDone(self, request: Any) -> None:  # noqa: N802 - Twisted's name
        """A request is answered, and the next one may come."""
        self._body = self._ahead = 0
        self._begun = False
        self.holding.move(self._peer)
        self.holding.reading_until = self._clock() + IDLE_S
        self._count()
        super().requestDone(request)  # type: ignore[no-untyped-call]

    async def writable(self) -> None:
        """Wait until the transport has passed on what was written, or the connection has ended."""
        await self._writable.wait()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The transport is full."""
        super().pauseProducing()  # type: ignore[no-untyped-call]
        self._writable.clear()
        if self._unread == 0:
            self._unread = UNREAD_COST
            self.holding.writing_until = self._clock() + UNREAD_S
            self._count()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The transport is empty again."""
        self._unread = 0
        self.holding.writing_until = None
        self._count()
        super().resumeProducing()  # type: ignore[no-untyped-call]
        self._writable.set()

    def loseConnection(self) -> None:  # noqa: N802 - Twisted's name
        """Close once the client has read what is in the transport, for which it has as long as for any part."""
        self.holding.writing_until = self._clock() + UNREAD_S
        super().loseConnection()  # type: ignore[no-untyped-call]

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """The connection has ended."""
        self.hand_over()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def hand_over(self) -> None:
        """Count no more: the connection has ended, or is a socket's."""
        self.holding.close()
        self._writable.set()

    def _count(self) -> None:
        self.holding.hold(CONNECTION_COST + self._body + self._ahead + self._unread)

    def _drop(self) -> None:
        self._writable.set()
        transport: Any = self.transport
        transport.abortConnection()


class LimitedHTTPFactory(HTTPFactory):  # type: ignore[misc]  # daphne ships no types
    """Daphne's own, with bounded connections and requests; ``traffic`` counts what they cost."""

    traffic = Traffic()

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        """The protocol of a connection."""
        protocol = super().buildProtocol(addr)
        channel, protocol._channel = protocol._channel, BoundedChannel()  # type: ignore[no-untyped-call]
        for name in ("factory", "callLater", "timeOut"):
            setattr(protocol, name, getattr(channel, name))
        protocol.requestFactory = LimitedRequest
        return protocol
