"""Single flight: utterances of one owner that need the same segment at the same time share its encoding and windows.

The samples of a segment do not depend on its windows, so a window that another utterance has decoded serves any other.
The registry has weak references, so segments are freed with their utterances.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from weakref import WeakValueDictionary

from synthesis.engines.base import Latents

WAIT_S = 1.0
"""Seconds for which a worker waits for the same window in another worker, before it decodes the window itself."""


class SegmentInProgress:
    """An encoded segment, and those of its samples that are decoded. Thread-safe."""

    def __init__(self, registry: "SegmentsInProgress", key: Hashable) -> None:
        self._registry = registry
        self._key = key
        self.users = 0
        """Utterances that have not cancelled; guarded by the registry."""
        self.encoding = threading.Lock()
        """Held while ``latents`` and ``id_spans`` are made."""
        self.latents: Latents | None = None
        self.id_spans: Sequence[tuple[int, int]] = ()
        self._lock = threading.Lock()
        self._pcm = bytearray()
        self._decoded: list[tuple[int, int]] = []
        self._running: dict[tuple[int, int], threading.Event] = {}

    def leave(self) -> None:
        """Cancel the decoding if no other utterance needs it."""
        if self._registry.leave(self._key, self) and self.latents is not None:
            self.latents.cancel()

    def find(self, start: int, stop: int) -> bytes | None:
        """Return the PCM from byte ``start`` to ``stop``, or ``None`` if it is not decoded completely."""
        with self._lock:
            found = any(first <= start and stop <= end for first, end in self._decoded)
            return bytes(self._pcm[start:stop]) if found else None

    def add(self, start: int, pcm: bytes) -> None:
        """Add decoded PCM that begins at byte ``start``."""
        first, stop = start, start + len(pcm)
        with self._lock:
            self._pcm.extend(bytes(max(0, stop - len(self._pcm))))
            self._pcm[start:stop] = pcm
            apart = []
            for other in self._decoded:
                if other[1] < first or stop < other[0]:
                    apart.append(other)
                else:
                    first, stop = min(first, other[0]), max(stop, other[1])
            self._decoded = [*apart, (first, stop)]

    def window(self, start: int, stop: int, decode: Callable[[], bytes]) -> tuple[bytes, bool]:
        """Return the PCM from byte ``start`` to ``stop``, and whether another utterance decoded it.

        Waits while another worker decodes the same window. Raises the errors of ``decode``.
        """
        with self._lock:
            other = self._running.get((start, stop))
            mine = threading.Event()
            if other is None:
                self._running[start, stop] = mine
        if other is not None:
            other.wait(WAIT_S)
        try:
            pcm = self.find(start, stop)
            if pcm is not None:
                return pcm, True
            pcm = decode()
            self.add(start, pcm)
            return pcm, False
        finally:
            if other is None:
                with self._lock:
                    del self._running[start, stop]
                mine.set()


class SegmentsInProgress:
    """The segments that utterances synthesize now, by owner and content. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._segments: WeakValueDictionary[Hashable, SegmentInProgress] = WeakValueDictionary()

    def join(self, key: Hashable | None) -> SegmentInProgress:
        """Return the segment of ``key``, which may be in progress already; a new one for ``None``."""
        with self._lock:
            segment = None if key is None else self._segments.get(key)
            if segment is None:
                segment = SegmentInProgress(self, key)
                if key is not None:
                    self._segments[key] = segment
            segment.users += 1
            return segment

    def leave(self, key: Hashable | None, segment: SegmentInProgress) -> bool:
        """Remove one user, and with the last one the segment. Returns whether it was the last one."""
        with self._lock:
            segment.users -= 1
            if segment.users > 0:
                return False
            if key is not None and self._segments.get(key) is segment:
                del self._segments[key]
            return True
