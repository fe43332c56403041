"""Texts that programs sent to an account's tabs, the account's choice of tabs, and the voices that users chose."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class SentText(models.Model):
    """A text that a program sent and that no tab has finished: deleted when it was spoken, stopped, or has expired."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sent_texts")
    token = models.UUIDField()
    sender = models.CharField(max_length=60)
    title = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    voice = models.CharField(max_length=100, blank=True)
    speed = models.FloatField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    channel = models.CharField(max_length=150, blank=True, db_index=True)
    """The channel of the tab that has it, empty while it waits."""
    held_until = models.DateTimeField(null=True)
    """The end of that tab's lease: a tab that disappeared with its server process releases nothing."""

    class Meta:
        """Sort by age, the oldest first."""

        ordering: ClassVar = ["created_at"]

    def __str__(self) -> str:
        return f"{self.sender}, {self.created_at:%Y-%m-%d %H:%M}"


class TabChoice(models.Model):
    """Which of an account's open tabs speak the texts of programs. Without a row: the tab that was used last."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="tab_choice"
    )
    all_tabs = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "all tabs" if self.all_tabs else "the tab used last"


class VoiceChoices(models.Model):
    """The favorite voices of an account or a visitor, and their default voices by language."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="voice_choices"
    )
    device = models.UUIDField(null=True, unique=True)
    """The visitor's device identity; empty for an account."""
    favorites = models.JSONField(default=list)
    """Ids of voices, in the order in which they were chosen."""
    defaults = models.JSONField(default=dict)
    """The id of a voice for each primary language, such as ``es``."""
    last_used = models.DateField(auto_now=True)

    class Meta:
        """Require exactly one owner."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(device__isnull=True),
                name="voice_choices_have_one_owner",
            )
        ]

    def __str__(self) -> str:
        return f"account {self.user_id}" if self.user_id else f"visitor {self.device}"
