"""What happens when somebody signs in or out, by whichever door."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from themes import identity, services, signals
from themes.identity import Who


@receiver(user_logged_in)
def bring_themes(request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """What the visitor made becomes the account's, and the browser a new visitor for when one signs out."""
    visitor = _visitor(request)
    if request is None or visitor is None:
        return
    fresh = identity.renew(request)
    merge = services.adopt(visitor, Who(fresh, user.pk))
    if merge.left:
        # They are found again as the visitor that they belong to.
        identity.stay(request, visitor.device)
    request.merged = merge  # type: ignore[attr-defined]  # told by the page that follows
    signals.session_changed(visitor.device_group)


@receiver(user_logged_out)
def part(request: HttpRequest | None, **kwargs: Any) -> None:
    """The browser's other tabs see a visitor's themes again."""
    visitor = _visitor(request)
    if request is not None and visitor is not None:
        identity.renew(request)
        signals.session_changed(visitor.device_group)


def _visitor(request: HttpRequest | None) -> Who | None:
    """The browser's visitor; none where tests or programs sign in without a browser."""
    if request is None or not hasattr(request, "COOKIES"):
        return None
    visitor = identity.of_cookies(request.COOKIES, None)
    return visitor if visitor.kept else None
