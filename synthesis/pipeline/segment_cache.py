"""Phrases that come again and again, kept made, so that they are heard at once and cost nothing.

A phrase is a segment, which is what repeats: the same words in another text, at another place, are the same phrase.
Kept is what is made a second time: most of what is spoken never comes again, and a long text that is read once must
not drive out what is said every day. Everybody has a shelf of their own: a common one would let anybody find out by the
clock what others have had spoken.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MAX_SEEN_KEYS = 10_000
"""Phrases of which is known that they were made once: a number each."""
_OVERHEAD = 1024
"""Bytes of a phrase besides its sound and its numbers."""


@dataclass(frozen=True, slots=True)
class CachedSegment:
    """A segment that was made whole."""

    id_spans: Sequence[tuple[int, int]]
    """Of each of its words the half-open range of phoneme ids."""
    durations: NDArray[np.int64]
    """Frames per phoneme id, shape ``(ids,)``."""
    pcm: bytes
    """PCM16 of all its frames, without the pause behind it."""

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.pcm) + self.durations.nbytes + _OVERHEAD


class SegmentAudioCache:
    """The shelves of all people: at most ``limit`` bytes together. Workers and the event loop may use it at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._entries: OrderedDict[tuple[str, Hashable], CachedSegment] = OrderedDict()
        self._entries_per_owner: Counter[str] = Counter()
        self._seen_once: OrderedDict[int, None] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes of all that is kept."""
        return self._size

    def for_owner(self, owner: str, max_entries: int) -> "OwnerCache":
        """The shelf of ``owner``, with room for so many phrases."""
        return OwnerCache(self, owner, max_entries)

    def clear(self) -> None:
        """Keep nothing of it."""
        with self._lock:
            self._entries.clear()
            self._entries_per_owner.clear()
            self._seen_once.clear()
            self._size = 0

    def get(self, owner: str, key: Hashable) -> CachedSegment | None:
        """The phrase, which is the last to go from now on."""
        with self._lock:
            segment = self._entries.get((owner, key))
            if segment is not None:
                self._entries.move_to_end((owner, key))
            return segment

    def put(self, owner: str, key: Hashable, segment: CachedSegment, max_entries: int) -> None:
        """It was made: put it there if that was not the first time.

        What was not asked for the longest makes room, the owner's own first.
        """
        with self._lock:
            if (
                segment.size > self._limit
                or max_entries <= 0
                or (owner, key) in self._entries
                or self._is_new(owner, key)
            ):
                return
            self._entries[owner, key] = segment
            self._entries_per_owner[owner] += 1
            self._size += segment.size
            while self._entries_per_owner[owner] > max_entries:
                self._drop(next(place for place in self._entries if place[0] == owner))
            while self._size > self._limit:
                self._drop(next(iter(self._entries)))

    def _is_new(self, owner: str, key: Hashable) -> bool:
        number = hash((owner, key))
        if number in self._seen_once:
            del self._seen_once[number]
            return False
        self._seen_once[number] = None
        if len(self._seen_once) > _MAX_SEEN_KEYS:
            self._seen_once.popitem(last=False)
        return True

    def _drop(self, place: tuple[str, Hashable]) -> None:
        self._size -= self._entries.pop(place).size
        self._entries_per_owner[place[0]] -= 1
        if not self._entries_per_owner[place[0]]:
            del self._entries_per_owner[place[0]]


@dataclass(frozen=True, slots=True)
class OwnerCache:
    """What one person has had spoken."""

    cache: SegmentAudioCache
    owner: str
    max_entries: int

    def get(self, key: Hashable) -> CachedSegment | None:
        """The phrase, if it is there."""
        return self.cache.get(self.owner, key)

    def put(self, key: Hashable, segment: CachedSegment) -> None:
        """It was made: put it there if that was not the first time."""
        self.cache.put(self.owner, key, segment, self.max_entries)


NO_CACHE = OwnerCache(SegmentAudioCache(0), "", 0)
"""Of somebody for whom nothing is kept."""
