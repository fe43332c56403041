"""The process that extracts one file, and ends: ``worker.py EXTENSION``, the file on stdin.

It limits itself before it reads the file: memory, processor time, files, processes, and the network. It writes one line
with the outcome, and then the document as JSON.
"""

import ctypes
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

# The interpreter is isolated (-I), so the project is not on its path.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.limits import registry
from documents.errors import DocumentError
from documents.extraction.extract import extract

MEMORY_BYTES = registry.DOCUMENT_MEMORY_MB.default * 2**20
CPU_S = registry.DOCUMENT_CPU_S.default
NICENESS = 10
"""Speech needs the processors first."""
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_SIGKILL = 9
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ctypes.", "webbrowser.")
"""Events of Python's audit hooks that no extractor needs."""


def confine() -> None:
    """Limit this process. Nothing can undo it: the limits are hard limits, and audit hooks cannot be removed."""
    os.nice(NICENESS)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # A network namespace without interfaces. Containers may not allow it; the audit hook applies everywhere.
    libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (most, most))
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"{event} is not allowed here")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        raise PermissionError("writing is not allowed here")


def run(extension: str) -> None:
    """Extract the file on stdin, and write the outcome to stdout."""
    confine()
    try:
        document = extract(sys.stdin.buffer.read(), extension).to_dict()
    except DocumentError as error:
        _write({"code": error.code, "message": error.message, **error.details})
    except MemoryError:
        _write({"code": "document_too_complex", "message": "The file needs too much memory. Split it."})
    except RecursionError:
        _write({"code": "document_too_complex", "message": "The file is nested too deeply."})
    else:
        _write({"digest": document["digest"]}, json.dumps(document, ensure_ascii=False).encode())


def _write(outcome: dict[str, Any], body: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(outcome).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    run(sys.argv[1] if len(sys.argv) > 1 else "")
