"""Limits the size of DATA_DIR, so that uploads cannot fill the disk."""

import os
import shutil
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings

from core.limits import registry
from core.limits.registry import MIB

CACHE_TTL_S = 60.0
MIN_FREE_BYTES = registry.MIN_FREE_BYTES.default
"""Bytes of free disk space to leave for other uses, including the database."""


def directory_size(folder: Path) -> int:
    """Return the bytes of all files under ``folder``; symbolic links are not followed."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_size
            except FileNotFoundError:  # The file was deleted during the scan.
                continue
    return total


class DiskQuota:
    """Measures the directory at most once a minute, which takes some milliseconds: call it off the event loop."""

    def __init__(self, folder: Path, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        """``limit`` in bytes."""
        self._folder = folder
        self._limit = limit
        self._clock = clock
        self._looked = float("-inf")
        self._room = True
        self._size = self._free = 0

    def has_space(self) -> bool:
        """Return whether new data may be stored."""
        now = self._clock()
        if now - self._looked >= CACHE_TTL_S:
            self._looked = now
            self._measure()
            self._room = self._size < self._limit and self._free >= MIN_FREE_BYTES
        return self._room

    def fault(self) -> str | None:
        """Return a sentence with the exhausted limit and its remedy, or ``None`` if there is space."""
        return None if self.has_space() else self._sentence()

    def fault_with(self, needed: int) -> str | None:
        """Return the same for ``needed`` more bytes, measured now."""
        self._measure()
        if self._free - needed >= MIN_FREE_BYTES and self._size + needed < self._limit:
            return None
        return f"{max(needed // MIB, 1)} MB more do not fit. {self._sentence(needed)}"

    def _measure(self) -> None:
        self._free = shutil.disk_usage(self._folder).free
        self._size = directory_size(self._folder)

    def _sentence(self, needed: int = 0) -> str:
        if self._free - needed < MIN_FREE_BYTES:
            return (
                f"The disk with DATA_DIR has {self._free // MIB} MB free; {MIN_FREE_BYTES // MIB} MB must stay free. "
                f"Free some space, or set DATA_DIR to a folder on a larger disk."
            )
        return (
            f"DATA_DIR holds {self._size // MIB} MB, and DISK_LIMIT_MB is {self._limit // MIB}. "
            f"Remove a voice, or raise DISK_LIMIT_MB."
        )


@cache
def data_dir_quota() -> DiskQuota:
    """Return the quota of ``DATA_DIR``, which voices and themes share."""
    return DiskQuota(settings.DATA_DIR, settings.DISK_LIMIT_MB * MIB)
