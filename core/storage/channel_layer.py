"""Channels' layer in Redis; while Redis cannot be reached, tabs stay open and get the messages of their process."""

import asyncio
from functools import partial
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from channels_redis.utils import _wrap_close
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.storage.redis_link import RETRY_S, TIMEOUT_S, failures, redis_link

POLL_S = 0.1


class _Shard(RedisSingleShardConnection):  # type: ignore[misc]  # channels_redis ships no types
    """The connection of one event loop. Subscriptions that fail are repeated once Redis is back."""

    def __init__(self, host: dict[str, Any], layer: "_LoopLayer") -> None:
        own = {"socket_connect_timeout": TIMEOUT_S, "socket_timeout": TIMEOUT_S, "retry": Retry(NoBackoff(), 0)}
        super().__init__({**host, **own}, layer)
        self._wanted: set[str] = set()

    async def publish(self, channel: str, message: bytes) -> None:
        """Publish, or deliver to the tabs of this process."""
        if not await redis_link.attempt(partial(super().publish, channel, message)):
            self.channel_layer.deliver(channel, message)

    async def subscribe(self, channel: str) -> None:
        """Subscribe now, or as soon as Redis is back."""
        self._wanted.add(channel)
        self._ensure_receiver()
        await redis_link.attempt(partial(super().subscribe, channel))

    async def unsubscribe(self, channel: str) -> None:
        """Unsubscribe; without a connection there is nothing to do."""
        self._wanted.discard(channel)
        if not await redis_link.attempt(partial(super().unsubscribe, channel)):
            self._subscribed_to.discard(channel)
            if self._pubsub is not None:
                # Otherwise redis-py would subscribe again when it reconnects.
                self._pubsub.channels.pop(channel.encode(), None)

    async def _do_receiving(self) -> None:
        while True:
            try:
                await self._receive_once()
            except failures() as error:
                redis_link.failed(error)
                await asyncio.sleep(RETRY_S)

    async def _receive_once(self) -> None:
        if not redis_link.available:
            # Only an answer shows that Redis is available again.
            self._ensure_redis()
            if not await redis_link.attempt(self._redis.ping):
                await asyncio.sleep(RETRY_S)
                return
        for channel in list(self._wanted - self._subscribed_to):
            await redis_link.attempt(partial(super().subscribe, channel))
        if self._pubsub is not None and self._pubsub.subscribed:
            self._receive_message(await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=POLL_S))
        else:
            await asyncio.sleep(POLL_S)


class _LoopLayer(RedisPubSubLoopLayer):  # type: ignore[misc]
    """The layer of one event loop."""

    def __init__(self, hosts: list[str], *, channel_layer: "FallbackChannelLayer", **options: Any) -> None:
        super().__init__(hosts=hosts, channel_layer=channel_layer, **options)
        self._shards = [_Shard({"address": host}, self) for host in hosts]

    def deliver(self, channel: str, message: bytes) -> None:
        """Deliver to the tabs of this process, on the event loop of each."""
        for loop, layer in list(self.channel_layer._layers.items()):
            for shard in layer._shards:
                loop.call_soon_threadsafe(shard._receive_message, {"channel": channel, "data": message})


class FallbackChannelLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """Channels' Redis layer with shards that survive an outage."""

    def _get_layer(self) -> _LoopLayer:
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            self._layers[loop] = _LoopLayer(*self._args, **self._kwargs, channel_layer=self)
            _wrap_close(self, loop)
        layer: _LoopLayer = self._layers[loop]
        return layer
