"""A tab's connection, bounded on both of its sides and in its silence: Daphne takes in and keeps whatever comes.

What the tab sent and the consumer has not looked at yet waits in a queue, and what the tab does not read waits in the
transport. Neither has an end of its own, so either could be used to fill the server's memory.

Frames that never reach the application (pings, pongs, fragments of a message) cost processor time all the same, and one
read of the transport holds ten thousand of them. They are counted by socket and by address where Autobahn parses them.
"""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from core.close_codes import IDLE_TIMEOUT, POLICY_VIOLATION
from project.server.connection_ledger import Holding, Traffic

NORMAL_CLOSURE, FIRST_APPLICATION_CODE = 1000, 3000
IDLE_TIMEOUT_S = 600.0
"""Closes a socket of which nothing was heard for this many seconds; the page asks after us four times a minute."""
MAX_SEND_BUFFER_BYTES = 1024 * 1024
"""Bytes that may wait for a tab to read them: twice what is made ahead for it, and a list of themes."""
MAX_RECEIVE_QUEUE_BYTES = 10 * 1024 * 1024
FRAME_OVERHEAD_BYTES = 16 * 1024
"""Bytes that may wait to be looked at, a frame counting for that many more: 300 of the largest, 640 of the smallest."""
FRAMES_A_SECOND = 100.0
FRAMES_AT_ONCE = 1500.0
"""Frames of every kind from one socket, control frames and fragments included: more than its messages may be."""
FRAMES_A_TURN = 32
"""Frames parsed before the event loop gets its turn: less than a millisecond of work."""


class _SendBuffer:
    """What was sent since the transport's own buffer was full; Twisted tells when it is, and when it is empty again."""

    full = False
    size = 0

    def __init__(self, holding: Holding) -> None:
        self.holding = holding

    def add(self, size: int) -> None:
        """Count bytes that are sent, where they have to wait."""
        if self.full:
            self.size += size
            self.holding.hold(self.size)

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.full = True

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.full, self.size = False, 0
        self.holding.hold(0)

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is lost, which everybody is told in other ways."""


class LimitedWebSocketProtocol(WebSocketProtocol):  # type: ignore[misc]  # daphne ships no types
    """Drops who floods and who does not read, and closes in good order who is silent."""

    clock: Callable[[], float] = staticmethod(time.monotonic)
    _queued_bytes = 0
    _flooded = False
    _parsed = 0
    _turn: asyncio.TimerHandle | None = None

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is there, and the handshake begins."""
        self._last_message_at = self._counted_at = self.clock()
        self._frames = FRAMES_AT_ONCE
        self._send_buffer = _SendBuffer(self.factory.traffic.ledger.open(None, self._drop))
        super().connectionMade()

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:  # noqa: N802, N803 - Autobahn's names
        """Refuse with the code's own phrase: Autobahn's has the client's bytes or a Python error in it."""
        phrase = reason if code == HTTPStatus.FORBIDDEN else HTTPStatus(code).phrase
        super().failHandshake(phrase, code, responseHeaders)

    def onOpen(self) -> None:  # noqa: N802 - Autobahn's name
        """The handshake is done."""
        # Until now it was the HTTP channel, which has nothing to do with it any more.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self._send_buffer, streaming=True)
        self._address = self.factory.traffic.client_of(self.transport.getPeer(), self.clean_headers)
        self._send_buffer.holding.move(self._address)
        super().onOpen()

    def consumeData(self) -> None:  # noqa: N802 - Autobahn's name
        """Parse what was received, at most ``FRAMES_A_TURN`` frames of it in one turn of the event loop.

        While frames remain, or the address may not have more of them parsed yet, the transport reads nothing.
        """
        if self.state not in (self.STATE_OPEN, self.STATE_CLOSING):
            super().consumeData()
        elif self._turn is None:
            self._parse()

    def _parse(self) -> None:
        self._turn = None
        # Those of the turn before: how many a turn parses is known only at its end.
        delay = self.factory.traffic.delay_frames(self._address, self._parsed)
        goes_on = not self._flooded
        if not delay:
            self._parsed = 0
            while goes_on and self._parsed < FRAMES_A_TURN:
                goes_on = self.processData() and self.state != self.STATE_CLOSED and not self._flooded
        if self._flooded or self.state == self.STATE_CLOSED:
            return
        if goes_on:
            self.transport.pauseProducing()
            self._turn = asyncio.get_running_loop().call_later(delay, self._parse)
        else:
            self.transport.resumeProducing()

    def onFrameBegin(self) -> None:  # noqa: N802 - Autobahn's name
        """Count the frame whose header was read, whatever its kind."""
        self._parsed += 1
        now = self.clock()
        self._frames = min(FRAMES_AT_ONCE, self._frames + (now - self._counted_at) * FRAMES_A_SECOND) - 1
        self._counted_at = now
        super().onFrameBegin()
        if self._frames < 0:
            self._close_flood()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803, FBT001 - Autobahn's names
        """A message came."""
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
        # Nothing of it is worth the time that it would take.
        while not self.application_queue.empty():
            self.application_queue.get_nowait()
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=POLICY_VIOLATION)
            self.transport.pauseProducing()
        else:
            self.dropConnection(abort=True)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803, FBT001 - Autobahn's names
        """The connection has ended; the application is told why."""
        self._send_buffer.holding.close()
        super().onClose(wasClean, POLICY_VIOLATION if self._flooded else code, reason)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802, FBT001, FBT002 - Autobahn's names
        """Send a frame, of a message or one that answers a ping, unless the tab has left too much of them unread."""
        super().sendData(data, sync, chopsize)
        self._send_buffer.add(len(data))
        if self._send_buffer.size > MAX_SEND_BUFFER_BYTES:
            self._drop()

    def _drop(self) -> None:
        self.dropConnection(abort=True)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - Daphne's name
        """Close with ``code``, the server's own codes (RFC 6455, 7.4.1) among them, which Autobahn keeps for itself."""
        if code is None or code == NORMAL_CLOSURE or code >= FIRST_APPLICATION_CODE:
            super().serverClose(code)
        else:
            self.sendCloseFrame(code=code)

    def check_timeouts(self) -> None:
        """Called by Daphne every two seconds, so that no socket needs a timer of its own."""
        super().check_timeouts()
        if self.state == self.STATE_OPEN and self.clock() - self._last_message_at > IDLE_TIMEOUT_S:
            self.serverClose(code=IDLE_TIMEOUT)


class LimitedWebSocketFactory(WebSocketFactory):  # type: ignore[misc]  # daphne ships no types
    """Daphne's own, with bounded sockets; ``traffic`` counts what an address sends over all of them."""

    protocol = LimitedWebSocketProtocol
    traffic = Traffic()
