"""What owners' tabs show, read once a process for each change, however many tabs an owner has open."""

import asyncio
from collections.abc import Callable
from functools import partial

from core import database
from themes.identity import Identity
from themes.queries import Snapshot, snapshot


class SnapshotCache:
    """The last states of those who have tabs open here. All methods are called on the event loop.

    Nothing is remembered of others: what outlives a tab keeps the memory around it from being given back.
    """

    def __init__(self) -> None:
        self._tabs: dict[str, set[str]] = {}
        self._last: dict[str, Snapshot] = {}
        self._inflight: dict[str, asyncio.Task[Snapshot]] = {}

    def clear(self) -> None:
        """Remember nothing: for tests, whose databases begin again at the same revisions."""
        self._tabs.clear()
        self._last.clear()
        self._inflight.clear()

    def add_tab(self, who: Identity, tab: str) -> None:
        """Remember the owner's states while ``tab`` is open; once or more."""
        self._tabs.setdefault(who.owner_key, set()).add(tab)

    def remove_tab(self, who: Identity, tab: str) -> None:
        """The tab is closed, or somebody else's from now on."""
        key = who.owner_key
        tabs = self._tabs.get(key, set())
        tabs.discard(tab)
        if not tabs:
            self._tabs.pop(key, None)
            self._last.pop(key, None)

    async def read(self, who: Identity) -> Snapshot:
        """The state now, from the database: for a tab that was not told of earlier changes."""
        state: Snapshot = await database.read(partial(snapshot, who))
        self._remember(who.owner_key, state)
        return state

    async def since(self, who: Identity, *, owner_revision: int = 0, epoch: int = 0) -> Snapshot:
        """A state that has a certain change in it, read together with all others who wait for the same."""

        def fresh(state: Snapshot) -> bool:
            return state.owner_revision >= owner_revision and state.epoch >= epoch

        known = self._last.get(who.owner_key)
        if known is not None and fresh(known):
            return known
        return await self._load_once(who, fresh)

    async def _load_once(self, who: Identity, fresh: Callable[[Snapshot], bool]) -> Snapshot:
        key = who.owner_key
        load = self._inflight.get(key)
        if load is not None:
            state = await asyncio.shield(load)
            # That reading may have begun before the change.
            if fresh(state):
                return state
        load = self._inflight.get(key)
        if load is None:
            load = self._inflight[key] = asyncio.create_task(self.read(who))
            load.add_done_callback(lambda _: self._inflight.pop(key, None))
        return await asyncio.shield(load)

    def _remember(self, key: str, state: Snapshot) -> None:
        if key not in self._tabs:
            return
        known = self._last.get(key)
        # An owner whose account was deleted begins at 0 again: then nobody asks for the old one.
        if known is None or (state.epoch, state.owner_revision) >= (known.epoch, known.owner_revision):
            self._last[key] = state


snapshot_cache = SnapshotCache()
