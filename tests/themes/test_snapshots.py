"""What tabs show is remembered as long as one of them is open, and no longer."""

import pytest

from tests.themes.people import ALICE, BOB
from themes.identity import Who
from themes.reading import Snapshot, snapshot
from themes.snapshots import Snapshots

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Who]:
    """Who was looked up in the database."""
    found: list[Who] = []

    def counted(who: Who) -> Snapshot:
        found.append(who)
        return snapshot(who)

    monkeypatch.setattr("themes.snapshots.snapshot", counted)
    return found


async def test_it_is_remembered_for_all_tabs_until_the_last_is_closed(asked: list[Who]) -> None:
    snapshots = Snapshots()
    snapshots.join(ALICE, "one")
    snapshots.join(ALICE, "other")
    await snapshots.read(ALICE)
    snapshots.leave(ALICE, "one")
    await snapshots.since(ALICE)
    assert asked == [ALICE]
    snapshots.leave(ALICE, "other")
    await snapshots.since(ALICE)
    assert asked == [ALICE, ALICE]


async def test_of_who_has_no_tab_nothing_is_remembered(asked: list[Who]) -> None:
    snapshots = Snapshots()
    for _ in range(2):
        await snapshots.read(BOB)
        await snapshots.since(BOB)
    assert asked == [BOB] * 4
