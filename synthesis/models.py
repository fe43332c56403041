"""Voices as the database knows them; their files are in ``DATA_DIR/voices/<id>/``."""

from django.core.validators import RegexValidator
from django.db import models

VOICE_ID = r"^[a-z0-9][a-z0-9_-]{0,62}$"


class Voice(models.Model):
    """One installed voice of the catalogue."""

    id = models.CharField(
        max_length=63,
        primary_key=True,
        validators=[RegexValidator(VOICE_ID)],
        help_text="What people and programs call it: lower-case letters, digits, - and _.",
    )
    name = models.CharField(max_length=100, help_text="What the page shows.")
    language = models.CharField(max_length=20, help_text="BCP 47 tag, such as en-US.")
    speakers = models.JSONField(default=list, blank=True, help_text="Names by number; empty for a voice with one.")
    sample_rate = models.PositiveIntegerField(help_text="In Hz.")
    licence = models.CharField(max_length=200, blank=True, help_text="SPDX identifier or a sentence.")
    source = models.CharField(max_length=500, blank=True, help_text="Where the voice came from.")
    enabled = models.BooleanField(default=True, help_text="Only enabled voices can be chosen.")
    default = models.BooleanField(default=False, help_text="Speaks where no voice was asked for. One voice has this.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One default at most, held by the database."""

        ordering = ["-default", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["default"],
                condition=models.Q(default=True),
                name="one_default_voice",
                violation_error_message="Another voice is the default.",
            ),
            models.CheckConstraint(
                condition=models.Q(default=False) | models.Q(enabled=True),
                name="default_voice_is_enabled",
                violation_error_message="The default voice must be enabled.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
