"""Parts of all server-rendered pages: messages, the CSRF failure page, and a mixin for class-based views."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.views.generic.base import ContextMixin


@dataclass(frozen=True, slots=True)
class Notice:
    """A message at the top of the next page; ``undo_url`` adds a button that posts to it."""

    text: str
    undo_url: str = ""


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Return the context of ``page.html``. Marks the messages as read."""
    return {"notices": [Notice(str(message), message.extra_tags or "") for message in messages.get_messages(request)]}


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a template that extends ``page.html``."""
    return render(request, template, {**page_context(request), **context}, status=status)


class PageMixin(ContextMixin):
    """Adds ``page_context`` to class-based views."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the view's context with that of ``page.html``."""
        return super().get_context_data(**{**page_context(self.request), **kwargs})


def add_message(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Show ``text`` on the next page, with an undo button if ``undo_url`` is given."""
    messages.success(request, text, extra_tags=undo_url)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a failed CSRF check; Django's setting ``CSRF_FAILURE_VIEW`` names this view.

    ``ORIGIN_REFUSAL`` is set by ``project.security.csrf`` if the origin is the reason.
    """
    refusal = request.META.get("ORIGIN_REFUSAL") or (reason if reason.startswith("Referer") else "")
    context = {"refusal": refusal, "cookies_refused": reason == REASON_NO_CSRF_COOKIE}
    return page(request, "refused.html", context, status=403)
