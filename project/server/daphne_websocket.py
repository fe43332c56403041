"""Limits of websockets in Daphne: receive queue, send buffer, frame rate and idle timeout.

Daphne queues received messages until the consumer handles them, and buffers sent data until the client reads it. Both
are unbounded, so a client could exhaust the server's memory (denial of service).

Frames that never reach the application (pings, pongs, fragments) also cost CPU time, and one read of the transport can
contain ten thousand of them. They are counted by socket and by address as Autobahn parses them.
"""

import asyncio
import struct
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet.tcp import Connection

from core.close_codes import GOING_AWAY, IDLE_TIMEOUT, POLICY_VIOLATION
from core.limits import registry
from project.server.connection_ledger import BufferedConnection, TrafficLimits

REASONS = {GOING_AWAY: b"The server stops or restarts. Reconnect in 1 s."}
"""Reasons in close frames, for the developers of clients."""
NORMAL_CLOSURE, FIRST_APPLICATION_CODE = 1000, 3000
IDLE_TIMEOUT_S = registry.IDLE_TIMEOUT_S.default
"""Seconds without a message before the server closes the socket. The page sends a ping four times a minute."""
MAX_SEND_BUFFER_BYTES = registry.MAX_SEND_BUFFER_BYTES.default
"""Unread bytes per socket: twice the audio that is sent ahead, plus a list of themes."""
MAX_RECEIVE_QUEUE_BYTES = registry.MAX_RECEIVE_QUEUE_BYTES.default
FRAME_OVERHEAD_BYTES = 16 * 1024
"""Bytes charged per queued message in addition to its size. The queue holds 300 to 640 messages, by size."""
FRAMES_PER_SECOND = registry.FRAMES_PER_SECOND.default
FRAME_BURST = registry.FRAME_BURST.default
"""Token bucket of frames per socket, control frames and fragments included; larger than the limit of messages."""
_TEXT, _BINARY = 0x81, 0x82
"""First bytes of complete frames (RFC 6455, section 5.2)."""
_SHORT, _LONG = 126, 0x10000
"""Payloads from these sizes on have a length of 16 bits, and of 64 bits."""
FRAMES_PER_TURN = 32
"""Frames parsed before yielding to the event loop: less than a millisecond of work."""


