"""Memory settings of the C library, which otherwise keeps what synthesis has long given back.

All of this does nothing where the C library is not glibc (musl, macOS).
"""

import ctypes
import gc
import os
import sys
from typing import Any

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_THRESHOLD = 32 * 1024 * 1024


def reexec_with_libc_malloc() -> None:
    """Start this process anew with Python's small objects on the C library's heap, if they are not; before Django.

    Python's own heap comes in pieces of a megabyte, and a single object that stays keeps a whole one: after a thousand
    tabs had come and gone nothing of theirs went back to the system. The C library gives back every free page.
    """
    if _glibc("mallopt") is not None and "PYTHONMALLOC" not in os.environ:
        environment = os.environ | {"PYTHONMALLOC": "malloc"}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606 - ourselves


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


def freeze_gc() -> None:
    """What is there now stays: looking for what can be freed passes it over from here on, and is quick."""
    gc.collect()
    gc.freeze()


def trim_heap(*, cycles: bool = False) -> bool:
    """Give freed memory back to the system: some milliseconds, so for when nobody waits. Returns whether any was.

    With ``cycles`` after freeing what only refers to itself, which takes a tenth of a second for a few hundred tabs.
    """
    if cycles:
        gc.collect()
        _clear_attribute_cache()
    malloc_trim = _glibc("malloc_trim")
    return malloc_trim is not None and bool(malloc_trim(ctypes.c_size_t(0)))


def _clear_attribute_cache() -> None:
    """Python remembers the names of attributes that were looked up: four thousand, each of which can keep a page."""
    # In Python 3.13 it has another name.
    getattr(sys, "_clear_internal_caches" if sys.version_info >= (3, 13) else "_clear_type_cache")()


def _glibc(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError, TypeError):
        return None
