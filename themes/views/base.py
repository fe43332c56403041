"""Helpers of the theme views."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse

from core.limits.subjects import subject_for, user_id_of
from core.web.pages import page
from themes.appearance import ThemeView
from themes.errors import ThemeError
from themes.owners import identity
from themes.owners.identity import Identity
from themes.schema import ThemeData, ThemePatch
from themes.store import queries
from themes.store.creation_limit import charge_theme_creation

P = ParamSpec("P")


def charge_creation(request: HttpRequest) -> None:
    """Count a theme that the request is about to create. Raises ``ThemeError`` ``limit_theme_creations``."""
    charge_theme_creation(subject_for(user_id_of(request.user), request.META.get("REMOTE_ADDR")))


def add_retry_after(response: HttpResponse, error: ThemeError) -> HttpResponse:
    """Return the response, with status 429 and Retry-After if the error is a rate limit."""
    if "retry_after" in error.details:
        response.status_code = 429
        response["Retry-After"] = str(error.details["retry_after"])
    return response


def require_device_cookie(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Reject changes by a browser without a cookie with status 403: it could not access its theme later."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        who = identity.from_request(request)
        if request.method == "POST" and not who.is_persistent:
            return page(request, "refused.html", {"cookies_refused": True}, status=403)
        return view(request, *args, **kwargs)

    return guarded


def get_own_theme_or_404(who: Identity, theme_id: uuid.UUID) -> ThemeView:
    """Return the user's own theme. Raises ``Http404``, also for themes of other users."""
    try:
        found = queries.get_theme(who, str(theme_id))
    except ThemeError as error:
        raise Http404(error.message) from None
    if not found.own:
        raise Http404("You have no such theme.")
    return found


def full_patch(theme: ThemeData) -> ThemePatch:
    """Return an edit that replaces the complete theme."""
    return ThemePatch(theme.name, theme.scheme, theme.colors, theme.typography.to_dict())
