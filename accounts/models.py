"""Canonical account names, sessions, tokens and preferences of accounts."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

TOUCH_INTERVAL = timedelta(minutes=5)
"""Shortest time between two writes of a session's ``last_seen_at``."""


class AccountName(models.Model):
    """The canonical name of an account (``accounts.names``), unique in the database.

    An account from before canonical names were stored has none if an older account has the same one.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="canonical_name"
    )
    canonical = models.CharField(max_length=600, unique=True)  # case folding expands a code point to up to four

    def __str__(self) -> str:
        return self.canonical


class AccountSession(models.Model):
    """A session of an account. Stores no IP address: browser and system suffice to recognize a device."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session_key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_sessions")
    signed_in_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    user_agent = models.CharField(max_length=60)

    class Meta:
        ordering: ClassVar = ["-last_seen_at"]

    def __str__(self) -> str:
        return self.user_agent

    @property
    def is_recent(self) -> bool:
        """Return whether the session was active within the precision of ``last_seen_at``."""
        return timezone.now() - self.last_seen_at < 2 * TOUCH_INTERVAL


class ApiToken(models.Model):
    """An access token of the HTTP API. Of its secret, only a hash and the first characters are stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60, help_text="What the token is for, such as the program that uses it.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField("begins with", max_length=12, editable=False)
    scopes = models.JSONField(default=list)
    requests_per_minute = models.PositiveIntegerField(
        "Texts per minute", null=True, blank=True, help_text="In addition to the account's limit. Empty: no own limit."
    )
    characters_per_minute = models.PositiveIntegerField(
        "Characters per minute", null=True, blank=True, help_text="As above."
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Sort by age, the newest first."""

        ordering: ClassVar = ["-created_at"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def has_expired(self) -> bool:
        """Return whether the token is no longer valid."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


class AccountPreferences(models.Model):
    """What an account wants otherwise than the default; most accounts have no row."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preferences"
    )
    cache_speech = models.BooleanField("Keep repeated sentences in memory", default=True)
    page_metrics = models.BooleanField("Report timings of the page", default=True)

    def __str__(self) -> str:
        return f"preferences of {self.user}"


def caches_speech(account: int) -> bool:
    """Return whether speech of the account may be cached; named by the setting ``SPEECH_CACHE_BACKEND``."""
    return not AccountPreferences.objects.filter(user=account, cache_speech=False).exists()


def reports_page_metrics(account: int) -> bool:
    """Return whether pages of the account may report timings; named by the setting ``PAGE_METRICS_BACKEND``."""
    return not AccountPreferences.objects.filter(user=account, page_metrics=False).exists()
