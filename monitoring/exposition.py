"""The metrics of all serving processes as text."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from core import metrics
from core.process.process_table import ProcessState, ProcessTable

CONTENT_TYPE = CONTENT_TYPE_LATEST
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - memory that processes share; each start makes a folder of its own
"""Where the files are if it exists: on a full disk, a write to a mapped file would kill the process (SIGBUS)."""


def exposition(table: ProcessTable | None) -> bytes:
    """Return the metrics in Prometheus' text format. ``table`` has the states of several processes."""
    return generate_latest(_registry(table))


def collected(table: ProcessTable | None) -> Iterator[Metric]:
    """Yield the metrics of all processes."""
    return iter(_registry(table).collect())


def _registry(table: ProcessTable | None) -> CollectorRegistry:
    if table is None or metrics.DIRECTORY not in os.environ:
        return metrics.REGISTRY
    folder = os.environ[metrics.DIRECTORY]
    for slot in range(table.slots):
        if table.read(slot).state is ProcessState.EMPTY:
            # The counters stay; the gauges end with the process.
            mark_process_dead(slot, folder)  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return registry


@contextmanager
def metrics_folder() -> Iterator[Path]:
    """Create the folder of several processes' metrics, and delete it at the end."""
    parent = MEMORY_FOLDER if os.access(MEMORY_FOLDER, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="alphanumeric-metrics-", dir=parent) as folder:
        yield Path(folder)


def process_environment(folder: Path, slot: int) -> dict[str, str]:
    """Return the environment of the process in row ``slot`` of the process table."""
    return {**os.environ, metrics.DIRECTORY: str(folder), metrics.SLOT: str(slot)}
