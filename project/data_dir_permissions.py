"""File permissions of ``DATA_DIR``: only its owner may read it, no other user of the machine."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

UMASK = 0o077
OTHERS = stat.S_IRWXG | stat.S_IRWXO
OURS = ("alphanumeric.sqlite3*", "secret_key", "voices", "static", "cache")
"""Glob patterns of the project's files in it. Other files are not changed; mode 0700 of a folder covers its content."""


def create(data_dir: Path) -> None:
    """Create the folder with mode 0700, and set the umask so that later files of this process are private too."""
    os.umask(UMASK)
    data_dir.mkdir(parents=True, exist_ok=True)


def close(data_dir: Path) -> None:
    """Remove other users' access to files that an earlier version, or a copy, left readable, and log which.

    A folder of another owner, or with the sticky bit (``/tmp``), is not changed; a warning names it.
    """
    if not hasattr(os, "geteuid"):
        # Windows: mode bits do not determine who may read a file; the folder's access list does.
        return
    readable = list(_readable(data_dir))
    left = [path for path in readable if not _closed(path)]
    closed = [str(path.relative_to(data_dir)) for path in readable if path not in left]
    if closed:
        log.info("Removed other users' access to files in DATA_DIR: %s", ", ".join(closed))
    if left:
        log.warning(
            "Other users can read DATA_DIR, and this user may not change its mode: %s", ", ".join(map(str, left))
        )


def _readable(data_dir: Path) -> Iterator[Path]:
    for path in (data_dir, *(path for pattern in OURS for path in sorted(data_dir.glob(pattern)))):
        if not path.is_symlink() and path.stat().st_mode & OTHERS:
            yield path


def _closed(path: Path) -> bool:
    status = path.stat()
    if status.st_uid != os.geteuid() or status.st_mode & stat.S_ISVTX:
        return False
    path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)
    return True
