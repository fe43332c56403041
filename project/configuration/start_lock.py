"""A lock on ``DATA_DIR``, so that several first starts at once do not run the same migrations."""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger(__name__)

LOCK_FILE = ".start-lock"


@contextmanager
def exclusive(data_dir: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock; wait while another process holds it, after telling the operator with ``say``.

    The kernel releases the lock when its holder ends, however it ends. Some network file systems have no locks; there
    the context only logs a warning.
    """
    with (data_dir / LOCK_FILE).open("w") as file:
        try:
            _lock(file.fileno(), say)
        except OSError as error:
            logger.warning("The file system of DATA_DIR has no locks (%s): start one server at a time.", error.strerror)
        yield


def _lock(descriptor: int, say: Callable[[str], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another start is preparing DATA_DIR. Waiting until it has finished ...")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
