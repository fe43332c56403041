"""Advisory file locks between processes."""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger(__name__)


@contextmanager
def file_lock(path: Path, when_taken: Callable[[], object] = lambda: None, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of the file ``path``: alone, or ``shared`` with other processes that share it.

    If another process holds it, call ``when_taken``, which may raise; then wait. The kernel releases the lock when its
    holder ends, however it ends. Some network file systems have no locks; there the context only logs a warning.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with path.open("w") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            when_taken()
            fcntl.flock(file, kind)
        except OSError as error:
            logger.warning(
                "The file system of %s has no locks (%s): run one server or command there at a time.",
                path.parent,
                error.strerror,
            )
        yield
