"""A theme as text, without scripts."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from themes import formats, identity, services
from themes.appearance import Shown
from themes.errors import ThemeError
from themes.forms import JsonForm
from themes.pages import explain
from themes.plain import kept, own_theme, page, tell, whole

_AROUND = 2
"""Lines shown before and after the one that is at fault."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@kept
def raw(request: HttpRequest, theme_id: uuid.UUID) -> HttpResponse:
    """The theme as text, to read and to change."""
    who = identity.of(request)
    own = own_theme(who, theme_id)
    if request.method != "POST":
        return _text_page(request, own, JsonForm(initial={"revision": own.revision, "text": _text(own)}))
    form = JsonForm(request.POST)
    if not form.is_valid():
        return _text_page(request, own, form, status=400)
    # A form sends line ends as CR LF.
    text = form.cleaned_data["text"].replace("\r\n", "\n")
    try:
        services.edit(who, theme_id, whole(formats.read(text.encode()).theme), revision=form.cleaned_data["revision"])
    except ThemeError as error:
        if error.code == "theme_conflict":
            own = own_theme(who, theme_id)
            again = JsonForm(initial={"revision": own.revision, "text": text})
            return _text_page(request, own, again, {"now": _text(own)}, status=409)
        form.add_error("text", explain(error))
        return _text_page(request, own, form, {"excerpt": _excerpt(text, error.details.get("line"))}, status=400)
    tell(request, "The theme is kept.")
    return redirect("theme-json", theme_id)


def _text_page(
    request: HttpRequest, own: Shown, form: JsonForm, more: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    return page(
        request, "themes/json.html", {"room": "themes", "own": own, "form": form, **(more or {})}, status=status
    )


def _text(own: Shown) -> str:
    return formats.write(own.document, "alphanumeric").data.decode()


def _excerpt(text: str, line: int | None) -> list[tuple[int, str, bool]]:
    """The lines around the one at fault: number, text, and whether it is the one."""
    if not line:
        return []
    lines = list(enumerate(text.split("\n"), start=1))[max(0, line - 1 - _AROUND) : line + _AROUND]
    return [(number, content, number == line) for number, content in lines]
