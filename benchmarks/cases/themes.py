"""Measures how soon a theme change reaches all tabs, and whether they converge, over real WebSockets."""

import asyncio
import random
import time
import uuid
from contextlib import AsyncExitStack

from benchmarks.clients.tabs import Tab, tab, visitor
from benchmarks.report import Benchmark, Measured, Row, Target
from benchmarks.server import Server, serving

TABS = 200
CHANGES_TO_MANY = 20
CHANGES = 1000
WRITERS = 3
KILLED_AT = CHANGES // 3
REOPENED_AT = CHANGES // 2
COLORS = ("accent", "background", "foreground", "cursor", "voiceSpeaking")

ALL_MS = 500.0
PUSH_BYTES = 4096


def measure(repetitions: int) -> Measured:
    """Measure ``repetitions`` runs of changes from three tabs, and of one change sent to many.

    Raises ``NotMeasuredError``.
    """
    with serving() as server:
        to_all, largest = asyncio.run(_latency_to_all_tabs(server))
        runs = [asyncio.run(_converge(server, random.Random(seed))) for seed in range(repetitions)]  # noqa: S311 - the same in every run
    in_step = sum(alike for alike, _ in runs)
    rows = (
        Row(f"latency of a change to {TABS} tabs", "ms", tuple(to_all), Target(ALL_MS, on="p95", below=True)),
        Row("push of the complete state", "bytes", (float(largest),), Target(PUSH_BYTES, below=True)),
        Row(f"runs of {CHANGES} changes that did not converge", "", (float(len(runs) - in_step),), Target(0)),
        Row("messages to another owner's tab", "", (float(sum(others for _, others in runs)),), Target(0)),
    )
    notes = (
        f"Convergence: {WRITERS} tabs change the same theme in turn, one of them is killed and reopened;",
        f"all end with the same revision and colors ({in_step} of {len(runs)} runs).",
    )
    return rows, notes


async def _latency_to_all_tabs(server: Server) -> tuple[list[float], int]:
    """Return milliseconds from sending each change to its arrival in the last tab, and the largest message in bytes."""
    cookie = visitor(server)
    times: list[float] = []
    async with AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(tab(server, cookie)) for _ in range(TABS)]
        theme_id = await _own_theme(tabs[0])
        for number in range(CHANGES_TO_MANY):
            sent = time.perf_counter()
            change = await tabs[0].change("theme.edit", id=theme_id, colors={"accent": f"#0000{number:02x}"})
            revision = await tabs[0].revision_of(change)
            await asyncio.gather(*(each.at(revision) for each in tabs))
            times.append((max(each.arrived for each in tabs) - sent) * 1000)
        return times, max(each.largest_push for each in tabs)


async def _converge(server: Server, chance: random.Random) -> tuple[bool, int]:
    """Return whether all tabs converge, and the number of messages that another owner's tab received."""
    cookie = visitor(server)
    async with AsyncExitStack() as stack:
        stranger = await stack.enter_async_context(tab(server, visitor(server)))
        tabs = [await stack.enter_async_context(tab(server, cookie)) for _ in range(WRITERS - 1)]
        killed_tab = AsyncExitStack()
        tabs.append(await killed_tab.enter_async_context(tab(server, cookie)))
        theme_id = await _own_theme(tabs[0])
        last: list[tuple[Tab, int]] = []
        for number in range(CHANGES):
            if number == KILLED_AT:
                await killed_tab.aclose()
                tabs.pop()
            if number == REOPENED_AT:
                tabs.append(await stack.enter_async_context(tab(server, cookie)))
            one = tabs[number % len(tabs)]
            colors = {chance.choice(COLORS): f"#{chance.randrange(1 << 24):06x}"}
            last.append((one, await one.change("theme.edit", id=theme_id, colors=colors)))
            # A browser sends the next change after the previous one; here, several are sent together.
            if number % 10 == 0:
                await one.revision_of(last[-1][1])
        final = max([await one.revision_of(change) for one, change in last[-WRITERS * 10 :]])
        await asyncio.gather(*(each.at(final) for each in tabs))
        states = [(each.theme["revision"], each.theme["dark"]["colors"]) for each in tabs]
        return all(state == states[0] for state in states), stranger.pushes


async def _own_theme(made: Tab) -> str:
    theme_id = str(uuid.uuid4())
    change = await made.change("theme.create", id=theme_id, source="default-dark", activate=True)
    await made.at(await made.revision_of(change))
    return theme_id


BENCHMARK = Benchmark("theme changes over sockets: latency and convergence", 20, measure)
