"""Rate limits and concurrency limits of speech requests, enforced here for both the socket and HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypeVar

from django.core.cache import BaseCache

from core.errors import StorageUnavailableError
from core.limits import registry
from core.limits.quotas import LEASE_TTL_S, ConcurrencyLeases, FixedWindowCounter, QuotaStatus
from core.limits.subjects import RateLimitSubject
from synthesis.errors import SpeechError
from synthesis.limits.policy import LimitPolicy
from synthesis.limits.policy_store import PolicyStore

T = TypeVar("T")

RETRY_AFTER_S = 2
"""Seconds before a retry when all concurrency leases are held: an utterance has usually ended by then."""
ADDRESS_CONNECTION_MULTIPLIER = registry.ADDRESS_CONNECTION_FACTOR.default
"""Open sockets per address as a multiple of ``max_connections``, for households and offices behind one address."""


class RateLimiter:
    """Enforces the policies with counters in ``cache``.

    ``remote`` means that the cache is reached over the network, so calls run in a thread.
    ``memory_check(policy)`` raises ``BusyError`` when the process lacks memory for requests under
    that policy.
    """

    def __init__(
        self,
        policies: PolicyStore,
        cache: BaseCache,
        *,
        remote: bool = False,
        memory_check: Callable[[LimitPolicy], None] = lambda _: None,
    ) -> None:
        self._memory_check = memory_check
        self._cache = cache
        self._policies = policies
        self._remote = remote
        self._requests = FixedWindowCounter(cache, "requests")
        self._characters = FixedWindowCounter(cache, "characters")
        self._leases: Mapping[str, ConcurrencyLeases] = {
            what: ConcurrencyLeases(cache, what) for what in ("utterances", "sockets", "addresses")
        }
        self._renewing: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Stop renewing leases."""
        if self._renewing is not None and not self._renewing.get_loop().is_closed():
            self._renewing.cancel()

    async def policy(self, subject: RateLimitSubject) -> LimitPolicy:
        """Return the limits in force for ``subject``."""
        return await self._policies.for_account(subject.account)

    async def refresh(self) -> None:
        """Load the limits before the first request needs them."""
        await self._policies.refresh()

    async def require_request_quota(self, subject: RateLimitSubject, policy: LimitPolicy) -> None:
        """Reject a client without request quota before any other work. Raises ``SpeechError`` ``limit_requests``."""
        requests = await self.request_quota(subject, policy)
        if requests.remaining == 0:
            raise _too_many("limit_requests", "text", requests)

    async def request_quota(self, subject: RateLimitSubject, policy: LimitPolicy) -> QuotaStatus:
        """Return the request quota status without consuming any."""
        return await self._call_cache(lambda: self._requests.consume(subject.key, 0, policy.requests_per_minute))

    async def charge_request(self, subject: RateLimitSubject, policy: LimitPolicy, characters: int) -> QuotaStatus:
        """Charge one request and its characters.

        Raises ``SpeechError`` ``limit_requests`` or ``limit_characters``, or ``BusyError``.
        """
        self._memory_check(policy)
        await self._charge_token(subject, characters)
        requests = await self._call_cache(lambda: self._requests.consume(subject.key, 1, policy.requests_per_minute))
        if not requests.allowed:
            raise _too_many("limit_requests", "text", requests)
        used = await self._call_cache(
            lambda: self._characters.consume(subject.key, characters, policy.characters_per_minute)
        )
        if not used.allowed:
            raise _too_many("limit_characters", "character", used)
        return requests

    async def _charge_token(self, subject: RateLimitSubject, characters: int) -> None:
        """Charge the own limits of an access token. Raises as ``charge_request``."""
        token = subject.token
        if token is None:
            return
        for code, what, counter, amount, limit in (
            ("limit_requests", "text", self._requests, 1, token.requests_per_minute),
            ("limit_characters", "character", self._characters, characters, token.characters_per_minute),
        ):
            if limit is not None:
                own = await self._call_cache(partial(counter.consume, token.key, amount, limit))
                if not own.allowed:
                    raise _too_many(code, what, own)

    def bill(self, subject: RateLimitSubject, estimate: int) -> Callable[[int], Awaitable[None]]:
        """Return a callback that charges the characters synthesized beyond ``estimate``. It never rejects."""
        counted = estimate

        async def bill(characters: int) -> None:
            nonlocal counted
            more, counted = max(0, characters - counted), max(counted, characters)
            if more:
                with suppress(StorageUnavailableError):
                    await self._call_cache(lambda: self._characters.debit(subject.key, more))
                    if subject.token is not None and subject.token.characters_per_minute is not None:
                        await self._call_cache(partial(self._characters.debit, subject.token.key, more))

        return bill

    async def use_once(self, key: str, timeout_s: int) -> bool:
        """Record the use of ``key`` for ``timeout_s`` seconds. Returns whether it is the first, of all processes."""
        try:
            return await self._call_cache(lambda: self._cache.add(key, 1, timeout=timeout_s))
        except StorageUnavailableError:
            return False

    @asynccontextmanager
    async def utterance_slot(self, subject: RateLimitSubject, policy: LimitPolicy) -> AsyncIterator[None]:
        """Hold a lease for one concurrent utterance. Raises ``SpeechError`` ``limit_utterances``."""
        async with self._lease("utterances", subject.key, policy.max_concurrent_utterances) as granted:
            if not granted:
                raise _full(
                    "limit_utterances",
                    f"At most {_counted(policy.max_concurrent_utterances, 'text')} can be synthesized at once",
                    policy.max_concurrent_utterances,
                )
            yield

    @asynccontextmanager
    async def connection_slot(self, subject: RateLimitSubject, owner: str, policy: LimitPolicy) -> AsyncIterator[None]:
        """Hold a lease for a tab of ``owner``. Raises ``SpeechError`` ``limit_sockets``, or ``BusyError``."""
        self._memory_check(policy)
        of_address = policy.max_connections * ADDRESS_CONNECTION_MULTIPLIER
        async with self._lease("addresses", subject.address, of_address) as granted:
            if not granted:
                raise _full(
                    "limit_sockets", f"At most {_counted(of_address, 'tab')} can be open per address", of_address
                )
            async with self._lease("sockets", owner, policy.max_connections) as owned:
                if not owned:
                    raise _full(
                        "limit_sockets",
                        f"At most {_counted(policy.max_connections, 'tab')} can be open at once",
                        policy.max_connections,
                    )
                yield

    @asynccontextmanager
    async def _lease(self, what: str, subject: str, limit: int) -> AsyncIterator[bool]:
        places = self._leases[what]
        place = await self._call_cache(lambda: places.acquire(subject, limit))
        if place is None:
            yield False
            return
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())
        try:
            yield True
        finally:
            places_back = asyncio.ensure_future(self._call_cache(lambda: places.release(subject, place)))
            # If it cannot be released now, it expires.
            with suppress(StorageUnavailableError):
                await asyncio.shield(places_back)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE_TTL_S / 3)
            for places in self._leases.values():
                with suppress(StorageUnavailableError):
                    await self._call_cache(places.renew)

    async def _call_cache(self, question: Callable[[], T]) -> T:
        return await asyncio.to_thread(question) if self._remote else question()


def _too_many(code: str, what: str, reading: QuotaStatus) -> SpeechError:
    return SpeechError(
        code,
        f"The limit is {_counted(reading.limit, what)} per minute. Try again in {reading.reset_in_s} s.",
        limit=reading.limit,
        value=reading.used,
        retry_after=reading.reset_in_s,
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _full(code: str, sentence: str, limit: int) -> SpeechError:
    return SpeechError(code, f"{sentence}. Try again in {RETRY_AFTER_S} s.", limit=limit, retry_after=RETRY_AFTER_S)
