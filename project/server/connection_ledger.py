"""Memory accounting of connections, and frame rate limits, by address and process.

It works below the application, against denial of service by slow reading, slow requests and floods of frames.
"""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from core.limits import registry
from core.limits.subjects import subject_for
from core.limits.token_bucket import AddressTokenBuckets

ClientOf = Callable[[str, Iterable[tuple[bytes, bytes]]], str | None]
"""Map a TCP peer and request headers to the client's address; ``None`` for a trusted proxy that names no client."""

FRAMES_PER_SECOND = registry.ADDRESS_FRAMES_PER_SECOND.default
FRAME_BURST = registry.ADDRESS_FRAME_BURST.default
"""Token bucket of websocket frames of all kinds, per address. The burst takes 0.1 s to parse."""
CONNECTIONS_PER_SECOND = registry.CONNECTIONS_PER_SECOND.default
CONNECTION_BURST = registry.CONNECTION_BURST.default
DELAY_S = 1.0
MAX_BUFFERED_BYTES_PER_ADDRESS = registry.MAX_BUFFERED_BYTES_PER_ADDRESS.default
BYTES = registry.MAX_BUFFERED_BYTES.default
"""Bytes that the process may buffer for the connections of one address, and for all connections."""
CONNECTION_COST = 32 * 1024
"""Bytes charged for each HTTP connection, which limits an address to 512 of them and the process to 2,048."""
TRIM_AFTER_BYTES = 4 * 1024 * 1024
"""Bytes to release before freed memory is returned to the operating system."""


class BufferedConnection:
    """Bytes buffered for one connection. ``drop`` ends the connection and releases them."""

    def __init__(self, ledger: "ConnectionLedger", address: str | None, drop: Callable[[], None]) -> None:
        self._ledger = ledger
        self._drop = drop
        self.address = address
        self.size = 0
        self.open = True
        self.reading_until: float | None = None
        self.writing_until: float | None = None
        """Deadlines (on the ledger's clock) by which the client must complete its request, or read the response."""
        self.reads_on: Callable[[], bool] = lambda: False
        """Called when ``writing_until`` has passed: return whether the client reads, and set the next deadline."""

    def set_size(self, size: int) -> None:
        """Set the buffered size to ``size`` bytes, and record that the connection has made progress."""
        if not self.open:
            return
        if size:
            self._ledger.count(self, size)
        else:
            self._ledger.remove(self)

    def move(self, address: str | None) -> None:
        """Charge the bytes to another address: the client's, behind a proxy."""
        if self.open and address != self.address:
            size = self.size
            self._ledger.remove(self)
            self.address = address
            self.set_size(size)

    def close(self) -> None:
        """Release the bytes of the closed connection."""
        if self.open:
            self.open = False
            self._ledger.remove(self)

    def drop(self) -> None:
        """End the connection."""
        self.close()
        self._drop()

    def late(self, now: float) -> bool:
        """Return whether a deadline has passed that the client did not extend by reading."""
        if self.reading_until is not None and now > self.reading_until:
            return True
        return self.writing_until is not None and now > self.writing_until and not self.reads_on()


class ConnectionLedger:
    """Counts the bytes buffered for connections, by connection, address and process.

    If an address exceeds its limit, the ledger drops its connection that has made no progress for the longest time; if
    the process exceeds its limit, such a connection of the address with the most bytes. ``clock`` is monotonic, in
    seconds. ``released`` is called after ``TRIM_AFTER_BYTES`` bytes were released.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        of_address: int = MAX_BUFFERED_BYTES_PER_ADDRESS,
        of_all: int = BYTES,
        released: Callable[[], object] = lambda: None,
    ) -> None:
        self.clock = clock
        self.size = 0
        self._of_address = of_address
        self._of_all = of_all
        self._released = released
        self._untrimmed = 0
        # By address, ordered by the time of the last progress, oldest first.
        self._held: defaultdict[str | None, OrderedDict[BufferedConnection, None]] = defaultdict(OrderedDict)
        self._sizes: defaultdict[str | None, int] = defaultdict(int)

    def open(self, address: str | None, drop: Callable[[], None]) -> BufferedConnection:
        """Register a connection with 0 bytes. With ``address`` ``None``, only the limit of the process applies."""
        return BufferedConnection(self, address, drop)

    def count(self, connection: BufferedConnection, size: int) -> None:
        """Set the size of ``connection``, and drop connections, possibly this one, until the limits are met."""
        self._add(connection, size - connection.size)
        connection.size = size
        held = self._held[connection.address]
        held[connection] = None
        held.move_to_end(connection)
        while connection.address is not None and self._sizes.get(connection.address, 0) > self._of_address:
            next(iter(self._held[connection.address])).drop()
        while self.size > self._of_all:
            most = max(self._sizes, key=lambda address: self._sizes[address])
            next(iter(self._held[most])).drop()

    def remove(self, connection: BufferedConnection) -> None:
        """Release the bytes of ``connection``."""
        self._add(connection, -connection.size)
        connection.size = 0
        self._held[connection.address].pop(connection, None)
        if not self._held[connection.address]:
            del self._held[connection.address], self._sizes[connection.address]

    def sweep(self) -> None:
        """Drop the connections that have exceeded a deadline."""
        now = self.clock()
        for connection in [one for held in self._held.values() for one in held if one.late(now)]:
            connection.drop()

    def _add(self, connection: BufferedConnection, more: int) -> None:
        self.size += more
        self._sizes[connection.address] += more
        self._untrimmed += max(0, -more)
        if self._untrimmed > TRIM_AFTER_BYTES:
            self._untrimmed = 0
            self._released()


def _peer(host: str, _headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    return host


class TrafficLimits:
    """Limits by address (IPv6: by /64 network). ``clock`` is monotonic, in seconds.

    All clients behind a trusted proxy share its address. ``client_of`` resolves theirs from its headers; if the proxy
    names none, no limit by address applies.
    """

    def __init__(
        self,
        client_of: ClientOf = _peer,
        clock: Callable[[], float] = time.monotonic,
        released: Callable[[], object] = lambda: None,
    ) -> None:
        self._client_of = client_of
        self.ledger = ConnectionLedger(clock, released=released)
        self._frames = AddressTokenBuckets(FRAMES_PER_SECOND, FRAME_BURST, clock)
        self._connections = AddressTokenBuckets(CONNECTIONS_PER_SECOND, CONNECTION_BURST, clock)

    def client_of(self, peer: Any, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """Return the address to charge for a connection; ``peer`` is Twisted's address of the remote end."""
        client = self._client_of(str(getattr(peer, "host", "")), headers)
        return None if client is None else subject_for(None, client).address

    def accepts(self, peer: Any) -> bool:
        """Charge a new connection; return whether its address may open one. A trusted proxy always may."""
        address = self.client_of(peer, ())
        return address is None or self._connections.consume({"client": [address, 0]})

    def delay_frames(self, address: str | None, frames: int) -> float:
        """Charge parsed ``frames``. Returns the seconds to wait before charging them again and parsing more."""
        if address is None or self._frames.consume({"client": [address, 0]}, frames):
            return 0.0
        return DELAY_S
