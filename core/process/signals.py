"""Signal handlers of an event loop, also where loops have none (Windows)."""

import asyncio
import signal
from collections.abc import Callable, Iterable
from typing import Any


def on_signals(loop: asyncio.AbstractEventLoop, numbers: Iterable[int], callback: Callable[[], Any]) -> None:
    """Call ``callback`` on ``loop`` at each of these signals. Call it in the main thread."""
    for number in numbers:
        try:
            loop.add_signal_handler(number, callback)
        except NotImplementedError:
            # Windows delivers SIGINT and SIGTERM between two instructions of the main thread.
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(callback))
