"""What the views of themes share."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse

from core.pages import page
from core.subjects import subject_for, user_id_of
from themes import identity, queries
from themes.appearance import ThemeView
from themes.creation_limit import charge_theme_creation
from themes.errors import ThemeError
from themes.identity import Identity
from themes.schema import ThemeData, ThemePatch

P = ParamSpec("P")


def charge_creation(request: HttpRequest) -> None:
    """Count a theme that the request is about to create. Raises ``ThemeError`` ``limit_theme_creations``."""
    charge_theme_creation(subject_for(user_id_of(request.user), request.META.get("REMOTE_ADDR")))


def add_retry_after(response: HttpResponse, error: ThemeError) -> HttpResponse:
    """The answer with a form in it; where something was asked too often, programs are told as well as people."""
    if "retry_after" in error.details:
        response.status_code = 429
        response["Retry-After"] = str(error.details["retry_after"])
    return response


def require_device_cookie(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Refuse to change anything for a browser that sends no cookie: it could never see it again."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        who = identity.from_request(request)
        if request.method == "POST" and who.user is None and not who.has_cookie:
            return page(request, "refused.html", {"cookies_refused": True}, status=403)
        return view(request, *args, **kwargs)

    return guarded


def get_own_theme_or_404(who: Identity, theme_id: uuid.UUID) -> ThemeView:
    """The person's theme; everybody else's are not there."""
    try:
        found = queries.get_theme(who, str(theme_id))
    except ThemeError as error:
        raise Http404(error.message) from None
    if not found.own:
        raise Http404("There is no such theme of yours.")
    return found


def full_patch(theme: ThemeData) -> ThemePatch:
    """An edit that leaves nothing as it was."""
    return ThemePatch(theme.name, theme.scheme, theme.colors, theme.typography.to_dict())
