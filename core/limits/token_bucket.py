"""Token buckets per client address, in memory: for requests that must be rejected before any other work."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from core.limits.subjects import subject_for

MAX_ADDRESSES = 10_000
"""Maximum addresses in memory; a new bucket is full, so an evicted address starts over."""


class AddressTokenBuckets:
    """A token bucket per address, filled with ``rate`` tokens per second up to ``burst``; ``clock`` is monotonic."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def clear(self) -> None:
        """Remove all buckets: for tests, whose clients share an address."""
        self._levels.clear()

    def consume(self, scope: dict[str, Any], amount: float = 1.0) -> bool:
        """Take ``amount`` tokens for the address of a connection; return whether there were enough."""
        now = self._clock()
        address = _address(scope)
        left, at = self._levels.get(address, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        granted = left >= amount
        self._store(address, left - amount if granted else left)
        return granted

    def penalize(self, scope: dict[str, Any]) -> None:
        """Empty the address's bucket and put it in debt by ``burst`` tokens."""
        self._store(_address(scope), -self._burst)

    def _store(self, address: str, left: float) -> None:
        self._levels[address] = (left, self._clock())
        self._levels.move_to_end(address)
        while len(self._levels) > MAX_ADDRESSES:
            self._levels.popitem(last=False)


def _address(scope: dict[str, Any]) -> str:
    return subject_for(None, (scope.get("client") or [None])[0]).address
