"""Which limits are in force for whom: as the admin has them, at most a second ago while the database answers."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial

from django.contrib.auth.models import Group

from core import database
from core.cached import Cached
from synthesis.limits.policy import LimitPolicy, merge_policies
from synthesis.models import LimitPolicyRow

CACHE_TTL_S = 0.5
"""Seconds that a reading holds: with a request's own time, a change is in force within one."""

MAX_CACHED_ACCOUNTS = 1000
"""Accounts whose groups are remembered that long."""


class PolicyStore:
    """Reads the limits, and the groups of accounts, at most once in ``CACHE_TTL_S`` seconds each."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._policies = Cached(_read_policies, CACHE_TTL_S, clock)
        self._groups: OrderedDict[int, Cached[tuple[int, ...]]] = OrderedDict()

    async def for_account(self, account: int | None) -> LimitPolicy:
        """The limits of an account, or (``None``) of a visitor."""
        policies = await self._policies.get()
        if account is None:
            return merge_policies(_present(policies, [LimitPolicyRow.VISITORS]))
        return merge_policies(_present(policies, [LimitPolicyRow.MEMBERS, *await self._groups_for(account)]))

    async def refresh(self) -> None:
        """Read the limits now. Raises ``StorageUnavailableError``."""
        await self._policies.refresh()

    async def _groups_for(self, account: int) -> tuple[int, ...]:
        groups = self._groups.get(account)
        if groups is None:
            groups = self._groups[account] = Cached(partial(_read_groups, account), CACHE_TTL_S, self._clock)
            while len(self._groups) > MAX_CACHED_ACCOUNTS:
                self._groups.popitem(last=False)
        self._groups.move_to_end(account)
        return await groups.get()


async def _read_policies() -> Mapping[str | int, LimitPolicy]:
    return await database.read(lambda: {limits.key: limits.policy for limits in LimitPolicyRow.objects.all()})


async def _read_groups(account: int) -> tuple[int, ...]:
    return await database.read(lambda: tuple(Group.objects.filter(user=account).values_list("pk", flat=True)))


def _present(policies: Mapping[str | int, LimitPolicy], keys: list[str | int]) -> list[LimitPolicy]:
    return [policies[key] for key in keys if key in policies]
