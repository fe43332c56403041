"""The figures of the status page, from the rollups and the gauges. Times are UTC."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from core import metrics
from core.process.process_table import ProcessTable
from monitoring.exposition import collected
from monitoring.models import MINUTE_S, QUARTER_DAY_S, QUARTER_S, Rollup
from monitoring.rollups import BUCKETS, PAGE_BUCKETS, floor

FLUSHED_S = 150
"""Seconds after the last flush of a process from which the time since then counts as unavailable."""
SHOWN_NAMES = 8
"""Voices and error codes with the largest counts."""
AVAILABILITY, FIRST_AUDIO_S, ERROR_RATE = 0.999, 0.15, 0.001
"""Objectives: share of time, seconds at the 95th percentile, and share of utterances."""
WINDOWS = (("Hour", 3600, MINUTE_S), ("Day", 86_400, QUARTER_S), ("30 days", 30 * 86_400, QUARTER_DAY_S))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, and whether it meets its objective; ``None`` without data or objective."""

    text: str
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a plot, in units of its view box; ``label`` is shown for it."""

    x: float
    y: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A small bar plot over the intervals of a window; ``most`` describes the largest bar."""

    title: str
    most: str
    bars: Sequence[Bar]
    width: float


@dataclass(frozen=True, slots=True)
class Page:
    """The timings of pages at the 75th percentile, as text, and the errors of their scripts."""

    first_paint: str
    connected: str
    theme_switch: str
    errors: str


@dataclass(frozen=True, slots=True)
class Window:
    """The figures of the last hour, day or 30 days."""

    name: str
    availability: Figure
    first_audio: Figure
    errors: Figure
    utterances: str
    audio: str
    underruns: str
    page: Page
    voices: Sequence[tuple[str, str]]
    codes: Sequence[tuple[str, int]]
    plots: Sequence[Plot]


@dataclass(frozen=True, slots=True)
class Interval:
    """The sum over the processes in one interval."""

    start: datetime
    ready_s: float
    utterances: int
    failed: int
    first_audio: Sequence[int]
    sockets: int
    waiting: int
    load: float


HEIGHT = 40.0
BAR_WIDTH = 4.0


def windows(now: datetime) -> list[Window]:
    """Return the figures of all windows, the shortest first; empty before anything was recorded."""
    first = Rollup.objects.aggregate(first=Min("since"))["first"]
    if first is None:
        return []
    return [_window(name, seconds, resolution, now, first) for name, seconds, resolution in WINDOWS]


def gauges(table: ProcessTable | None) -> dict[str, float]:
    """Return the current gauges of all processes, by name without the prefix."""
    return {
        family.name.removeprefix("alphanumeric_"): sum(sample.value for sample in family.samples)
        for family in collected(table)
        if family.type == "gauge"
    }


def quantile(share: float, cumulative: Sequence[int], bounds: Sequence[float] = BUCKETS) -> float | None:
    """Return the quantile of a histogram in seconds, interpolated as by Prometheus; ``None`` without data.

    ``cumulative`` has the observations up to each of ``bounds``, in seconds. Infinite beyond the last finite bound.
    """
    if not cumulative or not cumulative[-1]:
        return None
    rank = share * cumulative[-1]
    below, lower = 0, 0.0
    for bound, number in zip(bounds, cumulative, strict=True):
        if number >= rank:
            return lower + (bound - lower) * (rank - below) / (number - below)
        below, lower = number, bound
    raise AssertionError("the last bucket has all observations")


