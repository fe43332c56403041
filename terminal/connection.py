"""A tab's connection, bounded on both of its sides and in its silence: Daphne takes in and keeps whatever comes.

What the tab sent and the consumer has not looked at yet waits in a queue, and what the tab does not read waits in the
transport. Neither has an end of its own, so either could be used to fill the server's memory.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from terminal.handshakes import FLOODED

IDLE = 4008
IDLE_S = 600.0
"""Closes a socket of which nothing was heard for this many seconds; the page asks after us four times a minute."""
UNREAD = 1024 * 1024
"""Bytes that may wait for a tab to read them: twice what is made ahead for it, and a list of themes."""
WAITING = 10 * 1024 * 1024
FRAME_COST = 16 * 1024
"""Bytes that may wait to be looked at, a frame counting for that many more: 300 of the largest, 640 of the smallest."""


class _Unread:
    """What was sent since the transport's own buffer was full; Twisted tells when it is, and when it is empty again."""

    full = False
    size = 0

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.full = True

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.full, self.size = False, 0

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is lost, which everybody is told in other ways."""


class BoundedSocket(WebSocketProtocol):  # type: ignore[misc]  # daphne ships no types
    """Drops who floods and who does not read, and closes in good order who is silent."""

    clock: Callable[[], float] = staticmethod(time.monotonic)
    _waiting = 0
    _flooded = False

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is there, and the handshake begins."""
        self._heard = self.clock()
        self._unread = _Unread()
        super().connectionMade()

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:  # noqa: N802, N803 - Autobahn's names
        """Refuse with the code's own phrase: Autobahn's has the client's bytes or a Python error in it."""
        phrase = reason if code == HTTPStatus.FORBIDDEN else HTTPStatus(code).phrase
        super().failHandshake(phrase, code, responseHeaders)

    def onOpen(self) -> None:  # noqa: N802 - Autobahn's name
        """The handshake is done."""
        # Until now it was the HTTP channel, which has nothing to do with it any more.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self._unread, streaming=True)
        super().onOpen()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803, FBT001 - Autobahn's names
        """A message came."""
        self._heard = self.clock()
        if self.application_queue.empty():
            self._waiting = 0
        self._waiting += len(payload) + FRAME_COST
        if self._waiting > WAITING:
            self._flooded = True
            # Nothing of it is worth the time that it would take.
            while not self.application_queue.empty():
                self.application_queue.get_nowait()
            self.dropConnection(abort=True)
            return
        super().onMessage(payload, isBinary)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803, FBT001 - Autobahn's names
        """The connection has ended; the application is told why."""
        super().onClose(wasClean, FLOODED if self._flooded else code, reason)

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802, FBT001, FBT002 - Daphne's names
        """Send a message, unless the tab has left too many of them unread."""
        super().serverSend(content, binary)
        if self._unread.full:
            self._unread.size += len(content)
            if self._unread.size > UNREAD:
                self.dropConnection(abort=True)

    def check_timeouts(self) -> None:
        """Called by Daphne every two seconds, so that no socket needs a timer of its own."""
        super().check_timeouts()
        if self.state == self.STATE_OPEN and self.clock() - self._heard > IDLE_S:
            self.serverClose(code=IDLE)


class BoundedSocketFactory(WebSocketFactory):  # type: ignore[misc]  # daphne ships no types
    """Daphne's own, with bounded sockets."""

    protocol = BoundedSocket
