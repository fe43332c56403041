"""The page that edits a theme as JSON, without JavaScript."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.web.pages import add_message, page
from themes import formats
from themes.appearance import ThemeView
from themes.errors import ThemeError
from themes.forms.selection import JsonForm
from themes.owners import identity
from themes.store import services
from themes.views.base import full_patch, get_own_theme_or_404, require_device_cookie
from themes.views.theme_list import error_with_line

_CONTEXT_LINES = 2
"""Lines shown before and after the line of an error."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_device_cookie
def edit_json(request: HttpRequest, theme_id: uuid.UUID) -> HttpResponse:
    """Show and edit an own theme as JSON."""
    who = identity.from_request(request)
    own = get_own_theme_or_404(who, theme_id)
    if request.method != "POST":
        return _text_page(request, own, JsonForm(initial={"revision": own.revision, "text": _text(own)}))
    form = JsonForm(request.POST)
    if not form.is_valid():
        return _text_page(request, own, form, status=400)
    # Browsers submit line breaks as CR LF.
    text = form.cleaned_data["text"].replace("\r\n", "\n")
    try:
        services.edit(
            who, theme_id, full_patch(formats.read(text.encode()).theme), revision=form.cleaned_data["revision"]
        )
    except ThemeError as error:
        if error.code == "theme_conflict":
            own = get_own_theme_or_404(who, theme_id)
            again = JsonForm(initial={"revision": own.revision, "text": text})
            return _text_page(request, own, again, {"now": _text(own)}, status=409)
        form.add_error("text", error_with_line(error))
        return _text_page(request, own, form, {"excerpt": _excerpt(text, error.details.get("line"))}, status=400)
    add_message(request, "The theme was saved.")
    return redirect("theme-json", theme_id)


def _text_page(
    request: HttpRequest, own: ThemeView, form: JsonForm, more: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    return page(
        request,
        "themes/theme-json.html",
        {"section": "themes", "own": own, "form": form, **(more or {})},
        status=status,
    )


def _text(own: ThemeView) -> str:
    return formats.write(own.theme, "alphanumeric").data.decode()


def _excerpt(text: str, line: int | None) -> list[tuple[int, str, bool]]:
    """Return the lines around an error: number, text, and whether it is the error's line."""
    if not line:
        return []
    lines = list(enumerate(text.split("\n"), start=1))[max(0, line - 1 - _CONTEXT_LINES) : line + _CONTEXT_LINES]
    return [(number, content, number == line) for number, content in lines]
