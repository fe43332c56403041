"""Limits of HTTP requests and responses in Daphne, which otherwise buffers a whole body before the application runs."""

import asyncio
import json
from typing import Any, NamedTuple

from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from twisted.internet.protocol import connectionDone
from twisted.web.http import NO_BODY_CODES, RESPONSES, HTTPChannel

from core.limits import registry
from project.server.connection_ledger import CONNECTION_COST, TrafficLimits
from project.server.request_head import refusal, single_slash
from project.server.tcp_options import acknowledged_bytes, limit_unsent_bytes

MAX_BODY_BYTES = registry.MAX_BODY_BYTES.default
"""Bytes: twice the largest form, a text with every byte percent-encoded."""

UPLOAD_PATH = "/documents/extract"
"""The only path that takes larger bodies: files, of the size that the operator allows."""
UPLOAD_S = registry.DOCUMENT_UPLOAD_S.default
"""Seconds in which a file must arrive."""
CHUNK_COST = 2048
"""Bytes charged for each chunk of a chunked body in addition to its size; limits one-byte chunks to 255."""
REQUEST_S = registry.REQUEST_TIMEOUT_S.default
"""Seconds from the first byte of a request in which its headers and body must be complete."""
IDLE_S = registry.HTTP_IDLE_S.default
"""Seconds that a connection may wait for its next request."""
UNREAD_COST = 256 * 1024
"""Bytes charged for a response that the client is not reading: in the transport and in the application."""
UNREAD_S = registry.UNREAD_RESPONSE_S.default
"""Seconds in which the client must read the transport's buffer (128 KB at most), or ``UNREAD_BYTES``."""
UNREAD_BYTES = registry.UNREAD_RESPONSE_BYTES.default

# Twisted has no reason phrases for these.
RESPONSES[426] = b"Upgrade Required"
RESPONSES[429] = b"Too Many Requests"


class _Rejection(NamedTuple):
    """The response to a request that does not reach the application."""

    status: bytes
    code: str
    message: str

    def response(self, *, is_api: bool) -> bytes:
        """Return the bytes of the response: text, or an error in the shape of OpenAI's API, which clients parse."""
        kind, body = b"text/plain", f"{self.message}\n".encode()
        if is_api:
            error = {"message": self.message, "type": "invalid_request_error", "param": None, "code": self.code}
            kind, body = b"application/json", json.dumps({"error": error}).encode()
        return b"\r\n".join(
            (
                b"HTTP/1.1 " + self.status,
                b"Connection: close",
                b"Content-Type: " + kind,
                b"Content-Length: %d" % len(body),
                b"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
                b"X-Content-Type-Options: nosniff",
                b"",
                body,
            )
        )


_TOO_LARGE = _Rejection(
    b"413 Content Too Large",
    "body_too_large",
    f"The request body may have at most {MAX_BODY_BYTES // 1024} KB. Go back and send less.",
)
_FILE_TOO_LARGE = _Rejection(
    b"413 Content Too Large",
    "file_too_large",
    "The file is larger than this server allows. Remove its pictures, or split it.",
)
_AMBIGUOUS = _Rejection(
    b"400 Bad Request", "request_invalid", "The request must state the length of its body exactly once."
)


class _RefusedError(Exception):
    """Stops the parsing of received data after a rejection."""


