"""What tabs show is remembered as long as one of them is open, and no longer."""

import pytest

from tests.themes.users import ALICE, BOB
from themes.identity import Identity
from themes.queries import Snapshot, snapshot
from themes.snapshot_cache import SnapshotCache

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Identity]:
    """Who was looked up in the database."""
    found: list[Identity] = []

    def counted(who: Identity) -> Snapshot:
        found.append(who)
        return snapshot(who)

    monkeypatch.setattr("themes.snapshot_cache.snapshot", counted)
    return found


async def test_it_is_remembered_for_all_tabs_until_the_last_is_closed(asked: list[Identity]) -> None:
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


async def test_of_who_has_no_tab_nothing_is_remembered(asked: list[Identity]) -> None:
    snapshots = SnapshotCache()
    for _ in range(2):
        await snapshots.read(BOB)
        await snapshots.since(BOB)
    assert asked == [BOB] * 4
