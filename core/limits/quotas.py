"""Quotas and concurrency leases in the shared cache, enforced across all processes.

``FixedWindowCounter`` counts amounts per minute, ``ConcurrencyLeases`` counts concurrent uses. Both
use atomic cache operations (``add`` and ``incr``), so the limit is never exceeded.
"""

import itertools
import math
import sys
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.cache import BaseCache

WINDOW_S = 60
LEASE_TTL_S = 60
"""Seconds after which a lease that was not renewed expires: its process has terminated."""


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """The state of a quota after an amount was consumed or rejected."""

    allowed: bool
    limit: int
    used: int
    reset_in_s: int

    @property
    def remaining(self) -> int:
        """Return the amount left until the reset."""
        return max(0, self.limit - self.used)


class FixedWindowCounter:
    """Counts amounts of ``what`` per subject in fixed one-minute windows, offset per subject."""

    def __init__(self, cache: BaseCache, what: str, clock: Callable[[], float] = time.time) -> None:
        self._cache = cache
        self._what = what
        self._clock = clock

    def consume(self, subject: str, amount: int, limit: int) -> QuotaStatus:
        """Consume ``amount`` if the quota allows it; otherwise consume nothing."""
        shifted = self._clock() + zlib.crc32(subject.encode()) % WINDOW_S
        window, elapsed = divmod(shifted, WINDOW_S)
        reset_in_s = math.ceil(WINDOW_S - elapsed)
        key = f"quota:{self._what}:{subject}:{int(window)}"
        self._cache.add(key, 0, timeout=2 * WINDOW_S)
        try:
            used = self._cache.incr(key, amount)
        except ValueError:
            # The cache evicted the key between the two calls.
            self._cache.add(key, amount, timeout=2 * WINDOW_S)
            used = amount
        if used > limit:
            # Refunded, because a smaller amount may still fit. A concurrent request may be
            # rejected, but never admitted in excess.
            used = self._refund(key, amount, used)
            return QuotaStatus(allowed=False, limit=limit, used=used, reset_in_s=reset_in_s)
        return QuotaStatus(allowed=True, limit=limit, used=used, reset_in_s=reset_in_s)

    def _refund(self, key: str, amount: int, used: int) -> int:
        try:
            return self._cache.decr(key, amount)
        except ValueError:
            # The key was evicted, or is in Redis, which has just become unreachable.
            return max(0, used - amount)

    def debit(self, subject: str, amount: int) -> None:
        """Consume ``amount`` even beyond the limit: it was already used, and later requests are rejected."""
        self.consume(subject, amount, sys.maxsize)


class ConcurrencyLeases:
    """Bounds concurrent uses per subject: each lease is a cache key, renewed while it is held."""

    def __init__(self, cache: BaseCache, what: str) -> None:
        self._cache = cache
        self._what = what
        self._holder = uuid.uuid4().hex
        self._held: dict[str, set[int]] = {}
        self._lock = threading.Lock()

    def acquire(self, subject: str, limit: int) -> int | None:
        """Acquire a lease and return its number, or ``None`` if all are held."""
        with self._lock:
            mine = self._held.get(subject, set())
            # During a flood, reject without a cache query.
            if len(mine) >= limit:
                return None
            # Usually no other process holds a lease, and the first number that this one does not hold is free.
            first_gap = next(place for place in itertools.count() if place not in mine)
            for place in itertools.chain([first_gap], self._free(subject, limit)):
                if self._cache.add(self._key(subject, place), self._holder, timeout=LEASE_TTL_S):
                    self._held.setdefault(subject, set()).add(place)
                    return place
            return None

    def release(self, subject: str, place: int) -> None:
        """Release the lease."""
        with self._lock:
            mine = self._held.get(subject, set())
            if place in mine:
                mine.discard(place)
                self._cache.delete(self._key(subject, place))
            if not mine:
                self._held.pop(subject, None)

    def renew(self) -> None:
        """Renew all held leases for ``LEASE_TTL_S`` seconds; call it at least twice in that time."""
        with self._lock:
            keys = [self._key(subject, place) for subject, places in self._held.items() for place in places]
            if keys:
                self._cache.set_many(dict.fromkeys(keys, self._holder), timeout=LEASE_TTL_S)

    def _free(self, subject: str, limit: int) -> Iterator[int]:
        keys = {self._key(subject, place): place for place in range(limit)}
        taken = self._cache.get_many(keys)
        yield from (place for key, place in keys.items() if key not in taken)

    def _key(self, subject: str, place: int) -> str:
        return f"place:{self._what}:{subject}:{place}"
