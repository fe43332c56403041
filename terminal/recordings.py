"""What was said through the plain form: its words for a while, and the last recordings of it, bounded in bytes."""

import asyncio
import secrets
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from django.core.cache import cache

from synthesis.pipeline.request import SpeechRequest

REQUEST_TTL_S = 600
RECORDINGS_BYTES = 32 * 1024 * 1024
"""Bytes of recordings in memory: a browser asks for the same one several times, a range at a time."""
PART = 64 * 1024
"""Bytes of a recording that an answer has in hand while it waits for its reader."""


async def store_request(request: SpeechRequest) -> str:
    """Keep the fields for ``REQUEST_TTL_S`` seconds under a token that nobody can guess."""
    token = secrets.token_urlsafe(16)
    fields = {"text": request.text, "voice": request.voice.id, "speaker": request.speaker, "speed": request.speed}
    await cache.aset(_key(token), fields, REQUEST_TTL_S)
    return token


async def load_request(token: str) -> dict[str, Any] | None:
    """The fields behind a token, as ``build_request`` takes it."""
    fields: dict[str, Any] | None = await cache.aget(_key(token))
    return fields


async def is_first_synthesis(token: str) -> bool:
    """Whether the making that follows was counted when the text was sent: the first one was, and no other."""
    return await cache.aadd(f"{_key(token)}:made", 1, REQUEST_TTL_S)


def _key(token: str) -> str:
    return f"spoken:{token}"


class Recordings:
    """WAV files by token, each made once however often it is asked for, at most ``limit`` bytes of them.

    Answers read them a part at a time, so that many readers of one, however slow, hold nothing of it. Beyond the limit
    the owner who has most bytes loses the oldest recording.
    """

    def __init__(self, limit: int = RECORDINGS_BYTES) -> None:
        self._limit = limit
        self._made: OrderedDict[str, tuple[asyncio.Future[bytes], str]] = OrderedDict()

    def has(self, token: str) -> bool:
        """Whether it is made, or in the making."""
        return token in self._made

    async def get(self, token: str, make: Callable[[], Coroutine[Any, Any, bytes]], owner: str = "") -> bytes:
        """The recording, by ``make()`` where there is none yet. Raises what that raises, and forgets the attempt."""
        if token not in self._made:
            self._made[token] = (asyncio.create_task(make()), owner)
        task, _ = self._made[token]
        try:
            # Shielded: the browser that hangs up and asks again finds it made.
            recording = await asyncio.shield(task)
        except BaseException:
            if task.done() and (task.cancelled() or task.exception()):
                self.forget(token)
            raise
        self._evict()
        return recording

    def keep(self, token: str, recording: bytes, owner: str) -> None:
        """Keep a recording that is made."""
        made = asyncio.get_running_loop().create_future()
        made.set_result(recording)
        self._made[token] = (made, owner)
        self._evict()

    def forget(self, token: str) -> None:
        """Let go of a recording."""
        self._made.pop(token, None)

    async def parts(self, token: str, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes from ``first`` to ``last``, as long as the recording is there: it ends early where it is not."""
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