class LimitedRequest(WebRequest):  # type: ignore[misc]  # daphne ships no types
    """Rejects a body over the limit with 413, by its Content-Length or, if chunked, once it exceeds the limit.

    It answers 400 to ambiguous framing (request smuggling), because Twisted ignores the encoding ``identity`` next to
    another one, and to heads that Daphne or a library behind it misreads. Each rejection closes the connection.
    """

    _received = 0
    _refused = False
    _sent_path = b""
    _most = MAX_BODY_BYTES

    def __init__(self, *args: Any) -> None:
        # Nothing uses Twisted's form parser, which blocks the event loop for 0.7 s per 512 KB.
        super().__init__(*args, parsePOSTFormSubmission=False)

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """Check the framing and the length before the body arrives."""
        self._sent_path = single_slash(self.channel._path).partition(b"?")[0]
        self._chunk_cost = CHUNK_COST if length is None else 0
        self.channel.count_for(self.requestHeaders.getAllRawHeaders())
        encodings = self.requestHeaders.getRawHeaders(b"Transfer-Encoding", [])
        if [encoding.lower() for encoding in encodings] not in ([], [b"chunked"]):
            self._refuse(_AMBIGUOUS)
        elif length is not None and self._is_upload():
            self._most = settings.DOCUMENT_MAX_MB * 2**20
            self.channel.extend_deadline(UPLOAD_S)
            if length > self._most:
                self._refuse(_FILE_TOO_LARGE)
        elif length is not None and length > MAX_BODY_BYTES:
            self._refuse(_TOO_LARGE)
        # Length 0 keeps Twisted from creating a temporary file; the ledger limits the memory of bodies.
        super().gotLength(0)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Count a part of the body, and reject the request once it exceeds the limit."""
        self._received += len(data) + self._chunk_cost
        if self._received > self._most:
            self._refuse(_TOO_LARGE)
        if self._refused:
            raise _RefusedError
        self.channel.count_body(self._received)
        super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """Pass the complete request to Daphne, unless it was rejected or its head is invalid."""
        # Daphne would use it as the scope's root_path, the script prefix for routing.
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        headers = {name.lower(): values for name, values in self.requestHeaders.getAllRawHeaders()}
        path = single_slash(path)
        refused = refusal(command, path, version, headers)
        if refused:
            self._refuse(_Rejection(refused.status, "request_invalid", refused.sentence))
        if not self._refused:
            super().requestReceived(command, path, version)

    def process(self) -> Any:
        """Process the complete request, unless it was rejected."""
        if self._refused:
            return None
        channel, processed = self.channel, super().process()
        if self.transport is None:
            # Daphne has upgraded the connection to a websocket.
            channel.hand_over()
        return processed

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """Send an error response of Daphne's and close the connection: no rate limit applies to these responses."""
        if self.channel is not None:
            self.channel.persistent = False
        super().basic_error(status, status_text, body)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Send a part of the response. After 429, close the connection, which discards pipelined requests."""
        if message.get("status") == 429 and self.channel is not None:
            self.channel.persistent = False
            self.setHeader(b"Connection", b"close")
        if message["type"] == "http.response.start" and self.channel is not None and _is_streamed(message):
            limit_unsent_bytes(self.channel.transport)
        super().handle_reply(message)

    async def writable(self) -> None:
        """Wait until the transport has buffer space for the response."""
        channel = getattr(self, "channel", None)
        if channel is not None:
            await channel.writable()

    def handle_exception(self, exception: BaseException) -> None:
        """Answer 500 after an exception in the application, or abort the connection if the response has begun."""
        if self._response_started:
            self.channel.transport.abortConnection()
        else:
            super().handle_exception(exception)

    def finish(self) -> None:
        """Finish the response; abort the connection if the response is shorter than its Content-Length."""
        lengths = self.responseHeaders.getRawHeaders(b"Content-Length", [])
        has_body = self.method != b"HEAD" and self.code not in NO_BODY_CODES
        transport = self.channel.transport
        short = has_body and any(int(length) > self.sentLength for length in lengths)
        super().finish()
        if short:
            transport.abortConnection()

    def _is_upload(self) -> bool:
        return self._sent_path == f"{settings.URL_PREFIX}{UPLOAD_PATH}".encode()

    def _refuse(self, rejection: _Rejection) -> None:
        if not self._refused:
            self._refused = True
            # Otherwise Twisted would send 100 Continue after the rejection.
            self.requestHeaders.removeHeader(b"Expect")
            is_api = self._sent_path.startswith(f"{settings.URL_PREFIX}/v1/".encode())
            self.channel.transport.write(rejection.response(is_api=is_api))
            self.channel.loseConnection()


def _is_streamed(message: dict[str, Any]) -> bool:
    """Return whether a response is made while it is sent: its length is unknown."""
    return all(name.lower() != b"content-length" for name, _ in message.get("headers", ()))


class BackpressureChannel(HTTPChannel):
    """An HTTP connection with limits, in bytes and seconds, for received requests and unread responses."""

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Register the connection in the ledger."""
        self._writable = asyncio.Event()
        self._writable.set()
        self._body = self._ahead = self._unread = 0
        self._begun = True
        traffic: TrafficLimits = self.factory.traffic
        self._other_end = self.getPeer()  # type: ignore[no-untyped-call]
        self._peer = traffic.client_of(self._other_end, ())
        self.buffered = traffic.ledger.open(self._peer, self._drop)
        self.buffered.reads_on = self._reads_on
        self._acknowledged = 0
        self._clock = traffic.ledger.clock
        self.buffered.reading_until = self._clock() + REQUEST_S
        self._count()
        super().connectionMade()  # type: ignore[no-untyped-call]

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Receive data; the first byte of a request starts its deadline."""
        if not self._begun:
            self._begun = True
            self.buffered.reading_until = self._clock() + REQUEST_S
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Receive a part of a body, or of pipelined requests."""
        if self._handlingRequest:
            self._ahead += len(data)
            self._count()
        try:
            super().rawDataReceived(data)
        except _RefusedError:
            # The rejection has been sent; discard the received data.
            return

    def count_for(self, headers: Any) -> None:
        """Charge the request to the client's address, which its headers contain behind a trusted proxy."""
        traffic: TrafficLimits = self.factory.traffic
        named = [(name, value) for name, values in headers for value in values]
        self.buffered.move(traffic.client_of(self._other_end, named))

    def extend_deadline(self, seconds: float) -> None:
        """Give the client that many seconds for its body."""
        self.buffered.reading_until = self._clock() + seconds

    def count_body(self, size: int) -> None:
        """Set the number of buffered bytes of the body."""
        self._body = size
        self._count()

    def allContentReceived(self) -> None:  # noqa: N802 - Twisted's name
        """End the deadline: the request is complete."""
        self.buffered.reading_until = None
        super().allContentReceived()  # type: ignore[no-untyped-call]

    def requestDone(self, request: Any) -> None:  # noqa: N802 - Twisted's name
        """Release the bytes of the answered request, and start the idle timeout."""
        self._body = self._ahead = 0
        self._begun = False
        self.buffered.move(self._peer)
        self.buffered.reading_until = self._clock() + IDLE_S
        self._count()
        super().requestDone(request)  # type: ignore[no-untyped-call]

    async def writable(self) -> None:
        """Wait until the transport's buffer is empty, or the connection is closed."""
        await self._writable.wait()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Pause: the transport's buffer is full. Starts the client's deadline for reading."""
        super().pauseProducing()  # type: ignore[no-untyped-call]
        self._writable.clear()
        if self._unread == 0:
            self._unread = UNREAD_COST
            self._start_unread()
            self._count()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Resume: the transport's buffer is empty."""
        self._unread = 0
        self.buffered.writing_until = None
        self._count()
        super().resumeProducing()  # type: ignore[no-untyped-call]
        self._writable.set()

    def loseConnection(self) -> None:  # noqa: N802 - Twisted's name
        """Close once the client has read what is in the transport, for which it has as long as for any part."""
        self._start_unread()
        super().loseConnection()  # type: ignore[no-untyped-call]

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """The connection has ended."""
        self.hand_over()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def hand_over(self) -> None:
        """Count no more: the connection has ended, or is a socket's."""
        self.buffered.close()
        self._writable.set()

    def _start_unread(self) -> None:
        self._acknowledged = acknowledged_bytes(self.transport)
        self.buffered.writing_until = self._clock() + UNREAD_S

    def _reads_on(self) -> bool:
        """Extend the deadline of a client on a slow link, which has received ``UNREAD_BYTES`` since it was set."""
        if acknowledged_bytes(self.transport) - self._acknowledged < UNREAD_BYTES:
            return False
        self._start_unread()
        return True

    def _count(self) -> None:
        self.buffered.set_size(CONNECTION_COST + self._body + self._ahead + self._unread)

    def _drop(self) -> None:
        self._writable.set()
        transport: Any = self.transport
        transport.abortConnection()


class LimitedHTTPFactory(HTTPFactory):  # type: ignore[misc]  # daphne ships no types
    """Daphne's factory, with limits for connections and requests; ``traffic`` counts their memory."""

    traffic = TrafficLimits()

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        """Create the protocol of a connection; ``None`` closes it, because its address opens too many."""
        if not self.traffic.accepts(addr):
            return None
        protocol = super().buildProtocol(addr)
        channel, protocol._channel = protocol._channel, BackpressureChannel()  # type: ignore[no-untyped-call]
        for name in ("factory", "callLater", "timeOut"):
            setattr(protocol, name, getattr(channel, name))
        protocol.requestFactory = LimitedRequest
        return protocol
