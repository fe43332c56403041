"""Tracks, lists and ends the sessions of accounts."""

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
from themes.owners.authentication import signs_in
from themes.owners.identity import Identity
from themes.store import notifications

MAX_LISTED = 100
"""Sessions listed per account, the most recently active first."""


def touch_session(request: HttpRequest, user: User) -> None:
    """Record that the session is active, at most once per ``TOUCH_INTERVAL``."""
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
    """Return whether the session's activity was not recorded within ``TOUCH_INTERVAL``."""
    key = request.session.session_key
    return key is not None and not cache.get(_recently_seen_key(key))


def list_sessions(user: User) -> list[AccountSession]:
    """Return the active sessions of the account, without those that have expired."""
    rows = AccountSession.objects.filter(user=user).order_by("-last_seen_at")[:MAX_LISTED]
    keys = [row.session_key for row in rows]
    sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    alive = {session.session_key for session in sessions if signs_in(session.get_decoded(), user)}
    return [row for row in rows if row.session_key in alive]


def get_session(user: User, name: str) -> AccountSession | None:
    """Return the account's session of that id, ``None`` if it does not exist or belongs to another account."""
    try:
        return AccountSession.objects.filter(user=user, pk=uuid.UUID(name)).first()
    except ValueError:
        return None


def end(place: AccountSession) -> None:
    """End the session and notify its open tabs."""
    _end(place.user, AccountSession.objects.filter(pk=place.pk))


def end_all(user: User, *, but: str | None = None) -> None:
    """End all sessions of the account except the one with the key ``but``."""
    _end(user, AccountSession.objects.filter(user=user).exclude(session_key=but or ""))


def current(request: HttpRequest) -> AccountSession | None:
    """Return the session that the request belongs to, ``None`` if it has none."""
    return AccountSession.objects.filter(session_key=request.session.session_key or "").first()


def rekey_session(request: HttpRequest, before: AccountSession | None) -> None:
    """Keep the row of a session whose key has changed."""
    if before is not None and request.session.session_key:
        before.session_key = request.session.session_key
        before.save()


def remove_session(key: str | None) -> None:
    """Remove an ended session from the list."""
    AccountSession.objects.filter(session_key=key or "").delete()


def purge_expired() -> None:
    """Delete expired rows, including Django's sessions, which Django itself never deletes."""
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
