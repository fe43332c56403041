"""The number of CPU cores this process may use."""

import math
import os
from collections.abc import Sequence
from pathlib import Path

CGROUP_CPU_MAX = Path("/sys/fs/cgroup/cpu.max")
"""``quota period`` in microseconds, or ``max period`` (Linux, cgroup v2)."""


def usable_cpus() -> list[int]:
    """Return the numbers of the processors that this process may run on; without affinity, all of them."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def cores(quota_file: Path = CGROUP_CPU_MAX) -> int:
    """Return the number of cores this process may use: its affinity, or fewer if a cgroup's CPU quota allows fewer."""
    count = len(usable_cpus())
    try:
        quota, period = quota_file.read_text("ascii").split()
        if quota != "max":
            count = min(count, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError, ZeroDivisionError):
        # No readable cgroup v2: only the affinity limits this process.
        pass
    return max(1, count)


def share(cpus: Sequence[int], index: int, count: int) -> list[int]:
    """Return the part of ``cpus`` for process ``index`` of ``count``: disjoint parts, or one shared CPU if too few."""
    first, end = index * len(cpus) // count, (index + 1) * len(cpus) // count
    return list(cpus[first:end]) or [cpus[index % len(cpus)]]
