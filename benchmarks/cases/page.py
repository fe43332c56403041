"""Measures the transfer size of the page, and its first paint in Chromium."""

import time
from typing import Any

from selenium.webdriver import Chrome

from benchmarks.clients.chromium import chromium
from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from benchmarks.server import serving
from benchmarks.transfer import ACCEPTED, Transfer, transfer

LIMIT_KB = 60.0
LIMIT_MS = 300.0
KB = 1000

# Late requests of the page start within this time after its load event.
QUIET_S = 1.0
LONGEST_PAINT_S = 10.0

PAINT = "return performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)[0]"
LOADED = """return [location.href,
  ...performance.getEntriesByType('resource').map(entry => entry.name),
  ...[...document.querySelectorAll('link[rel~=icon]')].map(link => link.href)]"""


def measure(repetitions: int) -> Measured:
    """Measure ``repetitions`` loads in one browser, with empty caches and no cookies. Raises ``NotMeasuredError``."""
    with serving() as server, chromium() as browser:
        browser.get(server.url)  # not counted: the browser is still starting
        time.sleep(QUIET_S)
        loads = [transfer(url) for url in sorted(set(browser.execute_script(LOADED))) if url.startswith(server.url)]
        paints = tuple(_paint(browser, server.url) for _ in range(repetitions))
        version = browser.capabilities["browserVersion"]
    rows = [
        Row("page and its resources, with headers", "KB", (_kilobytes(loads, headers=True),), Target(LIMIT_KB)),
        Row("bodies only", "KB", (_kilobytes(loads, headers=False),)),
        Row("requests", "", (float(len(loads)),)),
        Row("first contentful paint", "ms", paints, Target(LIMIT_MS, below=True)),
    ]
    note = f"Chromium {version}, headless. KB: a thousand bytes as transferred with Accept-Encoding: {ACCEPTED}."
    return rows, (note,)


def _kilobytes(loads: list[Transfer], *, headers: bool) -> float:
    return sum(load.body_bytes + (load.header_bytes if headers else 0) for load in loads) / KB


def _paint(browser: Chrome, url: str) -> float:
    browser.get("about:blank")
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    browser.get(url)
    until = time.monotonic() + LONGEST_PAINT_S
    while time.monotonic() < until:
        painted: Any = browser.execute_script(PAINT)
        if painted is not None:
            return float(painted)
        time.sleep(0.05)
    raise NotMeasuredError("the browser painted nothing")


BENCHMARK = Benchmark("transfer size of the page, and its first paint", 20, measure)
