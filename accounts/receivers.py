"""Signal receivers that track sessions and check names, for all sign-in pages and the admin."""

import logging
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import names, sessions
from core import metrics
from core.logs.addresses import logged_address
from core.logs.events import log_span
from core.storage.database import truncate_log

logger = logging.getLogger(__name__)


@receiver(user_login_failed)
def log_failure(request: HttpRequest | None, **kwargs: Any) -> None:
    """Log a failed sign-in without the name, which can be a password in the wrong field."""
    metrics.SIGN_INS.labels("failed").inc()
    log_span(logger, logging.INFO, "sign-in", 0.0, outcome="failed", address=_network(request))


def _network(request: HttpRequest | None) -> str | None:
    return None if request is None else logged_address(request.META.get("REMOTE_ADDR"))


@receiver(user_logged_in)
def remember_browser(request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Mark the browser as known to the account; the middleware sets the cookie."""
    metrics.SIGN_INS.labels("done").inc()
    log_span(logger, logging.INFO, "sign-in", 0.0, outcome="done", account=user.pk)
    sessions.purge_expired()
    if request is None:
        return
    if request.session.session_key is None:
        # If another account was signed in, Django assigns the new session key only when it saves the response.
        request.session.create()
    request._signed_in_as = user.pk  # type: ignore[attr-defined]  # read by accounts.middleware


@receiver(user_logged_out)
def remove_session(request: HttpRequest | None, **kwargs: Any) -> None:
    """Remove the session from the account's list."""
    if request is not None:
        sessions.remove_session(request.session.session_key)


@receiver(post_save, sender=User)
def end_sessions(instance: User, created: bool, **kwargs: Any) -> None:  # noqa: FBT001 - as Django sends it
    """End all sessions after a password change or a deactivation, including one made in the admin."""
    # Django sets this attribute only for a new password, until the validators have seen it.
    new_password = instance._password is not None  # type: ignore[attr-defined]  # of AbstractBaseUser
    if not created and (new_password or not instance.is_active):
        sessions.end_all(instance)


@receiver(pre_save, sender=User)
def check_name(instance: User, raw: bool, **kwargs: Any) -> None:  # noqa: FBT001 - as Django sends it
    """Reject a name that another account has, for every code path that saves it. Raises ``ValidationError``."""
    if not raw:
        names.check(instance.username, instance.pk or 0)


@receiver(post_save, sender=User)
def store_name(instance: User, created: bool, raw: bool, **kwargs: Any) -> None:  # noqa: FBT001 - as Django sends it
    """Store the canonical name; fixtures include their own rows."""
    if not raw:
        names.store(instance, created=created)


@receiver(pre_delete, sender=User)
def end_sessions_of_deleted(instance: User, **kwargs: Any) -> None:
    """End the sessions and close the open tabs of a deleted account, also when the admin deletes it."""
    sessions.end_all(user=instance)


@receiver(post_delete, sender=User)
def erase(**kwargs: Any) -> None:
    """Remove the copies of a deleted account's rows that SQLite's write-ahead log still has."""
    transaction.on_commit(truncate_log)
