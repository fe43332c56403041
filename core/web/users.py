"""The user of a request, for views on the event loop."""

from functools import partial
from typing import Any

from django.http import HttpRequest

from core.storage import database


async def user_of(request: HttpRequest) -> Any:
    """Return ``request.user``, read once in a thread of the database. Raises ``StorageUnavailableError``.

    Replaces Django's ``request.auser``, which reads in the request's thread: that thread would keep its connection to
    PostgreSQL while the view waits for speech, or for a connection of another thread (deadlock).
    """
    if not hasattr(request, "_read_user"):
        # Without a session, the user is anonymous, and no database is read.
        anonymous = request.session.session_key is None
        user = _evaluated(request) if anonymous else await database.read(partial(_evaluated, request))
        request._read_user = user  # type: ignore[attr-defined]
    return request._read_user  # type: ignore[attr-defined]


def _evaluated(request: HttpRequest) -> Any:
    """Return ``request.user``, which is lazy until one of its attributes is read."""
    user = request.user
    _ = user.is_authenticated
    return user
