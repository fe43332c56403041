"""Ratings and reports. Rows have a day, and neither a time nor anything that identifies a user."""

from django.db import models

from core.limits import registry


class Rating(models.Model):
    """How a user was satisfied, from 1 to 5. At most MAX_RATINGS rows are stored, the newest."""

    day = models.DateField()
    score = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=registry.MAX_FEEDBACK_WORDS.default, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(score__range=(1, 5)), name="rating_score")]

    def __str__(self) -> str:
        """Return the score and the day."""
        return f"{self.score} of 5, {self.day}"


class ReadingReport(models.Model):
    """A text that a user sent because it was read wrongly. At most MAX_READING_REPORTS rows are stored, the newest."""

    day = models.DateField()
    text = models.TextField(max_length=registry.MAX_REPORTED_TEXT.default)
    voice = models.CharField(max_length=100, blank=True)
    words = models.CharField("what is wrong", max_length=registry.MAX_FEEDBACK_WORDS.default, blank=True)

    def __str__(self) -> str:
        """Return the beginning of the text."""
        return self.text[:60]
