"""Limits, notifications and the log during and after an outage of Redis."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from core.errors import LimitsUnavailableError
from core.limits.quotas import ConcurrencyLeases, FixedWindowCounter
from core.storage import channel_layer, fallback_cache
from core.storage.channel_layer import FallbackChannelLayer
from core.storage.fallback_cache import FallbackCache
from core.storage.redis_link import RETRY_S, RedisLink
from tests.clock import Clock
from tests.redis import RedisServer


@pytest.fixture
def link(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> RedisLink:
    link = RedisLink(clock)
    for module in (fallback_cache, channel_layer):
        monkeypatch.setattr(module, "redis_link", link)
    monkeypatch.setattr(channel_layer, "RETRY_S", 0.01)
    return link


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


def limits(server: RedisServer) -> FallbackCache:
    return FallbackCache(server.url, {"KEY_PREFIX": "limits", "REJECTS": True, "OPTIONS": {"MAX_ENTRIES": 1000}})


def test_one_call_a_second_retries_redis(link: RedisLink, clock: Clock) -> None:
    tried = []

    def fail() -> str:
        tried.append(clock.now)
        raise ConnectionError

    for _ in range(100):
        assert link.call(fail, lambda: "local") == "local"
    clock.now = RETRY_S
    for _ in range(100):
        link.call(fail, lambda: "local")
    assert tried == [0.0, RETRY_S]


def test_limits_are_counted_in_the_process_until_redis_is_back(
    server: RedisServer, link: RedisLink, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    counter = FixedWindowCounter(limits(server), "requests", lambda: 1_000_000.0)
    leases = ConcurrencyLeases(limits(server), "sockets")
    assert [counter.consume("alice", 1, 2).allowed for _ in range(3)] == [True, True, False]
    held = leases.acquire("alice", 2)
    assert held is not None
    server.kill()
    assert [counter.consume("alice", 1, 2).allowed for _ in range(3)] == [True, True, False]
    other = leases.acquire("alice", 2)
    assert other is not None
    assert leases.acquire("alice", 2) is None
    leases.renew()
    leases.release("alice", held)
    server.start()
    clock.now += RETRY_S
    assert counter.consume("alice", 2, 2).allowed
    leases.release("alice", other)
    assert link.available
    assert [message.split(".")[0].split(" (")[0] for message in caplog.messages] == [
        "Redis cannot be reached",
        "Redis is back: limits and changes are shared again",
    ]


def test_limited_requests_are_rejected_if_the_setting_is_reject(
    server: RedisServer, link: RedisLink, clock: Clock, settings: Settings
) -> None:
    settings.LIMITS_WITHOUT_REDIS = "reject"
    counter = FixedWindowCounter(limits(server), "requests")
    assert counter.consume("alice", 1, 2).allowed
    server.kill()
    for _ in range(3):
        with pytest.raises(LimitsUnavailableError):
            counter.consume("alice", 1, 2)
    # A cache without limits never rejects.
    other = FallbackCache(server.url, {"KEY_PREFIX": "default", "OPTIONS": {}})
    other.set("alice", 1)
    assert other.get("alice") == 1
    server.start()
    clock.now += RETRY_S
    assert counter.consume("alice", 1, 2).allowed


async def received(layer: FallbackChannelLayer, channel: str) -> str:
    async with asyncio.timeout(10):
        return str((await layer.receive(channel))["type"])


async def test_tabs_stay_connected_without_redis_and_receive_a_notice(
    server: RedisServer,
    link: RedisLink,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(channel_layer, "RETRY_S", 0.01)
    here, elsewhere = FallbackChannelLayer(hosts=[server.url]), FallbackChannelLayer(hosts=[server.url])
    old = await here.new_channel()
    await here.group_add("alice", old)
    await elsewhere.group_send("alice", {"type": "first"})
    assert await received(here, old) == "first"

    server.kill()
    new = await here.new_channel()
    await here.group_add("alice", new)
    await here.group_send("alice", {"type": "second"})
    assert [await received(here, channel) for channel in (old, new)] == ["second", "second"]

    server.start()
    async with asyncio.timeout(10):
        while here._get_layer().channels[new].empty() or here._get_layer().channels[old].empty():
            clock.now += RETRY_S
            await elsewhere.group_send("alice", {"type": "third"})
            await asyncio.sleep(0.02)
    assert link.available
    assert [await received(here, channel) for channel in (old, new)] == ["third", "third"]
    assert not [record for record in caplog.records if record.exc_info]
    assert len(caplog.records) < 10
    for layer in (here, elsewhere):
        await layer.flush()


async def test_tabs_open_and_close_without_redis(server: RedisServer, link: RedisLink) -> None:
    server.kill()
    layer = FallbackChannelLayer(hosts=[server.url])
    channel = await layer.new_channel()
    await layer.group_add("bob", channel)
    await layer.group_send("bob", {"type": "told"})
    assert await received(layer, channel) == "told"
    await layer.group_discard("bob", channel)
    await layer.flush()
