"""Advisory file locks between processes: ``flock`` on Unix, locked bytes of the file on Windows."""

import errno
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows
try:
    import msvcrt as _msvcrt

    msvcrt: Any = _msvcrt
except ImportError:
    msvcrt = None

logger = logging.getLogger(__name__)

SHARERS = 64
"""Largest number of processes that can share a lock on Windows: each locks one byte, and an exclusive lock all."""
POLL_S = 0.2


@contextmanager
def file_lock(path: Path, when_taken: Callable[[], object] = lambda: None, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of the file ``path``: alone, or ``shared`` with other processes that share it.

    If another process holds it, call ``when_taken``, which may raise; then wait. The kernel releases the lock when its
    holder ends, however it ends. Some network file systems have no locks; there the context only logs a warning.
    """
    with path.open("w") as file:
        try:
            if not _locked(file, shared=shared):
                when_taken()
                _wait(file, shared=shared)
        except OSError as error:
            logger.warning(
                "The file system of %s has no locks (%s): run one server or command there at a time.",
                path.parent,
                error.strerror,
            )
        yield


def _locked(file: IO[str], *, shared: bool) -> bool:
    """Take the lock, and return whether it was free. Raises ``OSError`` without locks."""
    if fcntl is not None:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
    if msvcrt is None:
        raise OSError(errno.ENOTSUP, f"none on {sys.platform}")
    return any(_byte_locked(file, byte, 1) for byte in range(SHARERS)) if shared else _byte_locked(file, 0, SHARERS)


def _byte_locked(file: IO[str], begin: int, count: int) -> bool:
    file.seek(begin)
    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, count)
    except PermissionError:
        return False
    return True


def _wait(file: IO[str], *, shared: bool) -> None:
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        return
    while not _locked(file, shared=shared):
        time.sleep(POLL_S)
