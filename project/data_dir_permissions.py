"""Access to ``DATA_DIR``: its owner alone may read it, other users of this machine may not."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

UMASK = 0o077
OTHERS = stat.S_IRWXG | stat.S_IRWXO
OURS = ("alphanumeric.sqlite3*", "secret_key", "voices", "static")
"""What the project keeps there. Nothing else in it is touched, and nothing inside a closed folder needs to be."""


def create(data_dir: Path) -> None:
    """Create the folder with mode 0700, and let this process create files for its owner alone from now on."""
    os.umask(UMASK)
    data_dir.mkdir(parents=True, exist_ok=True)


def close(data_dir: Path) -> None:
    """Take the access of others from what an earlier version, or a copy, left readable; log one line if there is any.

    A folder of another owner, or with the sticky bit (``/tmp``), is not the project's to close: a warning says so.
    """
    readable = list(_readable(data_dir))
    left = [path for path in readable if not _closed(path)]
    closed = [str(path.relative_to(data_dir)) for path in readable if path not in left]
    if closed:
        log.info("DATA_DIR was readable by other users, now by its owner alone: %s", ", ".join(closed))
    if left:
        log.warning("DATA_DIR is readable by other users, and not this user's to close: %s", ", ".join(map(str, left)))


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
