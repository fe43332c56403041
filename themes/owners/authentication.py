"""Authenticates a browser's cookies, and checks later that they are still valid: revocation for long-lived connections.

Neither function changes the session, unlike Django's and Channels' own, so a check can be repeated at any time.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from themes.owners import identity
from themes.owners.identity import Identity

T = TypeVar("T")


class SessionEndedError(Exception):
    """The session or the visitor identity with which a connection began is no longer valid."""


@dataclass(frozen=True, slots=True)
class Credential:
    """The credential of a connection; ``generation`` is the device identity's at that moment."""

    who: Identity
    session_key: str = ""
    generation: str = ""

    def check(self) -> None:
        """Raise ``SessionEndedError`` unless a new connection with the same cookies would get the same rights.

        Call it after subscribing to the groups of ``who``: a later revocation is then sent to these groups. In a
        transaction, the session cannot end before the transaction does.
        """
        if self.who.user is None:
            holds = identity.generation(self.who.device) == self.generation
        else:
            user = account_of(self.session_key, lock=connection.in_atomic_block)
            holds = user is not None and user.pk == self.who.user
        if not holds:
            raise SessionEndedError

    def do_while_valid(self, work: Callable[[], T]) -> T:
        """Check and do ``work`` in one transaction, so that the session cannot end in between. Raises as ``check``."""
        with transaction.atomic():
            self.check()
            return work()


def authenticate(cookies: Mapping[str, str]) -> tuple[User | None, Credential]:
    """Return the account that the cookies sign in, if any, and the credential to check again later."""
    session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    device = identity.device_of(cookies)
    # Before the session: a sign-in that ends this visitor's identity meanwhile has changed the generation.
    generation = identity.generation(device) if device else ""
    user = account_of(session_key)
    who = Identity(device or uuid.uuid4(), user.pk if user else None, has_cookie=device is not None)
    return user, Credential(who, session_key, generation)


def of_visitor(who: Identity) -> Credential:
    """Return the credential of a visitor who is known by a tab's token."""
    return Credential(who, generation=identity.generation(who.device))


def account_of(session_key: str, *, lock: bool = False) -> User | None:
    """Return the active account that the session signs in; None if it has ended, expired, or its password changed.

    ``lock`` keeps the session's row until the transaction ends.
    """
    if not session_key:
        return None
    sessions = Session.objects.select_for_update() if lock else Session.objects
    session = sessions.filter(session_key=session_key, expire_date__gt=timezone.now()).first()
    data = session.get_decoded() if session is not None else {}
    if data.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    try:
        user = User.objects.filter(pk=str(data.get(SESSION_KEY, "")), is_active=True).first()
    except (ValueError, ValidationError):
        return None
    return user if user is not None and signs_in(data, user) else None


def signs_in(data: dict[str, Any], user: User) -> bool:
    """Return whether a session's data signs in the account with its present password."""
    hashes = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    return data.get(SESSION_KEY) == str(user.pk) and data.get(HASH_SESSION_KEY) in hashes
