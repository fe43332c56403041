"""Who may be spoken to now: the one place where limits are enforced, for the socket and for HTTP alike."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from django.core.cache import BaseCache

from synthesis.errors import SpeechError
from synthesis.limits import Policy
from synthesis.policies import Policies
from synthesis.quota import HELD_S, Meter, Places, Reading

T = TypeVar("T")

KEPT_A_MINUTE = 120
"""Themes that somebody may make in a minute: by hand it is a few, a program would fill the disk."""
BUSY_S = 2
"""When to try again where all places are taken: some utterance will have ended by then."""
SOCKETS_OF_ADDRESS = 4
"""How many times the sockets of one visitor an address may have open: a household, an office."""
IPV6_HOST = 64
"""Bits of an IPv6 address that are one customer's."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is counted: an account, or, of those without one, all who share an address."""

    account: int | None
    address: str

    @property
    def key(self) -> str:
        """The name under which is counted."""
        return f"account.{self.account}" if self.account is not None else f"address.{self.address}"


def subject_of(account: int | None, client: str | None) -> Subject:
    """The account, or the client's address: of IPv6 the network, of which one customer has all addresses."""
    try:
        address = ip_address(client or "")
    except ValueError:
        return Subject(account, "unknown")
    # A socket of both families names those of the older one in the newer's form.
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6:
        return Subject(account, str(ip_network((address, IPV6_HOST), strict=False).network_address))
    return Subject(account, str(address))


class Admission:
    """Asks the policies, and the counters in ``cache``; ``remote`` where asking takes a way over the network.

    ``let_in(policy)`` raises ``BusyError`` where the process itself has no room for those whose policy it is.
    """

    def __init__(
        self,
        policies: Policies,
        cache: BaseCache,
        *,
        remote: bool = False,
        let_in: Callable[[Policy], None] = lambda _: None,
    ) -> None:
        self._let_in = let_in
        self._policies = policies
        self._remote = remote
        self._requests = Meter(cache, "requests")
        self._characters = Meter(cache, "characters")
        self._kept = Meter(cache, "kept")
        self._places: Mapping[str, Places] = {
            what: Places(cache, what) for what in ("utterances", "sockets", "addresses")
        }
        self._renewing: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Renew no more."""
        if self._renewing is not None and not self._renewing.get_loop().is_closed():
            self._renewing.cancel()

    async def policy(self, subject: Subject) -> Policy:
        """The limits in force."""
        return await self._policies.of(subject.account)

    async def refresh(self) -> None:
        """Read the limits before anybody has to wait for it."""
        await self._policies.refresh()

    async def check(self, subject: Subject, policy: Policy) -> None:
        """Refuse who has no request left, before any work is done for it. Raises ``SpeechError`` ``limit_requests``."""
        requests = await self.reading(subject, policy)
        if requests.left == 0:
            raise _too_many("limit_requests", "text", requests)

    async def reading(self, subject: Subject, policy: Policy) -> Reading:
        """What is left of the requests; nothing is taken."""
        return await self._ask(lambda: self._requests.take(subject.key, 0, policy.requests))

    async def request(self, subject: Subject, policy: Policy, characters: int) -> Reading:
        """Count a text. Raises ``SpeechError`` ``limit_requests`` or ``limit_characters``, or ``BusyError``."""
        self._let_in(policy)
        requests = await self._ask(lambda: self._requests.take(subject.key, 1, policy.requests))
        if not requests.granted:
            raise _too_many("limit_requests", "text", requests)
        used = await self._ask(lambda: self._characters.take(subject.key, characters, policy.characters))
        if not used.granted:
            raise _too_many("limit_characters", "character", used)
        return requests

    def bill(self, subject: Subject, estimate: int) -> Callable[[int], Awaitable[None]]:
        """Return what counts an utterance's sound beyond its ``estimate``, in characters. It refuses nothing."""
        counted = estimate

        async def bill(characters: int) -> None:
            nonlocal counted
            more, counted = max(0, characters - counted), max(counted, characters)
            if more:
                await self._ask(lambda: self._characters.debit(subject.key, more))

        return bill

    async def keep(self, subject: Subject) -> None:
        """Count something that is to be kept on the disk. Raises ``SpeechError`` ``limit_theme_creations``."""
        kept = await self._ask(lambda: self._kept.take(subject.key, 1, KEPT_A_MINUTE))
        if not kept.granted:
            raise _too_many("limit_theme_creations", "new theme", kept)

    @asynccontextmanager
    async def utterance(self, subject: Subject, policy: Policy) -> AsyncIterator[None]:
        """Hold a place to be spoken to. Raises ``SpeechError`` ``limit_utterances``."""
        async with self._place("utterances", subject.key, policy.utterances) as granted:
            if not granted:
                raise _full(
                    "limit_utterances",
                    f"You have {_counted(policy.utterances, 'text')} in the making",
                    policy.utterances,
                )
            yield

    @asynccontextmanager
    async def socket(self, subject: Subject, owner: str, policy: Policy) -> AsyncIterator[None]:
        """Hold a place for a tab of ``owner``. Raises ``SpeechError`` ``limit_sockets``, or ``BusyError``."""
        self._let_in(policy)
        of_address = policy.sockets * SOCKETS_OF_ADDRESS
        async with self._place("addresses", subject.address, of_address) as granted:
            if not granted:
                raise _full("limit_sockets", f"Your address has {_counted(of_address, 'tab')} open", of_address)
            async with self._place("sockets", owner, policy.sockets) as owned:
                if not owned:
                    raise _full("limit_sockets", f"You have {_counted(policy.sockets, 'tab')} open", policy.sockets)
                yield

    @asynccontextmanager
    async def _place(self, what: str, subject: str, limit: int) -> AsyncIterator[bool]:
        places = self._places[what]
        place = await self._ask(lambda: places.take(subject, limit))
        if place is None:
            yield False
            return
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())
        try:
            yield True
        finally:
            places_back = asyncio.ensure_future(self._ask(lambda: places.give_back(subject, place)))
            await asyncio.shield(places_back)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(HELD_S / 3)
            for places in self._places.values():
                await self._ask(places.renew)

    async def _ask(self, question: Callable[[], T]) -> T:
        return await asyncio.to_thread(question) if self._remote else question()


def account_of(user: Any) -> int | None:
    """The number of the account that is signed in."""
    return user.pk if user is not None and user.is_authenticated else None


def _too_many(code: str, what: str, reading: Reading) -> SpeechError:
    return SpeechError(
        code,
        f"That is more than {_counted(reading.limit, what)} in a minute. Try again in {reading.resets_in_s} s.",
        limit=reading.limit,
        value=reading.used,
        retry_after=reading.resets_in_s,
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _full(code: str, sentence: str, limit: int) -> SpeechError:
    return SpeechError(code, f"{sentence} already. Try again in {BUSY_S} s.", limit=limit, retry_after=BUSY_S)
