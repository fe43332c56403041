"""Measures theme changes in a browser: the latency from one window to another, and whether all windows converge."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.clients import theme_browser_windows
from benchmarks.clients.background_listeners import background_listeners
from benchmarks.clients.theme_browser_windows import Window, Windows
from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from benchmarks.server import serving

CHANGES = 200
SWITCHES = 200
LONGEST_LOG = 500
LISTENERS = 4
IN_STEP = 1000
WRITERS = 3
TOKENS = ("accent", "border", "foreground", "cursor", "voiceSpeaking")

IDLE_MS = 50.0
BUSY_MS = 100.0
APPLIED_MS = 5.0


def measure(repetitions: int) -> Measured:
    """Measure ``repetitions`` runs of changes from three windows, and 200 changes from one to another, twice.

    Raises ``NotMeasuredError``.
    """
    with serving() as server, theme_browser_windows.windows(server) as windows:
        idle = _latency_to_another_window(windows)
        with background_listeners(server.socket_url, LISTENERS) as heard:
            busy = _latency_to_another_window(windows)
        if not heard():
            raise NotMeasuredError("no listener received audio")
        applied, applied_full = _applied(windows), _applied(windows, LONGEST_LOG)
        with theme_browser_windows.windows(server) as others:
            runs = [_converge(windows, others, seed) for seed in range(repetitions)]
        version = windows.version
    rows = (
        Row("latency of a change to another window", "ms", idle, Target(IDLE_MS, on="p95", below=True)),
        Row(f"the same with {LISTENERS} listeners", "ms", busy, Target(BUSY_MS, on="p95", below=True)),
        Row(
            "applying a complete theme, with style recalculation",
            "ms",
            applied,
            Target(APPLIED_MS, on="p95", below=True),
        ),
        Row(f"the same with {LONGEST_LOG} log entries", "ms", applied_full),
        Row(f"runs of {IN_STEP} changes that did not converge", "", (float(runs.count(False)),), Target(0)),
    )
    notes = (
        f"Chromium {version}, headless, all windows visible. A change is an input event of the editor's color picker;",
        "it counts as painted when a MessageChannel message arrives that was posted when the property was set, in the",
        "animation frame: after the frame's styles, layout and paint.",
        "Applying: from the start of the animation frame's callback until the styles are computed.",
        f"Convergence: {WRITERS} windows, one killed and reopened meanwhile, end with the same revision and computed",
        "colors, and another owner's window never changes.",
    )
    return rows, notes


def _latency_to_another_window(windows: Windows) -> tuple[float, ...]:
    """Return milliseconds from each change in one window to its paint in another."""
    with _visitor(windows, 2) as (writer, reader):
        writer.edit()
        # The first change creates a copy of the preset.
        _, *made = writer.change(CHANGES + 1)
        reader.until_shows(made[-1].color)
        # Without the page's initial accent.
        seen = [look for look in reader.seen() if look.number <= made[-1].number]
        visible = [window.visible for window in (writer, reader)]
    if not all(visible):
        raise NotMeasuredError("a window is hidden")
    # Changes within one frame are painted together: the next painted color includes the earlier ones.
    return tuple(next(look.at for look in seen if look.number >= change.number) - change.at for change in made)


def _applied(windows: Windows, lines: int = 0) -> tuple[float, ...]:
    with _visitor(windows, 1) as (window,):
        if lines:
            window.fill(lines)
        return tuple(window.switch(SWITCHES))


def _converge(windows: Windows, others: Windows, seed: int) -> bool:
    """Return whether all windows of the owner converge, and another owner's window is unchanged."""
    chance = random.Random(seed)  # noqa: S311 - the same in every run
    with _visitor(windows, WRITERS) as writers, _visitor(others, 1) as (stranger,):
        before = stranger.look()
        writers[0].edit()
        writers[0].change(1)
        own = writers[0].theme_id
        for writer in writers[1:]:
            writer.until_theme(own)
            writer.edit()
        share = IN_STEP // WRITERS
        for writer in writers:
            writer.begin(share, TOKENS, chance.randrange(1 << 30))
        killed = writers.pop()
        left = share - killed.kill_at(share // 3)
        again = windows.open()
        again.edit()
        again.begin(left, TOKENS, chance.randrange(1 << 30))
        looks = theme_browser_windows.settled([*writers, again])
        again.close()
        return all(look == looks[0] for look in looks) and stranger.look() == before


@contextmanager
def _visitor(windows: Windows, count: int) -> Iterator[list[Window]]:
    """Open that many windows of a new visitor."""
    windows.forget()
    opened = [windows.open() for _ in range(count)]
    try:
        yield list(opened)
    finally:
        for window in opened:
            window.close()


BENCHMARK = Benchmark("theme changes in a browser: latency and convergence", 20, measure)
