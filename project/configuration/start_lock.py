"""A lock on ``DATA_DIR``, so that several first starts at once do not run the same migrations."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from core.storage.file_lock import file_lock

LOCK_FILE = ".start-lock"


def exclusive(data_dir: Path, say: Callable[[str], None]) -> AbstractContextManager[None]:
    """Hold the lock; if another process holds it, inform the operator with ``say``, and wait."""
    return file_lock(
        data_dir / LOCK_FILE, lambda: say("Another start is preparing DATA_DIR. Waiting until it has finished ...")
    )
