"""Tests the check of SQLite's file, and that network file systems are recognized."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.storage.database_integrity import fault_of, network_file_system

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /srv/with\\040space rw shared:2 - nfs4 files.test:/export rw
31 22 0:41 / /srv/local rw - tmpfs tmpfs rw
32 22 0:42 / /mnt/c rw - 9p C: rw
33 32 0:43 / /mnt/c rw - ext4 /dev/vdb rw
34 22 0:44 / /mnt/d rw - 9p D: rw
damaged
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/with space/alphanumeric", "nfs4"),
        ("/srv/with space", "nfs4"),
        ("/srv/local/var", None),
        ("/srv/localities", None),
        ("/mnt/c/var", None),
        ("/mnt/d/var", "9p"),
        ("/var", None),
    ],
)
def test_network_file_systems(tmp_path: Path, folder: str, kind: str | None) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert network_file_system(Path(folder), mounts) == kind


def test_without_a_list_of_mounts_nothing_is_reported(tmp_path: Path) -> None:
    assert network_file_system(tmp_path, tmp_path / "absent") is None


def test_a_damaged_database_is_reported(tmp_path: Path) -> None:
    database = tmp_path / "data.sqlite3"
    assert fault_of(database) is None
    with closing(sqlite3.connect(database)) as made:
        made.execute("CREATE TABLE texts (text TEXT)")
        made.executemany("INSERT INTO texts VALUES (?)", [("x" * 500,)] * 200)
        made.commit()
    assert fault_of(database) is None
    content = bytearray(database.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    database.write_bytes(content)
    assert fault_of(database)
    database.write_bytes(b"not a database, but long enough to be read as one" * 100)
    assert fault_of(database) == "file is not a database"
