"""Offers texts to an account's tabs over the channel layer. Messages contain no text: each tab reads the database."""

import asyncio
import uuid
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.cache import cache

from core.storage import database
from terminal.say import store

REPLY_S = 1.0
"""Seconds to wait for a tab. The text then waits in the database, and the tab may still take it."""
LAST_USED_S = 7 * 86_400

open_tabs: Counter[int] = Counter()
"""The tabs of this process that take texts, by account."""


def group_of(account: int) -> str:
    """Return the channel group of the account's tabs that take texts."""
    return f"terminal.say.{account}"


async def used(account: int, channel: str) -> None:
    """Record the tab that was used last."""
    await cache.aset(_key(account), channel, LAST_USED_S)


async def closed(account: int, channel: str) -> None:
    """Remove the record of a tab, if it was the one used last."""
    if await cache.aget(_key(account)) == channel:
        await cache.adelete(_key(account))


async def offer(account: int, entry: uuid.UUID) -> bool:
    """Offer a stored text, and return whether a tab has taken it.

    The tab that was used last comes first, then all others: one that does not answer may have disconnected.
    """
    if not open_tabs[account] and not settings.REDIS_URL:
        return False
    layer: Any = get_channel_layer()
    reply = await layer.new_channel()
    message = {"type": "say.offer", "reply": reply}
    last = await cache.aget(_key(account))
    try:
        if last is not None and not await database.read(partial(store.speaks_in_all_tabs, account)):
            with suppress(ChannelFull):
                await layer.send(last, message)
            if await _answered(layer, reply) and await database.read(partial(store.is_taken, entry)):
                return True
        await layer.group_send(group_of(account), message)
        await _answered(layer, reply)
        return await database.read(partial(store.is_taken, entry))
    finally:
        await _discard(layer, reply)


async def announce_removal(account: int, ids: list[uuid.UUID]) -> None:
    """Make all tabs of the account stop these texts."""
    layer: Any = get_channel_layer()
    if ids:
        await layer.group_send(group_of(account), {"type": "say.removed", "ids": [str(entry) for entry in ids]})


async def _answered(layer: Any, reply: str) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(REPLY_S):
            await layer.receive(reply)
            return True
    return False


async def _discard(layer: Any, reply: str) -> None:
    """Unsubscribe from a channel: the Redis layer does so when a pending ``receive`` is cancelled."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0):
            await layer.receive(reply)


def _key(account: int) -> str:
    return f"terminal.last-tab.{account}"
