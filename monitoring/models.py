"""What the status page shows: counts and peaks in intervals, bounded in number."""

from typing import Any

from django.db import models

MINUTE_S, QUARTER_S, QUARTER_DAY_S = 60, 900, 21_600


class Rollup(models.Model):
    """The counts of one serving process in one interval. There are at most about 320 rows for each process."""

    RESOLUTIONS = ((MINUTE_S, "a minute"), (QUARTER_S, "15 minutes"), (QUARTER_DAY_S, "6 hours"))

    resolution = models.PositiveIntegerField("seconds", choices=RESOLUTIONS)
    start = models.DateTimeField()
    process = models.PositiveSmallIntegerField(help_text="Row of the process table.")
    since = models.DateTimeField(help_text="When the process began to count.")
    updated = models.DateTimeField()
    ready_s = models.FloatField(default=0, help_text="Seconds in which the process could speak.")
    utterances = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text="Utterances that the server failed to speak.")
    underruns = models.PositiveIntegerField(default=0)
    audio_s = models.FloatField(default=0)
    first_audio: Any = models.JSONField(default=list, help_text="Utterances by the buckets of the metric.")
    voices: Any = models.JSONField(default=dict, help_text="Seconds of audio by voice.")
    errors: Any = models.JSONField(default=dict, help_text="Errors of clients by code.")
    page_times: Any = models.JSONField(default=dict, help_text="Timings of pages by measure and buckets of the metric.")
    page_errors = models.PositiveIntegerField(default=0, help_text="Errors of scripts in measured pages.")
    page_reports = models.PositiveIntegerField(default=0)
    peak_sockets = models.PositiveIntegerField(default=0)
    peak_waiting = models.PositiveIntegerField(default=0)
    peak_load = models.FloatField(default=0)

    class Meta:
        verbose_name_plural = "status"
        constraints = [
            models.UniqueConstraint(fields=["resolution", "start", "process"], name="rollup_interval"),
        ]

    def __str__(self) -> str:
        """Return the interval."""
        return f"{self.start:%Y-%m-%d %H:%M}, {self.resolution} s, process {self.process}"
