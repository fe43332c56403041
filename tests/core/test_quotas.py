"""Counters are exact under concurrent requests, in one process or several."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.cache import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from hypothesis import given
from hypothesis import strategies as st

from core.limits.quotas import WINDOW_S, ConcurrencyLeases, FixedWindowCounter
from tests.clock import Clock

ROOT = Path(__file__).parents[2]
CLIENTS, LIMIT = 8, 100


@pytest.fixture(params=["locmem", "redis"])
def cache(request: pytest.FixtureRequest) -> Iterator[BaseCache]:
    """Yield each cache backend that can be configured."""
    if request.param == "redis":
        made: BaseCache = RedisCache(request.getfixturevalue("redis_url"), {})
    else:
        made = LocMemCache("quota", {"OPTIONS": {"MAX_ENTRIES": 10_000}})
    made.clear()
    yield made
    made.clear()


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000_000.0)


def test_exactly_the_limit_is_allowed(cache: BaseCache, clock: Clock) -> None:
    meter = FixedWindowCounter(cache, "texts", clock)
    with ThreadPoolExecutor(CLIENTS) as clients:
        readings = list(clients.map(lambda _: meter.consume("alice", 1, LIMIT), range(CLIENTS * LIMIT)))
    assert sum(reading.allowed for reading in readings) == LIMIT


def test_two_processes_share_a_count_in_redis(redis_url: str) -> None:
    RedisCache(redis_url, {}).clear()
    code = (
        "import sys\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from django.conf import settings\n"
        "settings.configure()\n"
        "from django.core.cache.backends.redis import RedisCache\n"
        "from core.limits.quotas import FixedWindowCounter, ConcurrencyLeases\n"
        f"cache = RedisCache({redis_url!r}, {{}})\n"
        "meter, places = FixedWindowCounter(cache, 'texts', lambda: 1000.0), ConcurrencyLeases(cache, 'sockets')\n"
        f"with ThreadPoolExecutor({CLIENTS // 2}) as clients:\n"
        f"    taken = sum(clients.map(lambda _: meter.consume('alice', 1, {LIMIT}).allowed, range({LIMIT})))\n"
        f"    held = sum(clients.map(lambda _: places.acquire('alice', {LIMIT}) is not None, range({LIMIT})))\n"
        "print(taken, held)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = [process.communicate("")[0].split() for process in running]
    assert sum(int(taken) for taken, _ in answers) == LIMIT
    assert sum(int(held) for _, held in answers) == LIMIT


def test_the_count_resets_after_one_window_and_not_earlier(cache: BaseCache, clock: Clock) -> None:
    meter = FixedWindowCounter(cache, "texts", clock)
    assert meter.consume("alice", LIMIT, LIMIT).allowed
    refused = meter.consume("alice", 1, LIMIT)
    assert not refused.allowed
    assert 0 < refused.reset_in_s <= WINDOW_S
    clock.now += refused.reset_in_s - 1
    assert not meter.consume("alice", 1, LIMIT).allowed
    clock.now += 1
    assert meter.consume("alice", LIMIT, LIMIT).allowed


def test_a_rejected_request_is_not_counted(cache: BaseCache, clock: Clock) -> None:
    meter = FixedWindowCounter(cache, "characters", clock)
    assert meter.consume("alice", 60, LIMIT).allowed
    assert not meter.consume("alice", 50, LIMIT).allowed
    last = meter.consume("alice", 40, LIMIT)
    assert (last.allowed, last.remaining) == (True, 0)


def test_each_key_has_its_own_count(cache: BaseCache, clock: Clock) -> None:
    texts, characters = FixedWindowCounter(cache, "texts", clock), FixedWindowCounter(cache, "characters", clock)
    assert texts.consume("alice", LIMIT, LIMIT).allowed
    assert texts.consume("bob", 1, LIMIT).allowed
    assert characters.consume("alice", 1, LIMIT).allowed


@given(amounts=st.lists(st.integers(1, 60), max_size=30))
def test_grants_never_exceed_the_limit(amounts: list[int]) -> None:
    cache = LocMemCache("quota-amounts", {})
    cache.clear()
    meter, used = FixedWindowCounter(cache, "characters", Clock()), 0
    for amount in amounts:
        fits = used + amount <= LIMIT
        assert meter.consume("alice", amount, LIMIT).allowed == fits
        used += amount if fits else 0


def test_leases_are_held_until_released(cache: BaseCache) -> None:
    places = ConcurrencyLeases(cache, "sockets")
    held = [places.acquire("alice", 3) for _ in range(3)]
    assert sorted(place for place in held if place is not None) == [0, 1, 2]
    assert places.acquire("alice", 3) is None
    assert places.acquire("bob", 3) == 0
    places.release("alice", 1)
    assert places.acquire("alice", 3) == 1
    places.release("alice", 7)
    assert places.acquire("alice", 3) is None


def test_processes_share_leases(cache: BaseCache) -> None:
    here, there = ConcurrencyLeases(cache, "sockets"), ConcurrencyLeases(cache, "sockets")
    assert {here.acquire("alice", 2), there.acquire("alice", 2)} == {0, 1}
    assert here.acquire("alice", 2) is None
    assert there.acquire("alice", 2) is None
    here.release("alice", 0)
    assert there.acquire("alice", 2) == 0


def test_leases_of_a_dead_process_expire_and_others_are_renewed(cache: BaseCache) -> None:
    alive, gone = ConcurrencyLeases(cache, "sockets"), ConcurrencyLeases(cache, "sockets")
    alive.acquire("alice", 2)
    gone.acquire("alice", 2)
    for key in ("place:sockets:alice:0", "place:sockets:alice:1"):
        cache.delete(key)  # as the end of the process would
    alive.renew()
    third = ConcurrencyLeases(cache, "sockets")
    assert third.acquire("alice", 2) == 1
    assert third.acquire("alice", 2) is None


def test_a_lowered_limit_grants_no_new_lease(cache: BaseCache) -> None:
    places = ConcurrencyLeases(cache, "sockets")
    for _ in range(3):
        places.acquire("alice", 3)
    assert places.acquire("alice", 2) is None
