"""Memory settings of the C library, which otherwise keeps what synthesis has long given back.

All of this does nothing where the C library is not glibc (musl, macOS).
"""

import ctypes
from typing import Any

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_THRESHOLD = 32 * 1024 * 1024


def tune_malloc() -> bool:
    """Let all threads share one heap, and keep its reuse cheap; call it before onnxruntime is imported.

    Without it every worker keeps a heap of its own and their peaks add up. The threshold is the largest that glibc
    takes: with a smaller one every window would begin with fresh pages, which costs more than its arithmetic.
    Returns whether the settings took.
    """
    mallopt = _glibc("mallopt")
    settings = ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _THRESHOLD), (_M_TRIM_THRESHOLD, _THRESHOLD))
    taken = [mallopt is not None and bool(mallopt(name, value)) for name, value in settings]
    return all(taken)


def give_back() -> bool:
    """Give freed memory back to the system: some milliseconds, so for when nobody waits. Returns whether any was."""
    malloc_trim = _glibc("malloc_trim")
    return malloc_trim is not None and bool(malloc_trim(ctypes.c_size_t(0)))


def _glibc(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError, TypeError):
        return None
