"""What all pages without scripts have in common: the person's colours, what is to be told, and refusals."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.urls import reverse
from django.views.generic.base import ContextMixin

from themes import identity, reading
from themes.appearance import Shown
from themes.errors import ThemeError
from themes.identity import Who
from themes.validation import Document, Patch

P = ParamSpec("P")
UNDO = "undo-"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence at the top of the next page; ``undo`` is where its button leads."""

    text: str
    undo: str = ""


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """What ``themes/page.html`` needs besides a page's own."""
    return {
        "colour_scheme": reading.appearance(identity.of(request)).colour_scheme,
        "notices": list(map(_notice, messages.get_messages(request))),
    }


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page in the person's colours."""
    return render(request, template, {**surroundings(request), **context}, status=status)


class Plain(ContextMixin):
    """The same for views that are classes."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page's own context, and what it stands in."""
        return super().get_context_data(**{**surroundings(self.request), **kwargs})


def tell(request: HttpRequest, text: str, *, restore: uuid.UUID | None = None) -> None:
    """Say it on the next page, with a button that brings a deleted theme back."""
    messages.success(request, text, extra_tags=f"{UNDO}{restore}" if restore else "")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that may not have come from us; Django's setting ``CSRF_FAILURE_VIEW`` names this."""
    return page(request, "themes/refused.html", {"cookies_refused": reason == REASON_NO_CSRF_COOKIE}, status=403)


def _uncounted(_request: HttpRequest) -> None:
    pass


count_new: Callable[[HttpRequest], None] = _uncounted
"""Counts a theme that is about to be made, and raises ``ThemeError`` where that is too much: the project says."""


def told(response: HttpResponse, error: ThemeError) -> HttpResponse:
    """The answer with a form in it; where something was asked too often, programs are told as well as people."""
    if "retry_after" in error.details:
        response.status_code = 429
        response["Retry-After"] = str(error.details["retry_after"])
    return response


def kept(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Refuse to change anything for a browser that sends no cookie: it could never see it again."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        who = identity.of(request)
        if request.method == "POST" and who.user is None and not who.kept:
            return page(request, "themes/refused.html", {"cookies_refused": True}, status=403)
        return view(request, *args, **kwargs)

    return guarded


def own_theme(who: Who, theme_id: uuid.UUID) -> Shown:
    """The person's theme; everybody else's are not there."""
    try:
        found = reading.find(who, str(theme_id))
    except ThemeError as error:
        raise Http404(error.message) from None
    if not found.own:
        raise Http404("There is no such theme of yours.")
    return found


def whole(theme: Document) -> Patch:
    """An edit that leaves nothing as it was."""
    return Patch(theme.name, theme.scheme, theme.colours, theme.typography.public())


def _notice(message: Any) -> Notice:
    tags = message.extra_tags or ""
    return Notice(
        str(message), reverse("theme-restore", args=[tags.removeprefix(UNDO)]) if tags.startswith(UNDO) else ""
    )
