"""Locks on ``DATA_DIR`` and the database, so that several first starts at once do not run the same migrations."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from django.db import connection

from core.storage.file_lock import file_lock

LOCK_FILE = ".start-lock"
ADVISORY_LOCK = 0x616C706861
"""Key of the lock in PostgreSQL: the letters "alpha"."""


def exclusive(data_dir: Path, say: Callable[[str], None]) -> AbstractContextManager[None]:
    """Hold the lock; if another process holds it, inform the operator with ``say``, and wait."""
    return file_lock(
        data_dir / LOCK_FILE, lambda: say("Another start is preparing DATA_DIR. Waiting until it has finished ...")
    )


@contextmanager
def database_lock() -> Iterator[None]:
    """Hold a lock in PostgreSQL, which servers on other machines share; wait for it. SQLite needs none."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        # The waiting is not limited by lock_timeout, which also covers advisory locks: migrations may take minutes.
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        cursor.execute("RESET lock_timeout")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
