"""The sessions of an account: followed, listed and ended."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import TOUCH_INTERVAL, AccountSession
from accounts.user_agents import describe_user_agent
from themes import notifications
from themes.authentication import signs_in
from themes.identity import Identity

MAX_LISTED = 100
"""Sessions that are shown, of those that were seen last."""


def touch_session(request: HttpRequest, user: User) -> None:
    """Write down that the session is in use, unless that was done lately."""
    key = request.session.session_key
    if key is None or not is_due(request):
        return
    now = timezone.now()
    agent = describe_user_agent(request.headers.get("User-Agent", ""))
    AccountSession.objects.update_or_create(
        session_key=key, defaults={"user": user, "last_seen_at": now, "user_agent": agent}
    )
    cache.set(_recently_seen_key(key), 1, TOUCH_INTERVAL.total_seconds())


def is_due(request: HttpRequest) -> bool:
    """Return whether it was not written down lately that the session is in use."""
    key = request.session.session_key
    return key is not None and not cache.get(_recently_seen_key(key))


def list_sessions(user: User) -> list[AccountSession]:
    """Where the person is signed in now; what has ended by itself is left out."""
    rows = AccountSession.objects.filter(user=user).order_by("-last_seen_at")[:MAX_LISTED]
    keys = [row.session_key for row in rows]
    sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    alive = {session.session_key for session in sessions if signs_in(session.get_decoded(), user)}
    return [row for row in rows if row.session_key in alive]


def get_session(user: User, name: str) -> AccountSession | None:
    """The session of that person's; nobody else's is found."""
    try:
        return AccountSession.objects.filter(user=user, pk=uuid.UUID(name)).first()
    except ValueError:
        return None


def end(place: AccountSession) -> None:
    """End it, and have its open tabs find out."""
    _end(place.user, AccountSession.objects.filter(pk=place.pk))


def end_all(user: User, *, but: str | None = None) -> None:
    """End all sessions of the account, but the one of that key."""
    _end(user, AccountSession.objects.filter(user=user).exclude(session_key=but or ""))


def current(request: HttpRequest) -> AccountSession | None:
    """The one that this request belongs to."""
    return AccountSession.objects.filter(session_key=request.session.session_key or "").first()


def rekey_session(request: HttpRequest, before: AccountSession | None) -> None:
    """The session goes on under another key: it is listed as the one that it was."""
    if before is not None and request.session.session_key:
        before.session_key = request.session.session_key
        before.save()


def remove_session(key: str | None) -> None:
    """The session is over."""
    AccountSession.objects.filter(session_key=key or "").delete()


def purge_expired() -> None:
    """Delete what has expired, of Django's sessions too, which nobody else does."""
    SessionStore.clear_expired()
    longest = timedelta(seconds=settings.SESSION_COOKIE_AGE) + 2 * TOUCH_INTERVAL
    AccountSession.objects.filter(last_seen_at__lt=timezone.now() - longest).delete()


def _end(user: User, rows: QuerySet[AccountSession]) -> None:
    with transaction.atomic():
        keys = list(rows.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        AccountSession.objects.filter(session_key__in=keys).delete()
        notifications.session_changed(Identity(uuid.uuid4(), user.pk).owner_group)
    cache.delete_many([_recently_seen_key(key) for key in keys])


def _recently_seen_key(key: str) -> str:
    return f"session-seen:{key}"
