"""What was used up, counted in the configured cache, so that all processes that share it count as one.

Two kinds: amounts in a minute (``FixedWindowCounter``), and places held at once (``ConcurrencyLeases``). Both rest
on operations of the cache
that are atomic (``add`` and ``incr``), so that no more is ever let through than the limit says.
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
"""Seconds after which a place is free again that was not renewed: its process is gone."""


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """A meter after something was taken, or refused."""

    allowed: bool
    limit: int
    used: int
    reset_in_s: int

    @property
    def remaining(self) -> int:
        """How much is still there until the reset."""
        return max(0, self.limit - self.used)


class FixedWindowCounter:
    """Amounts of ``what`` by subject in windows of a minute, which begin at another second for each subject."""

    def __init__(self, cache: BaseCache, what: str, clock: Callable[[], float] = time.time) -> None:
        self._cache = cache
        self._what = what
        self._clock = clock

    def consume(self, subject: str, amount: int, limit: int) -> QuotaStatus:
        """Take ``amount`` if there is as much left; if not, nothing is taken."""
        shifted = self._clock() + zlib.crc32(subject.encode()) % WINDOW_S
        window, elapsed = divmod(shifted, WINDOW_S)
        reset_in_s = math.ceil(WINDOW_S - elapsed)
        key = f"quota:{self._what}:{subject}:{int(window)}"
        self._cache.add(key, 0, timeout=2 * WINDOW_S)
        try:
            used = self._cache.incr(key, amount)
        except ValueError:
            # The cache threw the key away at this very moment, to make room.
            self._cache.add(key, amount, timeout=2 * WINDOW_S)
            used = amount
        if used > limit:
            # Given back, for what is smaller may still fit. Whoever asks in between is refused, never let through.
            used = self._cache.decr(key, amount)
            return QuotaStatus(allowed=False, limit=limit, used=used, reset_in_s=reset_in_s)
        return QuotaStatus(allowed=True, limit=limit, used=used, reset_in_s=reset_in_s)

    def debit(self, subject: str, amount: int) -> None:
        """Take ``amount`` that was used already, whether it is left or not: what follows is refused then."""
        self.consume(subject, amount, sys.maxsize)


class ConcurrencyLeases:
    """Places of a kind that subjects hold at once: each is a key of its own in the cache, renewed while it is held."""

    def __init__(self, cache: BaseCache, what: str) -> None:
        self._cache = cache
        self._what = what
        self._holder = uuid.uuid4().hex
        self._held: dict[str, set[int]] = {}
        self._lock = threading.Lock()

    def acquire(self, subject: str, limit: int) -> int | None:
        """The number of a place that was free, or ``None`` where all are held."""
        with self._lock:
            mine = self._held.get(subject, set())
            # A flood is answered from here, without a look into the cache.
            if len(mine) >= limit:
                return None
            # Most often nobody else holds any, and the next number is free.
            for place in itertools.chain([len(mine)], self._free(subject, limit)):
                if self._cache.add(self._key(subject, place), self._holder, timeout=LEASE_TTL_S):
                    self._held.setdefault(subject, set()).add(place)
                    return place
            return None

    def release(self, subject: str, place: int) -> None:
        """Let others have the place."""
        with self._lock:
            mine = self._held.get(subject, set())
            if place in mine:
                mine.discard(place)
                self._cache.delete(self._key(subject, place))
            if not mine:
                self._held.pop(subject, None)

    def renew(self) -> None:
        """Hold all that are held for another ``LEASE_TTL_S`` seconds; to be called at least twice in that time."""
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
