"""Requests of the form without JavaScript, stored under a token, and a bounded cache of their recordings."""

import asyncio
import secrets
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from django.core.cache import cache

from core.limits import registry
from synthesis.pipeline.request import SpeechRequest

REQUEST_TTL_S = 600
RECORDINGS_BYTES = registry.RECORDINGS_BYTES.default
"""Bytes of cached recordings. A browser requests the same recording several times, in byte ranges."""
PART = 64 * 1024
"""Bytes of a recording that a response buffers at a time."""


async def store_request(request: SpeechRequest) -> str:
    """Store a request for ``REQUEST_TTL_S`` seconds under an unguessable token, and return the token."""
    token = secrets.token_urlsafe(16)
    fields = {"text": request.text, "voice": request.voice.id, "speaker": request.speaker, "speed": request.speed}
    await cache.aset(_key(token), fields, REQUEST_TTL_S)
    return token


async def load_request(token: str) -> dict[str, Any] | None:
    """Return the fields of a stored request, for ``build_request``, or ``None`` if it has expired."""
    fields: dict[str, Any] | None = await cache.aget(_key(token))
    return fields


async def is_first_synthesis(token: str) -> bool:
    """Return whether this is the first synthesis of the request, which was charged when the form was sent."""
    return await cache.aadd(f"{_key(token)}:made", 1, REQUEST_TTL_S)


def _key(token: str) -> str:
    return f"spoken:{token}"


class Recordings:
    """A cache of WAV files by token, with single flight: concurrent requests share one synthesis.

    Responses read a recording in parts, so slow clients hold no copy of it. Above ``limit`` bytes, the oldest recording
    of the owner with the most bytes is evicted.
    """

    def __init__(self, limit: int = RECORDINGS_BYTES) -> None:
        self._limit = limit
        self._made: OrderedDict[str, tuple[asyncio.Future[bytes], str]] = OrderedDict()

    def has(self, token: str) -> bool:
        """Return whether the recording is cached or being synthesized."""
        return token in self._made

    async def get(self, token: str, make: Callable[[], Coroutine[Any, Any, bytes]], owner: str = "") -> bytes:
        """Return the cached recording, or await ``make()``. Raises its exceptions, which are not cached."""
        if token not in self._made:
            self._made[token] = (asyncio.create_task(make()), owner)
        task, _ = self._made[token]
        try:
            # Shielded: if the browser disconnects and retries, the recording is complete.
            recording = await asyncio.shield(task)
        except BaseException:
            if task.done() and (task.cancelled() or task.exception()):
                self.forget(token)
            raise
        self._evict()
        return recording

    def keep(self, token: str, recording: bytes, owner: str) -> None:
        """Store a complete recording."""
        made = asyncio.get_running_loop().create_future()
        made.set_result(recording)
        self._made[token] = (made, owner)
        self._evict()

    def forget(self, token: str) -> None:
        """Remove a recording."""
        self._made.pop(token, None)

    async def parts(self, token: str, first: int, last: int) -> AsyncIterator[bytes]:
        """Yield the bytes from ``first`` to ``last``; ends early if the recording is evicted."""
        for begin in range(first, last + 1, PART):
            if token not in self._made:
                return
            yield self._made[token][0].result()[begin : min(begin + PART, last + 1)]

    def _evict(self) -> None:
        sizes = {token: (len(task.result()), owner) for token, (task, owner) in self._made.items() if _whole(task)}
        while sum(size for size, _ in sizes.values()) > self._limit:
            of: Counter[str] = Counter()
            for size, owner in sizes.values():
                of[owner] += size
            most = of.most_common(1)[0][0]
            oldest = next(token for token, (_, owner) in sizes.items() if owner == most)
            self.forget(oldest)
            del sizes[oldest]


def _whole(task: asyncio.Future[bytes]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None
