"""A lock on DATA_DIR: servers share it, and a restore needs it alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from project.backups.manifest import BackupError

LOCK_FILE = ".in-use"


@contextmanager
def in_use(data_dir: Path) -> Iterator[None]:
    """Hold the lock as one of several servers. Raises ``BackupError`` ``restoring`` during a restore."""
    with _locked(data_dir, fcntl.LOCK_SH, "restoring", "A backup is being restored into DATA_DIR. Start again later."):
        yield


@contextmanager
def unused(data_dir: Path) -> Iterator[None]:
    """Hold the lock alone. Raises ``BackupError`` ``in_use`` while a server runs."""
    with _locked(data_dir, fcntl.LOCK_EX, "in_use", "A server uses DATA_DIR. Stop it, then restore."):
        yield


@contextmanager
def _locked(data_dir: Path, kind: int, code: str, message: str) -> Iterator[None]:
    descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(code, message) from None
        yield
    finally:
        os.close(descriptor)