def _window(name: str, seconds: int, resolution: int, now: datetime, first: datetime) -> Window:
    begin = floor(now - timedelta(seconds=seconds), resolution) + timedelta(seconds=resolution)
    rows = list(Rollup.objects.filter(resolution=resolution, start__gte=begin))
    intervals = _intervals(rows, resolution)
    utterances, failed = sum(row.utterances for row in rows), sum(row.failed for row in rows)
    audio_s, underruns = sum(row.audio_s for row in rows), sum(row.underruns for row in rows)
    voices: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for row in rows:
        voices.update(row.voices)
        codes.update(row.errors)
    return Window(
        name,
        _availability(rows, intervals, max(begin, first), now),
        _first_audio(_added(row.first_audio for row in rows)),
        Figure(f"{failed / utterances:.2%}", failed / utterances <= ERROR_RATE) if utterances else Figure("no data"),
        f"{utterances:,}",
        _duration(audio_s),
        f"{underruns:,} ({underruns / audio_s * 60:.2f} per minute)" if audio_s else "no data",
        _page(rows),
        [(voice, _duration(s)) for voice, s in voices.most_common(SHOWN_NAMES)],
        codes.most_common(SHOWN_NAMES),
        _plots(intervals, begin, resolution, seconds // resolution),
    )


def _availability(rows: Sequence[Rollup], intervals: Sequence[Interval], begin: datetime, now: datetime) -> Figure:
    """Return the share of the time in which some process could speak; time without rows is downtime.

    The minute that is not stored yet does not count.
    """
    last = max((row.updated for row in rows), default=begin)
    end = last if now - last <= timedelta(seconds=FLUSHED_S) else now
    total = (end - begin).total_seconds()
    if total <= 0:
        return Figure("no data")
    share = min(1.0, sum(interval.ready_s for interval in intervals) / total)
    return Figure(f"{share:.2%}", share >= AVAILABILITY)


def _first_audio(cumulative: Sequence[int]) -> Figure:
    seconds = quantile(0.95, cumulative)
    if seconds is None:
        return Figure("no data")
    return Figure(_milliseconds(seconds), seconds <= FIRST_AUDIO_S)


def _page(rows: Sequence[Rollup]) -> Page:
    """Return the figures of the measured pages."""

    def p75(measure: str) -> str:
        cumulative = _added(row.page_times.get(measure, []) for row in rows)
        seconds = quantile(0.75, cumulative, PAGE_BUCKETS)
        return "no data" if seconds is None else _milliseconds(seconds, metrics.PAGE_LATENCIES)

    reports, errors = sum(row.page_reports for row in rows), sum(row.page_errors for row in rows)
    shown = f"{errors:,} in {reports:,} reports" if reports else "no data"
    return Page(p75("first_paint"), p75("connected"), p75("theme_switch"), shown)


def _milliseconds(seconds: float, bounds: Sequence[float] = metrics.LATENCIES) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds < float("inf") else f"over {bounds[-1]:g} s"


def _intervals(rows: Iterable[Rollup], resolution: int) -> list[Interval]:
    """Add up the processes. One of them that can speak is enough."""
    by_start: defaultdict[datetime, list[Rollup]] = defaultdict(list)
    for row in rows:
        by_start[row.start].append(row)
    return [
        Interval(
            start,
            min(float(resolution), max(row.ready_s for row in these)),
            sum(row.utterances for row in these),
            sum(row.failed for row in these),
            _added(row.first_audio for row in these),
            sum(row.peak_sockets for row in these),
            sum(row.peak_waiting for row in these),
            max(row.peak_load for row in these),
        )
        for start, these in sorted(by_start.items())
    ]


def _plots(intervals: Sequence[Interval], begin: datetime, resolution: int, count: int) -> list[Plot]:
    def plot(title: str, values: Iterable[float], unit: str) -> Plot:
        pairs = [(interval, value) for interval, value in zip(intervals, values, strict=True) if value]
        most = max((value for _, value in pairs), default=0.0)
        bars = []
        for interval, value in pairs:
            height = HEIGHT * value / most
            x = (interval.start - begin).total_seconds() / resolution * BAR_WIDTH
            bars.append(Bar(x, HEIGHT - height, height, f"{interval.start:%b %d, %H:%M}: {_shown(value, unit)}"))
        return Plot(title, _shown(most, unit), bars, count * BAR_WIDTH)

    first_audio = [min(quantile(0.95, interval.first_audio) or 0.0, metrics.LATENCIES[-1]) for interval in intervals]
    return [
        plot("Utterances", (interval.utterances for interval in intervals), ""),
        plot("First audio, p95", (seconds * 1000 for seconds in first_audio), " ms"),
        plot("Failed utterances", (interval.failed for interval in intervals), ""),
        plot("Open tabs, peak", (interval.sockets for interval in intervals), ""),
        plot("Waiting utterances, peak", (interval.waiting for interval in intervals), ""),
        plot("Load, peak", (interval.load * 100 for interval in intervals), " %"),
    ]


def _shown(value: float, unit: str) -> str:
    return f"{value:,.0f}{unit}"


def _added(histograms: Iterable[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*(one for one in histograms if one), strict=True)]


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
