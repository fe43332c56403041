"""Stores where users stopped in documents. Call the functions in a thread of the database."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.limits import registry
from core.limits.disk_quota import data_dir_quota
from documents.models import DocumentPosition, Reader
from themes.owners.identity import Identity

MAX_AGE = timedelta(days=registry.POSITION_DAYS.default)
MAX_OFFSET = registry.MAX_DOCUMENT_CHARACTERS.default


def find(who: Identity, digest: str) -> int:
    """Return the stored position in the document, or 0."""
    if not settings.DOCUMENT_POSITIONS:
        return 0
    row = DocumentPosition.objects.filter(reader__in=_readers(who), document=_key(who, digest)).first()
    return row.offset if row is not None else 0


def store(who: Identity, digest: str, offset: int) -> None:
    """Store a position; delete the oldest beyond the limit, and expired ones of all users.

    Nothing is stored if the user or the operator has switched it off, or if the server's storage is full.
    """
    if not settings.DOCUMENT_POSITIONS or not who.is_persistent or not data_dir_quota().has_space():
        return
    reader, _ = Reader.objects.get_or_create(**who.owner_fields)
    if not reader.stores_positions:
        return
    now = timezone.now()
    reader.positions.update_or_create(document=_key(who, digest), defaults={"offset": offset, "updated_at": now})
    kept = reader.positions.values_list("pk", flat=True)[: settings.DOCUMENT_POSITIONS]
    reader.positions.exclude(pk__in=list(kept)).delete()
    expired, _ = DocumentPosition.objects.filter(updated_at__lt=now - MAX_AGE).delete()
    if expired:
        # Those of visitors who will not return.
        Reader.objects.filter(user=None, stores_positions=True, positions=None).delete()


def are_stored(who: Identity) -> bool:
    """Return whether positions of this user are stored."""
    return bool(settings.DOCUMENT_POSITIONS) and not _readers(who).filter(stores_positions=False).exists()


def count(who: Identity) -> int:
    """Return how many positions are stored."""
    return DocumentPosition.objects.filter(reader__in=_readers(who)).count()


def choose(who: Identity, *, store_positions: bool) -> None:
    """Switch the storage of positions on or off for a user; delete the positions if it is off."""
    if not who.is_persistent:
        return
    reader, _ = Reader.objects.update_or_create(**who.owner_fields, defaults={"stores_positions": store_positions})
    if not store_positions:
        reader.positions.all().delete()


def delete_all(who: Identity) -> int:
    """Delete all positions of the user; return how many there were."""
    deleted, _ = DocumentPosition.objects.filter(reader__in=_readers(who)).delete()
    return deleted


def export(user: User | AnonymousUser) -> dict[str, Any]:
    """Return what is stored about an account, for its export."""
    reader = Reader.objects.filter(user=user.pk).first() if user.pk is not None else None
    rows = reader.positions.all() if reader is not None else []
    return {
        "stored": reader is None or reader.stores_positions,
        "positions": [{"document": row.document, "offset": row.offset, "updated": row.updated_at} for row in rows],
    }


def _readers(who: Identity) -> QuerySet[Reader]:
    return Reader.objects.filter(**who.owner_fields)


def _key(who: Identity, digest: str) -> str:
    return salted_hmac("documents.position", f"{who.owner_key}:{digest}", algorithm="sha256").hexdigest()
