"""Stores the texts that programs send to an account's tabs. Synchronous: call it in ``core.storage.database``."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.api.errors import ApiError
from core.api.tokens import AccessToken
from core.limits import registry
from terminal.models import SentText, TabChoice

MAX_TEXTS = registry.SENT_TEXTS.default
KEPT = timedelta(hours=registry.SENT_TEXT_HOURS.default)
LEASE = timedelta(minutes=5)
"""A tab renews its lease while it is connected; afterwards another tab may take its texts."""


@dataclass(frozen=True, slots=True)
class NewText:
    """A valid text; ``voice`` is empty and ``speed`` is ``None`` for the tab's selection."""

    text: str
    title: str = ""
    voice: str = ""
    speed: float | None = None


def add(token: AccessToken, new: NewText) -> SentText:
    """Store a text. Raises ``ApiError`` ``sent_texts_full``."""
    with transaction.atomic():
        SentText.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
        if SentText.objects.filter(user_id=token.account).count() >= MAX_TEXTS:
            message = f"{MAX_TEXTS} texts wait already. Open a tab, or delete them with DELETE /v1/terminal/say."
            raise ApiError("sent_texts_full", message, limit=MAX_TEXTS)
        return SentText.objects.create(
            user_id=token.account,
            token=uuid.UUID(token.id),
            sender=token.name,
            title=new.title,
            text=new.text,
            voice=new.voice,
            speed=new.speed,
        )


def pending(account: int) -> list[SentText]:
    """Return the account's texts that were neither spoken nor stopped, the oldest first."""
    return list(_live(account))


def remove(account: int, ids: Iterable[uuid.UUID] | None = None) -> list[uuid.UUID]:
    """Delete texts of the account, all of them if ``ids`` is ``None``, and return the ids of those that existed."""
    with transaction.atomic():
        rows = _live(account) if ids is None else _live(account).filter(pk__in=list(ids))
        found = list(rows.values_list("pk", flat=True))
        SentText.objects.filter(pk__in=found).delete()
    return found


def take(account: int, channel: str) -> list[SentText]:
    """Assign the texts that wait to the tab with this channel, and return them.

    If the account chose all tabs, texts that other tabs have are returned as well.
    """
    free = _assign(_live(account).filter(Q(channel="") | Q(held_until__lt=timezone.now())), channel)
    if speaks_in_all_tabs(account):
        return list(_live(account))
    return free


def hold(account: int, channel: str, ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Assign texts to the tab that already shows them, after a reconnect, and return those it may keep.

    Texts that were stopped meanwhile, or that another tab has, are left out.
    """
    wanted = _live(account).filter(pk__in=list(ids))
    free = _assign(wanted.filter(Q(channel__in=("", channel)) | Q(held_until__lt=timezone.now())), channel)
    return [row.pk for row in (wanted if speaks_in_all_tabs(account) else free)]


def renew(channel: str) -> None:
    """Extend the tab's lease."""
    SentText.objects.filter(channel=channel).update(held_until=timezone.now() + LEASE)


def release(channel: str) -> None:
    """Let other tabs take the texts of a tab that has closed."""
    SentText.objects.filter(channel=channel).update(channel="", held_until=None)


def is_taken(entry: uuid.UUID) -> bool:
    """Return whether a tab has the text, or has spoken it already."""
    return not SentText.objects.filter(pk=entry, channel="").exists()


def speaks_in_all_tabs(account: int) -> bool:
    """Return whether all open tabs of the account speak, not only the one that was used last."""
    return TabChoice.objects.filter(user_id=account, all_tabs=True).exists()


def choose_tabs(account: int, *, all_tabs: bool) -> None:
    """Store which tabs speak."""
    TabChoice.objects.update_or_create(user_id=account, defaults={"all_tabs": all_tabs})


def _live(account: int) -> QuerySet[SentText]:
    return SentText.objects.filter(user_id=account, created_at__gte=timezone.now() - KEPT)


@transaction.atomic
def _assign(rows: QuerySet[SentText], channel: str) -> list[SentText]:
    # Locked: on PostgreSQL, two tabs could otherwise both read a row before one of them has assigned it.
    found = list(rows.select_for_update())
    changes = {"channel": channel, "held_until": timezone.now() + LEASE}
    SentText.objects.filter(pk__in=[row.pk for row in found]).update(**changes)
    return found
