"""What the connections of an address and of the process cost, counted below the application."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from synthesis.admission import subject_of
from terminal.buckets import Buckets

ClientOf = Callable[[str, Iterable[tuple[bytes, bytes]]], str | None]
"""From a TCP peer and the headers of a request the client's address; ``None`` for a proxy that speaks for nobody."""

FRAMES_A_SECOND = 1000.0
FRAMES_AT_ONCE = 10_000.0
"""WebSocket frames of every kind from one address, over all its sockets: a tenth of a second of parsing."""
DELAY_S = 1.0


def _peer(host: str, _headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    return host


class Traffic:
    """Bounds that hold by address, of IPv6 by network; ``clock`` is in seconds, monotonic.

    A trusted proxy has one address for all its clients. ``client_of`` resolves theirs from its headers; where it names
    none, nothing is bounded by address.
    """

    def __init__(self, client_of: ClientOf = _peer, clock: Callable[[], float] = time.monotonic) -> None:
        self._client_of = client_of
        self._frames = Buckets(FRAMES_A_SECOND, FRAMES_AT_ONCE, clock)

    def client_of(self, peer: Any, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """The address that a connection counts for; ``peer`` is Twisted's address of its other end."""
        client = self._client_of(str(getattr(peer, "host", "")), headers)
        return None if client is None else subject_of(None, client).address

    def delay_frames(self, address: str | None, frames: int) -> float:
        """Count parsed ``frames``. Returns the seconds to wait before they are counted again, and more are parsed."""
        if address is None or self._frames.take({"client": [address, 0]}, frames):
            return 0.0
        return DELAY_S
