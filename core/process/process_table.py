"""A table in shared memory with the state of each serving process, readable by all of them.

Each process writes only its own row, in one assignment of a few bytes, so readers need no lock: at
worst they see a row that is one second old.
"""

import mmap
import os
import struct
import tempfile
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

_ROW = struct.Struct("<iIII")


class ProcessState(IntEnum):
    """The readiness of a serving process."""

    EMPTY = 0
    STARTING = 1
    READY = 2
    NOT_READY = 3
    DRAINING = 4


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One process: its id, state, and number of open WebSockets."""

    pid: int
    state: ProcessState
    connections: int

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON-compatible data."""
        return {"pid": self.pid, "state": self.state.name.lower(), "connections": self.connections}


class ProcessTable:
    """Rows in the shared memory of file descriptor ``fd``."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._map = mmap.mmap(fd, 0)

    @classmethod
    def create(cls, slots: int) -> "ProcessTable":
        """Create an empty table with ``slots`` rows."""
        if hasattr(os, "memfd_create"):
            fd = os.memfd_create("processes", 0)
        else:
            with tempfile.TemporaryFile() as file:
                fd = os.dup(file.fileno())
        os.ftruncate(fd, slots * _ROW.size)
        return cls(fd)

    @property
    def slots(self) -> int:
        """Return the number of rows."""
        return len(self._map) // _ROW.size

    def write(self, slot: int, state: ProcessState, connections: int = 0, pid: int | None = None) -> None:
        """Write the row of a process (default: this one)."""
        row = _ROW.pack(os.getpid() if pid is None else pid, state, connections, 0)
        self._map[slot * _ROW.size : (slot + 1) * _ROW.size] = row

    def read(self, slot: int) -> ProcessRow:
        """Return one row."""
        pid, state, connections, _ = _ROW.unpack_from(self._map, slot * _ROW.size)
        return ProcessRow(pid, ProcessState(state), connections)

    def rows(self) -> list[ProcessRow]:
        """Return the rows of all processes."""
        rows = (self.read(slot) for slot in range(self.slots))
        return [row for row in rows if row.state is not ProcessState.EMPTY]

    @property
    def ready(self) -> bool:
        """Return whether any process is ready: only ready processes accept connections."""
        return any(row.state is ProcessState.READY for row in self.rows())
