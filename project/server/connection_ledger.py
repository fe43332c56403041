"""What the connections of an address and of the process cost, counted below the application."""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from core.subjects import subject_for
from core.token_bucket import AddressTokenBuckets

ClientOf = Callable[[str, Iterable[tuple[bytes, bytes]]], str | None]
"""From a TCP peer and the headers of a request the client's address; ``None`` for a proxy that speaks for nobody."""

FRAMES_A_SECOND = 1000.0
FRAMES_AT_ONCE = 10_000.0
"""WebSocket frames of every kind from one address, over all its sockets: a tenth of a second of parsing."""
DELAY_S = 1.0
BYTES_OF_ADDRESS = 16 * 1024 * 1024
BYTES = 64 * 1024 * 1024
"""Bytes that the connections of one address, and all of them, may make the process hold."""
CONNECTION_COST = 32 * 1024
"""Bytes that an HTTP connection counts for by itself: an address has 512 of them, the process 2,048."""
TRIMMED = 4 * 1024 * 1024
"""Bytes after whose release freed memory goes back to the system."""


class Holding:
    """What one connection makes the process hold. ``drop`` ends the connection; its bytes count no more."""

    def __init__(self, ledger: "Ledger", address: str | None, drop: Callable[[], None]) -> None:
        self._ledger = ledger
        self._drop = drop
        self.address = address
        self.size = 0
        self.open = True
        self.reading_until: float | None = None
        self.writing_until: float | None = None
        """Deadlines of the ledger's clock, by which the client must have sent, or read, what it began."""

    def hold(self, size: int) -> None:
        """Count ``size`` bytes from here on; the connection has made progress."""
        if not self.open:
            return
        if size:
            self._ledger.count(self, size)
        else:
            self._ledger.remove(self)

    def move(self, address: str | None) -> None:
        """Count for another address: the client behind a proxy."""
        if self.open and address != self.address:
            size = self.size
            self._ledger.remove(self)
            self.address = address
            self.hold(size)

    def close(self) -> None:
        """Count no more."""
        if self.open:
            self.open = False
            self._ledger.remove(self)

    def drop(self) -> None:
        """End the connection."""
        self.close()
        self._drop()

    def late(self, now: float) -> bool:
        """Whether a deadline has passed."""
        return any(until is not None and now > until for until in (self.reading_until, self.writing_until))


class Ledger:
    """Bytes held for connections, by connection, address and process.

    Where an address has too many, its connection that has made no progress for longest is dropped; where the process
    has, that of the address that has most. ``released`` is called after much was released, ``clock`` is monotonic.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        of_address: int = BYTES_OF_ADDRESS,
        of_all: int = BYTES,
        released: Callable[[], object] = lambda: None,
    ) -> None:
        self.clock = clock
        self.size = 0
        self._of_address = of_address
        self._of_all = of_all
        self._released = released
        self._untrimmed = 0
        # Of each address the connection that made progress last comes last.
        self._held: defaultdict[str | None, OrderedDict[Holding, None]] = defaultdict(OrderedDict)
        self._sizes: defaultdict[str | None, int] = defaultdict(int)

    def open(self, address: str | None, drop: Callable[[], None]) -> Holding:
        """A holding of nothing; ``address`` ``None`` is bounded by the process alone."""
        return Holding(self, address, drop)

    def count(self, holding: Holding, size: int) -> None:
        """Replace what ``holding`` counts for; drop others, or itself, until the bounds hold."""
        self._add(holding, size - holding.size)
        holding.size = size
        held = self._held[holding.address]
        held[holding] = None
        held.move_to_end(holding)
        while holding.address is not None and self._sizes.get(holding.address, 0) > self._of_address:
            next(iter(self._held[holding.address])).drop()
        while self.size > self._of_all:
            most = max(self._sizes, key=lambda address: self._sizes[address])
            next(iter(self._held[most])).drop()

    def remove(self, holding: Holding) -> None:
        """Count ``holding`` no more."""
        self._add(holding, -holding.size)
        holding.size = 0
        self._held[holding.address].pop(holding, None)
        if not self._held[holding.address]:
            del self._held[holding.address], self._sizes[holding.address]

    def sweep(self) -> None:
        """Drop the connections that have missed a deadline."""
        now = self.clock()
        for holding in [one for held in self._held.values() for one in held if one.late(now)]:
            holding.drop()

    def _add(self, holding: Holding, more: int) -> None:
        self.size += more
        self._sizes[holding.address] += more
        self._untrimmed += max(0, -more)
        if self._untrimmed > TRIMMED:
            self._untrimmed = 0
            self._released()


def _peer(host: str, _headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    return host


class Traffic:
    """Bounds that hold by address, of IPv6 by network; ``clock`` is in seconds, monotonic.

    A trusted proxy has one address for all its clients. ``client_of`` resolves theirs from its headers; where it names
    none, nothing is bounded by address.
    """

    def __init__(
        self,
        client_of: ClientOf = _peer,
        clock: Callable[[], float] = time.monotonic,
        released: Callable[[], object] = lambda: None,
    ) -> None:
        self._client_of = client_of
        self.ledger = Ledger(clock, released=released)
        self._frames = AddressTokenBuckets(FRAMES_A_SECOND, FRAMES_AT_ONCE, clock)

    def client_of(self, peer: Any, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """The address that a connection counts for; ``peer`` is Twisted's address of its other end."""
        client = self._client_of(str(getattr(peer, "host", "")), headers)
        return None if client is None else subject_for(None, client).address

    def delay_frames(self, address: str | None, frames: int) -> float:
        """Count parsed ``frames``. Returns the seconds to wait before they are counted again, and more are parsed."""
        if address is None or self._frames.consume({"client": [address, 0]}, frames):
            return 0.0
        return DELAY_S
