"""Measures processor time so that other load on the machine does not fail a test."""

import time
from collections.abc import Callable


def takes_at_most(limit_s: float, run: Callable[[], object]) -> bool:
    """Return whether the fastest of up to ten runs needs at most that much time of this thread's processor."""
    return any(_thread_s(run) <= limit_s for _ in range(10))


def _thread_s(run: Callable[[], object]) -> float:
    began = time.thread_time()
    run()
    return time.thread_time() - began
