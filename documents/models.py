"""The positions in documents: neither texts nor titles are stored."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Reader(models.Model):
    """An account or a visitor who has opened a document; created with the first position or choice."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="document_reader"
    )
    device = models.UUIDField(null=True, blank=True, unique=True)
    """The visitor, if there is no account."""
    stores_positions = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(device__isnull=True),
                name="reader_is_account_or_visitor",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.user_id}" if self.user_id else "visitor"


class DocumentPosition(models.Model):
    """Where a reader stopped in a document."""

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="positions")
    document = models.CharField(max_length=64)
    """A keyed hash of the reader and the text's digest: the table does not show who reads which known text."""
    offset = models.PositiveIntegerField()
    """The character at which the spoken sentence begins."""
    updated_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering: ClassVar = ["-updated_at"]
        constraints: ClassVar = [models.UniqueConstraint("reader", "document", name="one_position_per_document")]

    def __str__(self) -> str:
        return f"{self.document[:8]} at {self.offset}"
