"""Signal receivers of sign-in and sign-out, for all sign-in pages, including the admin's."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from themes.owners import identity
from themes.owners.identity import Identity
from themes.store import notifications, services


@receiver(user_logged_in)
def merge_visitor_on_login(request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Merge the visitor's themes into the account, and give the browser a new device identity."""
    visitor = _visitor(request)
    if request is None or visitor is None:
        return
    fresh = identity.rotate_device_id(request)
    merge = services.merge_visitor(visitor, Identity(fresh, user.pk))
    if merge.left:
        # The themes that did not fit stay with this visitor identity, so the browser keeps it.
        identity.set_device_id(request, visitor.device)
    request.merged = merge  # type: ignore[attr-defined]  # shown by the next page
    identity.retire(visitor.device)
    notifications.session_changed(visitor.device_group)


@receiver(user_logged_out)
def rotate_device_on_logout(request: HttpRequest | None, user: Any = None, **kwargs: Any) -> None:
    """Give the browser a new device identity, and notify its other tabs."""
    visitor = _visitor(request)
    if request is None or visitor is None:
        return
    identity.rotate_device_id(request)
    if request.session.session_key:
        # Django deletes the session only after this signal: a socket could subscribe and check it in between.
        request.session.delete(request.session.session_key)
    identity.retire(visitor.device)
    notifications.session_changed(visitor.device_group)
    if user is not None:
        # A copy of the session cookie may be in use elsewhere.
        notifications.session_check(Identity(visitor.device, user.pk))


def _visitor(request: HttpRequest | None) -> Identity | None:
    """Return the browser's visitor, ``None`` if tests or programs sign in without a browser."""
    if request is None or not hasattr(request, "COOKIES"):
        return None
    visitor = identity.from_cookies(request.COOKIES, None)
    return visitor if visitor.has_cookie else None
