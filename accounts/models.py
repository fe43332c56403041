"""Where people are signed in: what the sessions of Django, which only know themselves, do not tell."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

TOUCH_INTERVAL = timedelta(minutes=5)
"""It is written down again that a session is in use only after this time."""


class AccountName(models.Model):
    """The canonical name of an account (``accounts.names``), unique in the database.

    An account from before canonical names were stored has none if an older account has the same one.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="canonical_name"
    )
    canonical = models.CharField(max_length=600, unique=True)  # folding makes up to four code points of one

    def __str__(self) -> str:
        return self.canonical


class AccountSession(models.Model):
    """A session of an account. No address is kept: a browser and a system are enough to know one's own device by."""

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
        """Whether it was seen so shortly ago that it is not known more exactly."""
        return timezone.now() - self.last_seen_at < 2 * TOUCH_INTERVAL
