"""Signal receivers of sign-in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from terminal.voices.choices import merge_visitor
from themes.owners import identity


@receiver(user_logged_in)
def move_voice_choices(request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Move the visitor's favorite and default voices to the account."""
    if request is None or not hasattr(request, "COOKIES"):
        return
    visitor = identity.from_cookies(request.COOKIES, None)
    if visitor.has_cookie:
        merge_visitor(visitor, user.pk)
