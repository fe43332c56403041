"""Tests that snapshots are cached only while a tab of their owner is open."""

import pytest

from tests.themes.users import ALICE, BOB
from themes.owners.identity import Identity
from themes.store.queries import Snapshot, snapshot
from themes.store.snapshot_cache import SnapshotCache

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Identity]:
    """Record the owners that were read from the database."""
    found: list[Identity] = []

    def counted(who: Identity) -> Snapshot:
        found.append(who)
        return snapshot(who)

    monkeypatch.setattr("themes.store.snapshot_cache.snapshot", counted)
    return found


async def test_a_snapshot_is_cached_until_the_last_tab_closes(asked: list[Identity]) -> None:
    snapshots = SnapshotCache()
    snapshots.add_tab(ALICE, "one")
    snapshots.add_tab(ALICE, "other")
    await snapshots.read(ALICE)
    snapshots.remove_tab(ALICE, "one")
    await snapshots.since(ALICE)
    assert asked == [ALICE]
    snapshots.remove_tab(ALICE, "other")
    await snapshots.since(ALICE)
    assert asked == [ALICE, ALICE]


async def test_owners_without_tabs_are_not_cached(asked: list[Identity]) -> None:
    snapshots = SnapshotCache()
    for _ in range(2):
        await snapshots.read(BOB)
        await snapshots.since(BOB)
    assert asked == [BOB] * 4
