"""``python -m tests.project.other_platform COMMAND...``: run ``manage.py COMMAND`` without what only Linux or Unix has.

The modules, functions and constants that Windows lacks are removed, and the files of Linux (``/proc``, ``/dev/shm``)
cannot be opened. Packages that choose between systems when they are imported are imported before.
"""

import asyncio
import asyncio.unix_events
import ctypes
import importlib
import os
import runpy
import signal
import socket
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
BEFORE = (
    "multiprocessing.util",
    "subprocess",
    "tempfile",
    "twisted.internet.asyncioreactor",
    "twisted.python.lockfile",
)
MODULES = ("fcntl", "grp", "pwd", "resource", "termios", "uvloop")
ATTRIBUTES: tuple[tuple[Any, Sequence[str]], ...] = (
    (
        os,
        (
            *("fork", "geteuid", "getuid", "getgid", "getegid", "nice", "memfd_create", "killpg", "setsid"),
            *("sched_getaffinity", "sched_setaffinity", "sysconf", "fchmod", "chown", "posix_fadvise", "execve"),
        ),
    ),
    (signal, ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL")),
    (socket, ("SO_REUSEPORT", "AF_UNIX", "SOCK_CLOEXEC")),
)
FILES = ("/proc", "/dev/shm", "/sys/fs")  # noqa: S108 - refused, not used


def remove() -> None:
    """Remove them from this process."""
    for name in BEFORE:
        importlib.import_module(name)
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # an import of it now fails
    # Python's own emulation on Windows connects two sockets; here it would fail without AF_UNIX.
    socket.socketpair = partial(socket.socketpair, socket.AF_UNIX)
    for owner, names in ATTRIBUTES:
        for name in names:
            if hasattr(owner, name):
                delattr(owner, name)
    os.supports_effective_ids.clear()
    asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler = _unsupported  # type: ignore[assignment,method-assign]
    library = ctypes.CDLL.__init__

    def load(self: ctypes.CDLL, name: str | None, *arguments: Any, **options: Any) -> None:
        if name is None:
            raise TypeError("Windows has no library of the process")
        library(self, name, *arguments, **options)

    ctypes.CDLL.__init__ = load  # type: ignore[method-assign]
    sys.addaudithook(_refuse)


def _unsupported(*_arguments: object) -> NoReturn:
    raise NotImplementedError


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and str(arguments[0]).startswith(FILES):
        raise FileNotFoundError(arguments[0])


if __name__ == "__main__":
    remove()
    sys.argv = [str(ROOT / "manage.py"), *sys.argv[1:]]
    runpy.run_path(sys.argv[0], run_name="__main__")
