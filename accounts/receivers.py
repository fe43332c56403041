"""What happens to sessions, by whichever door."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import names, sessions
from core.database import truncate_log


@receiver(user_logged_in)
def remember_browser(request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Have the browser be known to the account from now on; the middleware writes it down."""
    sessions.purge_expired()
    if request is None:
        return
    if request.session.session_key is None:
        # Where somebody else was signed in, Django names the new session only once the answer is made.
        request.session.create()
    request._signed_in_as = user.pk  # type: ignore[attr-defined]  # read by accounts.middleware


@receiver(user_logged_out)
def remove_session(request: HttpRequest | None, **kwargs: Any) -> None:
    """The session is listed no more."""
    if request is not None:
        sessions.remove_session(request.session.session_key)


@receiver(post_save, sender=User)
def end_sessions(instance: User, created: bool, **kwargs: Any) -> None:  # noqa: FBT001 - as Django sends it
    """A new password, and the closing of an account, end what goes on with the old one, whoever made the change."""
    # Django keeps the new password here until it has told the validators of it, and only a new one.
    new_password = instance._password is not None  # type: ignore[attr-defined]  # of AbstractBaseUser
    if not created and (new_password or not instance.is_active):
        sessions.end_all(instance)


@receiver(pre_save, sender=User)
def check_name(instance: User, raw: bool, **kwargs: Any) -> None:  # noqa: FBT001 - as Django sends it
    """Refuse a name that another account has, from whichever code. Raises ``ValidationError``."""
    if not raw:
        names.check(instance.username, instance.pk or 0)


@receiver(post_save, sender=User)
def store_name(instance: User, created: bool, raw: bool, **kwargs: Any) -> None:  # noqa: FBT001 - as Django sends it
    """Store the canonical name; fixtures bring their own."""
    if not raw:
        names.store(instance, created=created)


@receiver(pre_delete, sender=User)
def end_sessions_of_deleted(instance: User, **kwargs: Any) -> None:
    """Close the open tabs of an account that is deleted, by the admin too."""
    sessions.end_all(user=instance)


@receiver(post_delete, sender=User)
def erase(**kwargs: Any) -> None:
    """Remove the copies of a deleted account's rows that SQLite's write-ahead log still has."""
    transaction.on_commit(truncate_log)
