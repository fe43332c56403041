"""Checks the embedded database: its structure, and the file system on which it lies."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

CHECKED_BYTES = 256 * 1024 * 1024
"""Larger databases are not checked at the start: SQLite reads about 200 MB a second from a disk."""
NETWORK_FILE_SYSTEMS = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs", "ncpfs"),
        *("fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.glusterfs", "fuse.ceph", "fuse.gcsfuse", "drvfs"),
    )
)
"""File systems whose locks or shared memory SQLite cannot rely on (sqlite.org/wal.html: "does not work over a network
filesystem"). ``9p`` and ``drvfs`` are Windows folders in WSL."""
MOUNTS = Path("/proc/self/mountinfo")


def fault_of(database: Path) -> str | None:
    """Return SQLite's first complaint about the file, ``None`` if it has none or does not exist."""
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            (result,) = opened.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        # It is locked or unreadable, which is not damage; the next access reports it.
        return None
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if result == "ok" else str(result)


def check() -> None:
    """Raise ``DatabaseError`` with SQLite's words if the embedded database is damaged. PostgreSQL checks itself."""
    if connection.vendor != "sqlite":
        return
    database = Path(str(settings.DATABASES["default"]["NAME"]))
    if database.exists() and database.stat().st_size <= CHECKED_BYTES and (fault := fault_of(database)):
        raise DatabaseError(f"database disk image is malformed: {fault}")


def network_file_system(folder: Path, mounts: Path = MOUNTS) -> str | None:
    """Return the type of the network file system that ``folder`` is on; ``None`` for a local or an unknown one."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        # Only Linux has the list.
        return None
    own, longest, kind = os.path.realpath(folder), -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        # Spaces in a path are written in octal (man 5 proc).
        point = before.split(" ")[4].replace("\\040", " ") if before.count(" ") > 4 else ""
        # The last mount on the same point covers the earlier ones.
        if point and Path(own).is_relative_to(point) and len(point) >= longest:
            longest, kind = len(point), after.split(" ")[0]
    return kind if kind in NETWORK_FILE_SYSTEMS else None
