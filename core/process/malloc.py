"""Tunes glibc's malloc and the garbage collector, to return unused memory to the system.

Does nothing if the C library is not glibc (musl, macOS).
"""

import ctypes
import gc
import os
import sys
from typing import Any

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_THRESHOLD = 32 * 1024 * 1024


def reexec_with_libc_malloc() -> None:
    """Re-execute this process with PYTHONMALLOC=malloc if it is not set; call it before Django is imported.

    Python's own allocator takes arenas of a megabyte, and a single live object keeps a whole arena:
    after a thousand tabs had connected and disconnected, none of their memory was returned to the
    system. malloc returns every free page.
    """
    if _glibc("mallopt") is not None and "PYTHONMALLOC" not in os.environ:
        environment = os.environ | {"PYTHONMALLOC": "malloc"}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606 - ourselves


def tune_malloc() -> bool:
    """Make all threads share one malloc arena, with a high trim threshold; call it before onnxruntime is imported.

    Otherwise each worker has its own arena and their peaks add up. The threshold is the largest
    that glibc accepts: with a smaller one every window would fault in fresh pages, which costs more
    than its arithmetic. Returns whether the settings were accepted.
    """
    mallopt = _glibc("mallopt")
    settings = ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _THRESHOLD), (_M_TRIM_THRESHOLD, _THRESHOLD))
    taken = [mallopt is not None and bool(mallopt(name, value)) for name, value in settings]
    return all(taken)


def freeze_gc() -> None:
    """Exclude all current objects from garbage collection, so that later collections are fast."""
    gc.collect()
    gc.freeze()


def trim_heap(*, cycles: bool = False) -> bool:
    """Return free heap memory to the system, in some milliseconds. Returns whether any was released.

    With ``cycles``, run a full garbage collection first, which takes 0.1 s for a few hundred tabs.
    """
    if cycles:
        gc.collect()
        _clear_attribute_cache()
    malloc_trim = _glibc("malloc_trim")
    return malloc_trim is not None and bool(malloc_trim(ctypes.c_size_t(0)))


def _clear_attribute_cache() -> None:
    """Clear Python's attribute cache: its four thousand entries can each keep a page of memory in use."""
    # Python 3.13 renamed it.
    getattr(sys, "_clear_internal_caches" if sys.version_info >= (3, 13) else "_clear_type_cache")()


def _glibc(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError, TypeError):
        return None
