"""Cached limits from the database, refreshed within a second while the database responds."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial

from django.contrib.auth.models import Group

from core.storage import database
from core.storage.cached import Cached
from synthesis.limits.policy import LimitPolicy, merge_policies
from synthesis.models import LimitPolicyRow

CACHE_TTL_S = 0.5
"""Seconds for which loaded limits are fresh; with the time of a request, changes apply within one second."""

MAX_CACHED_ACCOUNTS = 1000
"""Maximum accounts whose groups are cached."""


class PolicyStore:
    """Loads the limits, and the groups of each account, at most once in ``CACHE_TTL_S`` seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._policies = Cached(_read_policies, CACHE_TTL_S, clock)
        self._groups: OrderedDict[int, Cached[tuple[int, ...]]] = OrderedDict()

    async def for_account(self, account: int | None) -> LimitPolicy:
        """Return the limits of an account, or of a visitor for ``None``."""
        policies = await self._policies.get()
        if account is None:
            return merge_policies(_present(policies, [LimitPolicyRow.VISITORS]))
        return merge_policies(_present(policies, [LimitPolicyRow.MEMBERS, *await self._groups_for(account)]))

    async def refresh(self) -> None:
        """Load the limits. Raises ``StorageUnavailableError``."""
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
