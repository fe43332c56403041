"""What owners' tabs show, read once a process for each change, however many tabs an owner has open."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from channels.db import database_sync_to_async

from themes.identity import Who
from themes.reading import Snapshot, snapshot

KEPT = 1000
"""Owners whose last state is remembered."""


class Snapshots:
    """A cache of the last states. All methods are called on the event loop."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, Snapshot] = OrderedDict()
        self._flights: dict[str, asyncio.Task[Snapshot]] = {}

    def forget(self) -> None:
        """Remember nothing: for tests, whose databases begin again at the same revisions."""
        self._last.clear()
        self._flights.clear()

    async def read(self, who: Who) -> Snapshot:
        """The state now, from the database: for a tab that was not told of earlier changes."""
        state: Snapshot = await database_sync_to_async(snapshot)(who)
        self._remember(who.owner_key, state)
        return state

    async def since(self, who: Who, *, owner_revision: int = 0, epoch: int = 0) -> Snapshot:
        """A state that has a certain change in it, read together with all others who wait for the same."""

        def fresh(state: Snapshot) -> bool:
            return state.owner_revision >= owner_revision and state.epoch >= epoch

        known = self._last.get(who.owner_key)
        if known is not None and fresh(known):
            return known
        return await self._fly(who, fresh)

    async def _fly(self, who: Who, fresh: Callable[[Snapshot], bool]) -> Snapshot:
        key = who.owner_key
        flight = self._flights.get(key)
        if flight is not None:
            state = await asyncio.shield(flight)
            # That reading may have begun before the change.
            if fresh(state):
                return state
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(self.read(who))
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)

    def _remember(self, key: str, state: Snapshot) -> None:
        known = self._last.get(key)
        # An owner whose account was deleted begins at 0 again: then nobody asks for the old one.
        if known is None or (state.epoch, state.owner_revision) >= (known.epoch, known.owner_revision):
            self._last[key] = state
        self._last.move_to_end(key)
        while len(self._last) > KEPT:
            self._last.popitem(last=False)


SNAPSHOTS = Snapshots()
