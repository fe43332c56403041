"""A lock on DATA_DIR: servers share it, and a restore needs it alone."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

from core.storage.file_lock import file_lock
from project.backups.manifest import BackupError

LOCK_FILE = ".in-use"


def in_use(data_dir: Path) -> AbstractContextManager[None]:
    """Hold the lock as one of several servers. Raises ``BackupError`` ``restoring`` during a restore."""

    def refuse() -> NoReturn:
        raise BackupError("restoring", "A backup is being restored into DATA_DIR. Start again later.")

    return file_lock(data_dir / LOCK_FILE, refuse, shared=True)


def unused(data_dir: Path) -> AbstractContextManager[None]:
    """Hold the lock alone. Raises ``BackupError`` ``in_use`` while a server runs."""

    def refuse() -> NoReturn:
        raise BackupError("in_use", "A server uses DATA_DIR. Stop it, then restore.")

    return file_lock(data_dir / LOCK_FILE, refuse)
