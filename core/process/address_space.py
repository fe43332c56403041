"""A limit of the kernel on the address space of this process (``RLIMIT_AS``), in addition to the memory guard."""

from pathlib import Path

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]  # Windows

PAGES = Path("/proc/self/statm")


def limit_growth(growth: int) -> int | None:
    """Limit the address space to its present size and ``growth`` bytes; return the limit, ``None`` without one.

    Further allocations then fail in this process (``MemoryError``), which ends one utterance instead of the machine's
    other programs. A lower limit that the operator has set stays.
    """
    if resource is None:
        return None
    try:
        limit = int(PAGES.read_text().split()[0]) * resource.getpagesize() + growth
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        lowest = min([limit, *(value for value in (soft, hard) if value != resource.RLIM_INFINITY)])
        resource.setrlimit(resource.RLIMIT_AS, (lowest, hard))
    except (OSError, ValueError):
        # Not Linux: macOS does not enforce it.
        return None
    return lowest


def lift_limit() -> None:
    """Remove the limit in a process that the server has started and that needs more, such as one with torch."""
    if resource is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
