"""Stores ratings and reports, bounded in number, and computes the figures of the ratings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Avg, Count
from django.db.models.functions import TruncMonth
from django.utils import timezone

from core import metrics
from core.limits import registry
from feedback.models import Rating, ReadingReport

OBJECTIVE = 4.5
"""Average score that the service aims for."""
WINDOW_DAYS = 90
MONTHS = 12
SCORES = range(1, 6)


@dataclass(frozen=True, slots=True)
class Month:
    """The ratings of a month."""

    name: str
    average: float
    number: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The ratings of the last WINDOW_DAYS days, and those of the last months; ``average`` is ``None`` without any.

    ``distribution`` has the number of ratings of each score.
    """

    average: float | None
    number: int
    distribution: Sequence[tuple[int, int]]
    months: Sequence[Month]


def add_rating(score: int, words: str) -> None:
    """Store a rating, and delete the oldest ones beyond the limit."""
    with transaction.atomic():
        row = Rating.objects.create(day=_today(), score=score, words=words)
        Rating.objects.filter(pk__lte=row.pk - registry.MAX_RATINGS.default).delete()
    metrics.RATINGS.labels(str(score)).inc()


def add_report(text: str, voice: str, words: str) -> None:
    """Store a report, and delete the oldest ones beyond the limit."""
    with transaction.atomic():
        row = ReadingReport.objects.create(day=_today(), text=text, voice=voice, words=words)
        ReadingReport.objects.filter(pk__lte=row.pk - registry.MAX_READING_REPORTS.default).delete()
    metrics.READING_REPORTS.inc()


def figures(today: date | None = None) -> Figures:
    """Return the figures of the ratings up to ``today``, by default the current day in UTC."""
    last = today or _today()
    recent = Rating.objects.filter(day__gt=last - timedelta(days=WINDOW_DAYS), day__lte=last)
    counts = dict(recent.values_list("score").annotate(Count("pk")))
    number = sum(counts.values())
    average = sum(score * count for score, count in counts.items()) / number if number else None
    months = (
        Rating.objects.filter(day__gt=last - timedelta(days=366), day__lte=last)
        .annotate(month=TruncMonth("day"))
        .values_list("month")
        .annotate(Avg("score"), Count("pk"))
        .order_by("-month")[:MONTHS]
    )
    return Figures(
        average,
        number,
        [(score, counts.get(score, 0)) for score in reversed(SCORES)],
        [Month(f"{month:%B %Y}", mean, count) for month, mean, count in months],
    )


def _today() -> date:
    return timezone.now().date()
