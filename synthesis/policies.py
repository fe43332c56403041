"""Which limits are in force for whom: as the admin has them, at most a second ago."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from django.contrib.auth.models import Group

from synthesis.limits import Policy, most_generous
from synthesis.models import Limits

FRESH_S = 0.5
"""Seconds that a reading holds: with a request's own time, a change is in force within one."""

KEPT = 1000
"""Accounts whose groups are remembered that long."""


class Policies:
    """Reads the limits, and the groups of accounts, at most once in ``FRESH_S`` seconds each."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read_at = float("-inf")
        self._policies: Mapping[str | int, Policy] = {}
        self._groups: OrderedDict[int, tuple[float, tuple[int, ...]]] = OrderedDict()

    async def of(self, account: int | None) -> Policy:
        """The limits of an account, or (``None``) of a visitor."""
        policies = await self._all()
        if account is None:
            return most_generous(_there(policies, [Limits.VISITORS]))
        return most_generous(_there(policies, [Limits.MEMBERS, *await self._groups_of(account)]))

    async def refresh(self) -> None:
        """Read the limits now."""
        now = self._clock()
        self._policies = {limits.key: limits.policy async for limits in Limits.objects.all()}
        self._read_at = now

    async def _all(self) -> Mapping[str | int, Policy]:
        if self._clock() - self._read_at >= FRESH_S:
            await self.refresh()
        return self._policies

    async def _groups_of(self, account: int) -> tuple[int, ...]:
        now = self._clock()
        read_at, groups = self._groups.get(account, (float("-inf"), ()))
        if now - read_at >= FRESH_S:
            wanted = Group.objects.filter(user=account).values_list("pk", flat=True)
            groups = tuple([group async for group in wanted])
            self._groups[account] = (now, groups)
            self._groups.move_to_end(account)
            while len(self._groups) > KEPT:
                self._groups.popitem(last=False)
        return groups


def _there(policies: Mapping[str | int, Policy], keys: list[str | int]) -> list[Policy]:
    return [policies[key] for key in keys if key in policies]
