"""Single flight: utterances of one owner that need the same segment at the same time share its encoding and windows.

The samples of a segment do not depend on its windows, so a window that another utterance has decoded serves any other.
A worker never waits for another one: the job's result is then a future, and the worker takes its next job.
The registry has weak references, so segments are freed with their utterances.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import TypeVar
from weakref import WeakValueDictionary

from synthesis.engines.base import Latents

T = TypeVar("T")
R = TypeVar("R")


class SegmentInProgress:
    """An encoded segment, and those of its samples that are decoded. Thread-safe."""

    def __init__(self, registry: "SegmentsInProgress", key: Hashable) -> None:
        self._registry = registry
        self._key = key
        self.users = 0
        """Utterances that have not cancelled; guarded by the registry."""
        self.latents: Latents | None = None
        self.id_spans: Sequence[tuple[int, int]] = ()
        self._lock = threading.Lock()
        self._encoding: Future[None] | None = None
        self._pcm = bytearray()
        self._decoded: list[tuple[int, int]] = []
        self._running: dict[tuple[int, int], Future[bytes]] = {}

    def leave(self) -> None:
        """Cancel the decoding if no other utterance needs it."""
        if self._registry.leave(self._key, self) and self.latents is not None:
            self.latents.cancel()

    def encode(self, work: Callable[[], tuple[Latents, Sequence[tuple[int, int]]]]) -> Future[None] | None:
        """Set ``latents`` and ``id_spans`` to the result of ``work``, unless they are set.

        Returns a future if another worker does so now: it ends with that worker's job. Raises the errors of ``work``.
        """
        with self._lock:
            if self.latents is not None:
                return None
            if self._encoding is not None:
                return self._encoding
            mine = self._encoding = Future()
        try:
            _fulfill(mine, lambda: self.set_encoded(*work()))
        finally:
            with self._lock:
                self._encoding = None
        return None

    def set_encoded(self, latents: Latents, id_spans: Sequence[tuple[int, int]]) -> None:
        """Set the encoded segment, unless it is set."""
        with self._lock:
            if self.latents is None:
                self.latents, self.id_spans = latents, id_spans

    def find(self, start: int, stop: int) -> bytes | None:
        """Return the PCM from byte ``start`` to ``stop``, or ``None`` if it is not decoded completely."""
        with self._lock:
            return self._find(start, stop)

    def _find(self, start: int, stop: int) -> bytes | None:
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

    def window(self, start: int, stop: int, decode: Callable[[], bytes]) -> tuple[bytes | Future[bytes], bool]:
        """Return the PCM from byte ``start`` to ``stop``, and whether another utterance decoded it.

        While another worker decodes the same window, the PCM is a future. Raises the errors of ``decode``.
        """
        with self._lock:
            shared = self._running.get((start, stop)) or self._find(start, stop)
            if shared is not None:
                return shared, True
            mine = self._running[start, stop] = Future()

        def work() -> bytes:
            pcm = decode()
            self.add(start, pcm)
            return pcm

        try:
            return _fulfill(mine, work), False
        finally:
            with self._lock:
                del self._running[start, stop]


def _fulfill(future: Future[T], work: Callable[[], T]) -> T:
    """Return the result of ``work``, which is also the future's. Raises the errors of ``work``."""
    try:
        result = work()
    except BaseException as error:
        future.set_exception(error)
        raise
    future.set_result(result)
    return result


def then(future: Future[T], work: Callable[[T], R]) -> Future[R]:
    """Return the future of ``work``, called with the result of ``future``; its exception is passed on."""
    following: Future[R] = Future()

    def done(before: Future[T]) -> None:
        try:
            following.set_result(work(before.result()))
        except BaseException as error:  # noqa: BLE001 - raised where the result is used
            following.set_exception(error)

    future.add_done_callback(done)
    return following


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
