"""Cached limits from the database, refreshed within a second while the database responds."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.module_loading import import_string

from core.storage import database
from core.storage.cached import Cached
from synthesis.limits.policy import LimitPolicy, merge_policies
from synthesis.models import LimitPolicyRow

CACHE_TTL_S = 0.5
"""Seconds for which loaded limits are fresh; with the time of a request, changes apply within one second."""

MAX_CACHED_ACCOUNTS = 1000
"""Maximum accounts whose groups and cache choice are cached."""


@dataclass(frozen=True, slots=True)
class _Account:
    groups: tuple[int, ...]
    caches_speech: bool


class PolicyStore:
    """Loads the limits, and the groups and cache choice of each account, at most once in ``CACHE_TTL_S`` seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._policies = Cached(_read_policies, CACHE_TTL_S, clock)
        self._accounts: OrderedDict[int, Cached[_Account]] = OrderedDict()

    async def for_account(self, account: int | None) -> LimitPolicy:
        """Return the limits of an account, or of a visitor for ``None``."""
        policies = await self._policies.get()
        if account is None:
            return merge_policies(_present(policies, [LimitPolicyRow.VISITORS]))
        theirs = await self._account(account)
        policy = merge_policies(_present(policies, [LimitPolicyRow.MEMBERS, *theirs.groups]))
        return policy if theirs.caches_speech else replace(policy, max_cached_segments=0)

    async def refresh(self) -> None:
        """Load the limits. Raises ``StorageUnavailableError``."""
        await self._policies.refresh()

    async def _account(self, account: int) -> _Account:
        known = self._accounts.get(account)
        if known is None:
            known = self._accounts[account] = Cached(partial(_read_account, account), CACHE_TTL_S, self._clock)
            while len(self._accounts) > MAX_CACHED_ACCOUNTS:
                self._accounts.popitem(last=False)
        self._accounts.move_to_end(account)
        return await known.get()


async def _read_policies() -> Mapping[str | int, LimitPolicy]:
    return await database.read(lambda: {limits.key: limits.policy for limits in LimitPolicyRow.objects.all()})


async def _read_account(account: int) -> _Account:
    # Named by a setting, because this package does not import accounts.
    caches_speech: Callable[[int], bool] = import_string(settings.SPEECH_CACHE_BACKEND)

    def read() -> _Account:
        groups = Group.objects.filter(user=account).values_list("pk", flat=True)
        return _Account(tuple(groups), caches_speech(account))

    return await database.read(read)


def _present(policies: Mapping[str | int, LimitPolicy], keys: list[str | int]) -> list[LimitPolicy]:
    return [policies[key] for key in keys if key in policies]
