"""What all pages without scripts have in common: the person's colors, what is to be told, and refusals."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.urls import reverse
from django.views.generic.base import ContextMixin

from themes import identity, queries

UNDO = "undo-"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence at the top of the next page; ``undo`` is where its button leads."""

    text: str
    undo: str = ""


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What ``page.html`` needs besides a page's own."""
    return {
        "color_scheme": queries.appearance(identity.from_request(request)).color_scheme,
        "notices": list(map(_notice, messages.get_messages(request))),
    }


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page in the person's colors."""
    return render(request, template, {**page_context(request), **context}, status=status)


class PageMixin(ContextMixin):
    """The same for views that are classes."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page's own context, and what it stands in."""
        return super().get_context_data(**{**page_context(self.request), **kwargs})


def add_message(request: HttpRequest, text: str, *, restore: uuid.UUID | None = None) -> None:
    """Say it on the next page, with a button that brings a deleted theme back."""
    messages.success(request, text, extra_tags=f"{UNDO}{restore}" if restore else "")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that may not have come from us; Django's setting ``CSRF_FAILURE_VIEW`` names this."""
    return page(request, "refused.html", {"cookies_refused": reason == REASON_NO_CSRF_COOKIE}, status=403)


def _notice(message: Any) -> Notice:
    tags = message.extra_tags or ""
    return Notice(
        str(message), reverse("theme-restore", args=[tags.removeprefix(UNDO)]) if tags.startswith(UNDO) else ""
    )
