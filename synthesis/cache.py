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

_REMEMBERED = 10_000
"""Phrases of which is known that they were made once: a number each."""
_OVERHEAD = 1024
"""Bytes of a phrase besides its sound and its numbers."""


@dataclass(frozen=True, slots=True)
class Phrase:
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


class Phrases:
    """The shelves of all people: at most ``limit`` bytes together. Workers and the event loop may use it at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[tuple[str, Hashable], Phrase] = OrderedDict()
        self._of: Counter[str] = Counter()
        self._once: OrderedDict[int, None] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes of all that is kept."""
        return self._size

    def shelf(self, owner: str, most: int) -> "Shelf":
        """The shelf of ``owner``, with room for so many phrases."""
        return Shelf(self, owner, most)

    def clear(self) -> None:
        """Keep nothing of it."""
        with self._lock:
            self._kept.clear()
            self._of.clear()
            self._once.clear()
            self._size = 0

    def find(self, owner: str, key: Hashable) -> Phrase | None:
        """The phrase, which is the last to go from now on."""
        with self._lock:
            phrase = self._kept.get((owner, key))
            if phrase is not None:
                self._kept.move_to_end((owner, key))
            return phrase

    def keep(self, owner: str, key: Hashable, phrase: Phrase, most: int) -> None:
        """It was made: put it there if that was not the first time.

        What was not asked for the longest makes room, the owner's own first.
        """
        with self._lock:
            if phrase.size > self._limit or most <= 0 or (owner, key) in self._kept or self._is_new(owner, key):
                return
            self._kept[owner, key] = phrase
            self._of[owner] += 1
            self._size += phrase.size
            while self._of[owner] > most:
                self._drop(next(place for place in self._kept if place[0] == owner))
            while self._size > self._limit:
                self._drop(next(iter(self._kept)))

    def _is_new(self, owner: str, key: Hashable) -> bool:
        number = hash((owner, key))
        if number in self._once:
            del self._once[number]
            return False
        self._once[number] = None
        if len(self._once) > _REMEMBERED:
            self._once.popitem(last=False)
        return True

    def _drop(self, place: tuple[str, Hashable]) -> None:
        self._size -= self._kept.pop(place).size
        self._of[place[0]] -= 1
        if not self._of[place[0]]:
            del self._of[place[0]]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one person has had spoken."""

    phrases: Phrases
    owner: str
    most: int

    def find(self, key: Hashable) -> Phrase | None:
        """The phrase, if it is there."""
        return self.phrases.find(self.owner, key)

    def keep(self, key: Hashable, phrase: Phrase) -> None:
        """It was made: put it there if that was not the first time."""
        self.phrases.keep(self.owner, key, phrase, self.most)


NO_SHELF = Shelf(Phrases(0), "", 0)
"""Of somebody for whom nothing is kept."""