class _SendBuffer:
    """Counts bytes sent while the transport's buffer is full; Twisted calls it when the buffer fills or empties."""

    full = False
    size = 0

    def __init__(self, buffered: BufferedConnection) -> None:
        self.buffered = buffered

    def add(self, size: int) -> None:
        """Count sent bytes that the transport has to buffer."""
        if self.full:
            self.size += size
            self.buffered.set_size(self.size)

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.full = True

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.full, self.size = False, 0
        self.buffered.set_size(0)

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Do nothing: ``onClose`` handles a lost connection."""


class LimitedWebSocketProtocol(WebSocketProtocol):  # type: ignore[misc]  # daphne ships no types
    """Drops clients that flood or do not read, and closes idle sockets with a close handshake."""

    CONFIG_ATTRS: Sequence[str] = ()
    """Options that Autobahn copies from the factory: none, ``connectionMade`` copies them.

    Autobahn also formats them for its log, at any log level, which takes a fifth of a handshake's time.
    """
    clock: Callable[[], float] = staticmethod(time.monotonic)
    _queued_bytes = 0
    _flooded = False
    _parsed = 0
    _turn: asyncio.TimerHandle | None = None

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Initialize the options and counters when the handshake begins."""
        for name in WebSocketProtocol.CONFIG_ATTRS:
            setattr(self, name, getattr(self.factory, name))
        self._last_message_at = self._counted_at = self.clock()
        self._frames = FRAME_BURST
        self._send_buffer = _SendBuffer(self.factory.traffic.ledger.open(None, self._drop))
        super().connectionMade()

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:  # noqa: N802, N803 - Autobahn's names
        """Reject with the standard reason phrase: Autobahn's contains client data or a Python error."""
        phrase = reason if code == HTTPStatus.FORBIDDEN else HTTPStatus(code).phrase
        super().failHandshake(phrase, code, responseHeaders)

    def onOpen(self) -> None:  # noqa: N802 - Autobahn's name
        """Register the send buffer and the client's address after the handshake."""
        # Replaces the HTTP channel as the transport's producer.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self._send_buffer, streaming=True)
        self._address = self.factory.traffic.client_of(self.transport.getPeer(), self.clean_headers)
        self._send_buffer.buffered.move(self._address)
        super().onOpen()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Parse received data.

        Autobahn's own method first formats a message in terminal colors for its log, at any log level; so does its
        ``sendData``. That takes a third of the time of a short message.
        """
        self._dataReceived(data)

    def consumeData(self) -> None:  # noqa: N802 - Autobahn's name
        """Parse received data, at most ``FRAMES_PER_TURN`` frames per iteration of the event loop.

        While frames remain, or the address exceeds its frame rate, the transport stops reading (backpressure).
        """
        if self.state not in (self.STATE_OPEN, self.STATE_CLOSING):
            super().consumeData()
        elif self._turn is None:
            self._parse()

    def _parse(self) -> None:
        self._turn = None
        # Charges the previous iteration, because the number of frames is known only at its end.
        delay = self.factory.traffic.delay_frames(self._address, self._parsed)
        goes_on = not self._flooded
        if not delay:
            self._parsed = 0
            while goes_on and self._parsed < FRAMES_PER_TURN:
                goes_on = self.processData() and self.state != self.STATE_CLOSED and not self._flooded
        if self._flooded or self.state == self.STATE_CLOSED:
            return
        if goes_on:
            self.transport.pauseProducing()
            self._turn = asyncio.get_running_loop().call_later(delay, self._parse)
        else:
            self.transport.resumeProducing()

    def onFrameBegin(self) -> None:  # noqa: N802 - Autobahn's name
        """Count a frame of any kind, after its header was parsed."""
        self._parsed += 1
        now = self.clock()
        self._frames = min(FRAME_BURST, self._frames + (now - self._counted_at) * FRAMES_PER_SECOND) - 1
        self._counted_at = now
        super().onFrameBegin()
        if self._frames < 0:
            self._close_flood()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803, FBT001 - Autobahn's names
        """Queue a message for the application, or close the socket if the queue is full."""
        self._last_message_at = self.clock()
        if self.application_queue.empty():
            self._queued_bytes = 0
        self._queued_bytes += len(payload) + FRAME_OVERHEAD_BYTES
        if self._queued_bytes > MAX_RECEIVE_QUEUE_BYTES:
            self._close_flood()
            return
        super().onMessage(payload, isBinary)

    def _close_flood(self) -> None:
        """Close with ``POLICY_VIOLATION`` and stop reading; Autobahn drops the connection one second later."""
        if self._flooded:
            return
        self._flooded = True
        self.data = b""
        # Discard queued messages.
        while not self.application_queue.empty():
            self.application_queue.get_nowait()
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=POLICY_VIOLATION)
            self.transport.pauseProducing()
        else:
            self.dropConnection(abort=True)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803, FBT001 - Autobahn's names
        """Release the send buffer, and pass the close code to the application."""
        self._send_buffer.buffered.close()
        super().onClose(wasClean, POLICY_VIOLATION if self._flooded else code, reason)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802, FBT001, FBT002 - Autobahn's names
        """Send a frame (a message or a pong), and drop the connection if too many bytes are unread."""
        if sync or chopsize or self.send_queue:
            super().sendData(data, sync, chopsize)
        else:
            # Not through Autobahn's method: see dataReceived.
            _write(self.transport, data)
        self._send_buffer.add(len(data))
        if self._send_buffer.size > MAX_SEND_BUFFER_BYTES:
            self._drop()

    def serverSend(self, content: bytes | str, binary: bool = False) -> None:  # noqa: N802, FBT001, FBT002 - Daphne's name
        """Send a message as one frame. Autobahn's own methods also log, count, mask and split, in three calls."""
        payload = content.encode() if isinstance(content, str) else content
        size = len(payload)
        if self.state != self.STATE_OPEN or self._perMessageCompress is not None or size >= _LONG:
            super().serverSend(content, binary)
            return
        kind = _BINARY if binary else _TEXT
        head = struct.pack("!BB", kind, size) if size < _SHORT else struct.pack("!BBH", kind, _SHORT, size)
        self.sendData(head + payload)

    def _drop(self) -> None:
        self.dropConnection(abort=True)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - Daphne's name
        """Close with ``code``. Also sends codes below 3000 (RFC 6455, section 7.4.1), which Autobahn reserves."""
        if code is None or code == NORMAL_CLOSURE or code >= FIRST_APPLICATION_CODE:
            super().serverClose(code)
        else:
            self.sendCloseFrame(code=code, reasonUtf8=REASONS.get(code))

    def check_timeouts(self) -> None:
        """Close an idle socket. Daphne calls this every two seconds, so sockets need no timers."""
        super().check_timeouts()
        if self.state == self.STATE_OPEN and self.clock() - self._last_message_at > IDLE_TIMEOUT_S:
            self.serverClose(code=IDLE_TIMEOUT)


def _write(transport: Any, data: bytes) -> None:
    """Write to the socket at once, unless data is buffered already; Twisted buffers what it does not take.

    Twisted's own method waits for the next iteration of the event loop, and registers and unregisters the socket for
    it: two system calls and a callback more for each frame.
    """
    if _is_idle(transport):
        written = transport.writeSomeData(data)
        # Otherwise the connection is lost, which Twisted notices at its next attempt.
        if isinstance(written, int):
            data = data[written:]
    if data:
        transport.write(data)


def _is_idle(transport: Any) -> bool:
    """Return whether nothing is buffered, and the connection is open and not encrypted."""
    if not isinstance(transport, Connection):
        return False
    is_open = transport.connected and not transport.disconnecting and not transport.TLS
    return bool(is_open and not transport.dataBuffer and not transport._tempDataBuffer)


class LimitedWebSocketFactory(WebSocketFactory):  # type: ignore[misc]  # daphne ships no types
    """Daphne's factory, with limits for websockets; ``traffic`` counts frames and bytes by address."""

    protocol = LimitedWebSocketProtocol
    traffic = TrafficLimits()
