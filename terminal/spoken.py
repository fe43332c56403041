"""What was said through the plain form: its words for a while, and the last few recordings of it."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any

from django.core.cache import cache

from synthesis.speech import Request

KEPT_S = 600
RECORDINGS = 4
"""Recordings in memory, 3 MB each at most: a browser asks for the same one several times, a range at a time."""


async def remember(request: Request) -> str:
    """Keep the wish for ``KEPT_S`` seconds under a token that nobody can guess."""
    token = secrets.token_urlsafe(16)
    wish = {"text": request.text, "voice": request.voice.id, "speaker": request.speaker, "speed": request.speed}
    await cache.aset(_key(token), wish, KEPT_S)
    return token


async def recall(token: str) -> dict[str, Any] | None:
    """The wish behind a token, as ``build_request`` takes it."""
    wish: dict[str, Any] | None = await cache.aget(_key(token))
    return wish


async def is_counted(token: str) -> bool:
    """Whether the making that follows was counted when the text was sent: the first one was, and no other."""
    return await cache.aadd(f"{_key(token)}:made", 1, KEPT_S)


def _key(token: str) -> str:
    return f"spoken:{token}"


class Recordings:
    """WAV files by token, each made once however often it is asked for."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, asyncio.Task[bytes]] = OrderedDict()

    def has(self, token: str) -> bool:
        """Whether it is made, or in the making."""
        return token in self._made

    async def get(self, token: str, make: Callable[[], Coroutine[Any, Any, bytes]]) -> bytes:
        """The recording, by ``make()`` where there is none yet. Raises what that raises, and forgets the attempt."""
        if token not in self._made:
            self._made[token] = asyncio.create_task(make())
            if len(self._made) > RECORDINGS:
                self._made.popitem(last=False)
        try:
            # Shielded: the browser that hangs up and asks again finds it made.
            return await asyncio.shield(self._made[token])
        except BaseException:
            if (task := self._made.get(token)) is not None and task.done() and (task.cancelled() or task.exception()):
                del self._made[token]
            raise
