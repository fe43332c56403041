"""Caches owners' snapshots: each process reads a change once (single flight) for all open tabs."""

import asyncio
from collections.abc import Callable

from core.storage import database
from themes.owners.identity import Identity
from themes.store.queries import Snapshot, snapshot


class SnapshotCache:
    """The latest snapshots of owners with open tabs in this process. Call all methods on the event loop.

    Other owners are not cached: long-lived entries fragment the heap, so that its memory is not returned to the system.
    """

    def __init__(self) -> None:
        self._tabs: dict[str, set[str]] = {}
        self._last: dict[str, Snapshot] = {}
        self._inflight: dict[str, asyncio.Task[Snapshot]] = {}

    def clear(self) -> None:
        """Clear the cache, for tests, whose databases restart at the same revisions."""
        self._tabs.clear()
        self._last.clear()
        self._inflight.clear()

    def add_tab(self, who: Identity, tab: str) -> None:
        """Cache the owner's snapshots while ``tab`` is open. Idempotent."""
        self._tabs.setdefault(who.owner_key, set()).add(tab)

    def remove_tab(self, who: Identity, tab: str) -> None:
        """Remove a tab that has closed or changed its owner; evicts the owner's snapshot with the last tab."""
        key = who.owner_key
        tabs = self._tabs.get(key, set())
        tabs.discard(tab)
        if not tabs:
            self._tabs.pop(key, None)
            self._last.pop(key, None)

    async def read(self, who: Identity, check: Callable[[], None] = lambda: None) -> Snapshot:
        """Read the current snapshot from the database, for a tab that missed earlier notifications.

        ``check`` is called before, in the same call of the database's thread. Raises what it raises.
        """

        def checked() -> Snapshot:
            check()
            return snapshot(who)

        state = await database.read(checked)
        self._remember(who.owner_key, state)
        return state

    async def since(self, who: Identity, *, owner_revision: int = 0, epoch: int = 0) -> Snapshot:
        """Return a snapshot that includes the given revisions. Concurrent callers share one read (single flight)."""

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
            # The shared read may have begun before the change.
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
        # The owner of a deleted account restarts at revision 0; nothing requests the old snapshot then.
        if known is None or (state.epoch, state.owner_revision) >= (known.epoch, known.owner_revision):
            self._last[key] = state


snapshot_cache = SnapshotCache()
