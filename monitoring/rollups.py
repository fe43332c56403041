"""Collects what this process counts, and adds it to the rollups once a minute."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction

from core import metrics
from core.errors import StorageUnavailableError
from core.storage import database
from monitoring.models import MINUTE_S, QUARTER_DAY_S, QUARTER_S, Rollup

KEPT_S = {MINUTE_S: 5400, QUARTER_S: 25 * 3600, QUARTER_DAY_S: 31 * 86_400}
"""Seconds for which the rows of each resolution are kept: a little longer than the status page shows."""
MAX_BEAT_S = 20.0
"""Seconds for which one heartbeat counts at most: twice the usual interval."""
FLUSH_S = 60.0
BUCKETS = (*metrics.LATENCIES, float("inf"))
"""Upper bounds of the first audio's buckets, in seconds."""
PAGE_BUCKETS = (*metrics.PAGE_LATENCIES, float("inf"))
"""The same for the timings of pages."""

_Key = tuple[str, str]


@dataclass
class Period:
    """What was counted since the last flush."""

    began: datetime
    ready_s: float = 0.0
    peak_sockets: int = 0
    peak_waiting: int = 0
    peak_load: float = 0.0
    counted: Mapping[_Key, float] = field(default_factory=dict)


def is_failure(outcome: str) -> bool:
    """Return whether an utterance with this outcome failed because of the server."""
    return outcome not in ("done", "cancelled") and not outcome.startswith("limit_")


class Recorder:
    """Records the counts of this process. All methods run on the event loop; ``clock`` is monotonic, in seconds."""

    def __init__(
        self,
        clock: Callable[[], float],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        process: int | None = None,
    ) -> None:
        self._clock = clock
        self._now = now
        self._process = int(os.environ.get(metrics.SLOT, 0)) if process is None else process
        self._beat_at = self._flushed_at = clock()
        self._period = Period(now())
        self._before = _counts()

    def sample(self, *, sockets: int, waiting: int, load: float) -> None:
        """Record the current load; the period stores its peaks."""
        period = self._period
        period.peak_sockets = max(period.peak_sockets, sockets)
        period.peak_waiting = max(period.peak_waiting, waiting)
        period.peak_load = max(period.peak_load, load)

    async def beat(self, *, ready: bool) -> None:
        """Record a heartbeat, and store the period after a minute. Without storage, the period continues."""
        now = self._clock()
        if ready:
            self._period.ready_s += min(MAX_BEAT_S, now - self._beat_at)
        self._beat_at = now
        if now - self._flushed_at >= FLUSH_S:
            self._flushed_at = now
            await self.flush()

    async def flush(self) -> None:
        """Store the period and begin the next one."""
        # With many voices, reading takes milliseconds.
        counts = await asyncio.to_thread(_counts)
        period = self._period
        period.counted = {key: value - self._before.get(key, 0.0) for key, value in counts.items()}
        try:
            await database.write(lambda: store(period, self._process, self._now()))
        except StorageUnavailableError:
            return
        self._before, self._period = counts, Period(self._now())


@transaction.atomic
def store(period: Period, process: int, now: datetime) -> None:
    """Add a period to the rows of its intervals, and delete rows that are too old.

    The counts belong to the last interval; the time in which the process was ready, to all intervals of the period.
    """
    for resolution, kept_s in KEPT_S.items():
        oldest = now - timedelta(seconds=kept_s)
        last = floor(now, resolution)
        _add(_row(last, resolution, process, period, now), period)
        start, length_s = last, (now - period.began).total_seconds()
        while period.ready_s and start + timedelta(seconds=resolution) > max(period.began, oldest):
            end = min(now, start + timedelta(seconds=resolution))
            overlap_s = (end - max(start, period.began)).total_seconds()
            row = _row(start, resolution, process, period, now)
            row.ready_s += period.ready_s * (overlap_s / length_s if length_s else 1.0)
            row.save()
            start -= timedelta(seconds=resolution)
        Rollup.objects.filter(resolution=resolution, start__lt=oldest).delete()


def floor(moment: datetime, resolution: int) -> datetime:
    """Return the beginning of the interval of ``resolution`` seconds that contains ``moment``."""
    return datetime.fromtimestamp(int(moment.timestamp()) // resolution * resolution, UTC)


def _row(start: datetime, resolution: int, process: int, period: Period, now: datetime) -> Rollup:
    row, _ = Rollup.objects.get_or_create(
        resolution=resolution, start=start, process=process, defaults={"since": period.began, "updated": now}
    )
    row.updated = now
    return row


def _add(row: Rollup, period: Period) -> None:
    row.peak_sockets = max(row.peak_sockets, period.peak_sockets)
    row.peak_waiting = max(row.peak_waiting, period.peak_waiting)
    row.peak_load = max(row.peak_load, period.peak_load)
    first_audio, voices, errors = row.first_audio or [0] * len(BUCKETS), Counter(row.voices), Counter(row.errors)
    page_times: dict[str, list[int]] = dict(row.page_times)
    for (what, name), value in period.counted.items():
        match what:
            case "outcome":
                row.utterances += round(value)
                row.failed += round(value) if is_failure(name) else 0
            case "underruns":
                row.underruns += round(value)
            case "first_audio":
                first_audio[BUCKETS.index(float(name))] += round(value)
            case "page_errors":
                row.page_errors += round(value)
            case "page_reports":
                row.page_reports += round(value)
            case "page_times" if value:
                measure, bound = name.split()
                cumulative = page_times.setdefault(measure, [0] * len(PAGE_BUCKETS))
                cumulative[PAGE_BUCKETS.index(float(bound))] += round(value)
            case "voice" if value:
                row.audio_s += value
                voices[name] += round(value, 1)  # type: ignore[assignment]  # a sum of floats
            case "error" if value:
                errors[name] += round(value)
    row.first_audio, row.voices, row.errors = first_audio, dict(voices), dict(errors)
    row.page_times = page_times
    row.save()


def _counts() -> Counter[_Key]:
    """Return the counters of this process: by outcome, voice, error code, and cumulative bucket of histograms."""
    counts: Counter[_Key] = Counter()
    for metric, what, *labels in (
        (metrics.UTTERANCES, "outcome", "outcome"),
        (metrics.UNDERRUNS, "underruns"),
        (metrics.AUDIO, "voice", "voice"),
        (metrics.ERRORS, "error", "code"),
        (metrics.FIRST_AUDIO, "first_audio", "le"),
        (metrics.PAGE_TIMES, "page_times", "measure", "le"),
        (metrics.PAGE_ERRORS, "page_errors"),
        (metrics.PAGE_REPORTS, "page_reports"),
    ):
        for sample in next(iter(metric.collect())).samples:
            if sample.name.endswith(("_total", "_bucket")):
                name = " ".join(sample.labels[label] for label in labels)
                counts[what, name] += sample.value  # type: ignore[assignment]  # floats
    return counts
