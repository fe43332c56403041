"""Per-owner LRU cache of synthesized segments, so that repeats start immediately and cost no synthesis.

Segments are the unit that repeats: the same words at another position of another text share an
entry. A segment is cached only on its second synthesis: most segments never repeat, and a long text
that is read once must not evict the frequent ones. Each owner has a separate cache: with a shared
one, response times would reveal what other users have had spoken (a timing side channel).
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthesis.pipeline.single_flight import SegmentInProgress, SegmentsInProgress

_MAX_SEEN_KEYS = 10_000
"""Maximum number of remembered hashes of segments that were synthesized once."""
_MAX_TEXTS = 1_000
"""Maximum number of texts whose segments are remembered."""
_OVERHEAD = 1024
"""Bytes of an entry besides its samples and its arrays."""


@dataclass(frozen=True, slots=True)
class CachedSegment:
    """A completely synthesized segment."""

    id_spans: Sequence[tuple[int, int]]
    """The half-open range of phoneme ids of each word."""
    durations: NDArray[np.int64]
    """Frames per phoneme id, shape ``(ids,)``."""
    pcm: bytes
    """PCM16 of all frames, without the pause that follows."""

    @property
    def size(self) -> int:
        """Return the entry's size in bytes."""
        return len(self.pcm) + self.durations.nbytes + _OVERHEAD


class SegmentAudioCache:
    """The caches of all owners, at most ``limit`` bytes together. Thread-safe: workers and the event loop share it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._entries: OrderedDict[tuple[str, Hashable], CachedSegment] = OrderedDict()
        self._entries_per_owner: Counter[str] = Counter()
        self._seen_once: OrderedDict[int, None] = OrderedDict()
        self._texts: OrderedDict[int, tuple[Hashable, ...]] = OrderedDict()
        self._lock = threading.Lock()
        self.in_progress = SegmentsInProgress()

    @property
    def size(self) -> int:
        """Return the size of all entries in bytes."""
        return self._size

    def for_owner(
        self, owner: str, max_entries: int, looked_up: Callable[[bool], object] = lambda _hit: None
    ) -> "OwnerCache":
        """Return the cache of ``owner``, with at most ``max_entries`` entries; 0 removes all that it had before.

        ``looked_up`` is called, in the worker, with whether a segment was found.
        """
        if max_entries <= 0 and owner in self._entries_per_owner:
            with self._lock:
                for place in [place for place in self._entries if place[0] == owner]:
                    self._drop(place)
        return OwnerCache(self, owner, max_entries, looked_up)

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._entries.clear()
            self._entries_per_owner.clear()
            self._seen_once.clear()
            self._texts.clear()
            self._size = 0

    def get(self, owner: str, key: Hashable) -> CachedSegment | None:
        """Return the entry, marking it as most recently used, or ``None``."""
        with self._lock:
            segment = self._entries.get((owner, key))
            if segment is not None:
                self._entries.move_to_end((owner, key))
            return segment

    def put(self, owner: str, key: Hashable, segment: CachedSegment, max_entries: int) -> None:
        """Store a segment on its second synthesis; the first only records its hash.

        Evicts the least recently used entries, the owner's own first.
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

    def put_text(self, owner: str, text_key: Hashable, keys: Sequence[Hashable]) -> None:
        """Remember which segments a text consists of, if all of them are stored."""
        with self._lock:
            if all((owner, key) in self._entries for key in keys):
                number = hash((owner, text_key))
                self._texts[number] = tuple(keys)
                self._texts.move_to_end(number)
                if len(self._texts) > _MAX_TEXTS:
                    self._texts.popitem(last=False)

    def has_text(self, owner: str, text_key: Hashable) -> bool:
        """Return whether all segments of a text are stored."""
        with self._lock:
            keys = self._texts.get(hash((owner, text_key)))
            return keys is not None and all((owner, key) in self._entries for key in keys)

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
    """The cached segments of one owner."""

    cache: SegmentAudioCache
    owner: str
    max_entries: int
    looked_up: Callable[[bool], object] = lambda _hit: None

    def get(self, key: Hashable) -> CachedSegment | None:
        """Return the segment, or ``None`` on a cache miss."""
        found = self.cache.get(self.owner, key)
        self.looked_up(found is not None)
        return found

    def put(self, key: Hashable, segment: CachedSegment) -> None:
        """Store a segment on its second synthesis; the first only records its hash."""
        self.cache.put(self.owner, key, segment, self.max_entries)

    def put_text(self, text_key: Hashable, keys: Sequence[Hashable]) -> None:
        """Remember which segments a text consists of, if all of them are stored."""
        self.cache.put_text(self.owner, text_key, keys)

    def has_text(self, text_key: Hashable) -> bool:
        """Return whether all segments of a text are stored."""
        return self.cache.has_text(self.owner, text_key)

    def join(self, key: Hashable) -> SegmentInProgress:
        """Return the segment that another utterance of the owner may be synthesizing; not shared without caching."""
        return self.cache.in_progress.join((self.owner, key) if self.max_entries > 0 else None)


NO_CACHE = OwnerCache(SegmentAudioCache(0), "", 0)
"""A cache that stores nothing, for owners without caching."""
