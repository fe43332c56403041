"""The page of themes without scripts: choose what is shown, copy, bring a file, take one away."""

import uuid
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from themes import formats, identity, plain, reading, services
from themes.appearance import Shown
from themes.errors import ThemeError
from themes.forms import ChooseForm, ImportForm, NewForm
from themes.plain import kept, page, tell, told
from themes.validation import NAME_LENGTH, THEME_BYTES, check_name

WRITABLE = [known for known in formats.FORMATS.values() if known.write]
"""Formats that a theme can be taken away in."""
_FORM_BYTES = 16 * 1024
"""What a form adds to the file that it carries."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@kept
def themes(request: HttpRequest) -> HttpResponse:
    """What is shown, and all that can be; a form that was sent chooses anew."""
    if request.method != "POST":
        return _page(request, source=request.GET.get("source", ""))
    who = identity.of(request)
    form = ChooseForm(reading.appearance(who), reading.listing(who), request.POST)
    if form.is_valid():
        try:
            services.prefer(who, **form.changes())
        except ThemeError as error:
            form.add_error(error.param if error.param in form.fields else None, error.message)
        else:
            tell(request, "Your choice is kept.")
            return redirect("themes")
    return _page(request, choose=form, status=400)


@never_cache
@require_POST
@kept
def new(request: HttpRequest) -> HttpResponse:
    """A theme of one's own, begun as a copy of any other."""
    form = NewForm(request.POST)
    if form.is_valid():
        theme_id = uuid.uuid4()
        wish = form.cleaned_data
        try:
            plain.count_new(request)
            services.create(
                identity.of(request), theme_id, source=wish["source"], name=wish["name"] or None, show=wish["show"]
            )
        except ThemeError as error:
            form.add_error("name" if error.param == "name" else "source", error.message)
            return told(_page(request, new=form, status=400), error)
        else:
            tell(request, "The theme is yours now. Change what you like.")
            return redirect("theme", theme_id)
    return _page(request, new=form, status=400)


@csrf_exempt  # The token is checked below, once the body is known to be small enough to be read for it.
@never_cache
@require_POST
def bring(request: HttpRequest) -> HttpResponse:
    """A theme from a file, in any format that can be read."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > THEME_BYTES + _FORM_BYTES:
        form = ImportForm(QueryDict(), {})
        form.errors.clear()
        form.add_error("file", f"A theme's file has at most {THEME_BYTES // 1024} KB. Nothing was stored.")
        return _page(request, bring=form, status=413)
    return _bring(request)


@csrf_protect
@kept
def _bring(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        theme_id = uuid.uuid4()
        wish = form.cleaned_data
        try:
            read = formats.read(wish["file"].read(THEME_BYTES + 1), name=_stem(wish["file"].name))
            plain.count_new(request)
            services.create(
                identity.of(request), theme_id, theme=read.theme, name=wish["name"] or None, show=wish["show"]
            )
        except ThemeError as error:
            form.add_error("name" if error.param == "name" and wish["name"] else "file", explain(error))
            return told(_page(request, bring=form, status=400), error)
        else:
            tell(request, "The file is a theme of yours now.")
            return redirect("theme", theme_id)
    return _page(request, bring=form, status=400)


@never_cache
@require_safe
def export(request: HttpRequest, reference: str) -> HttpResponse:
    """A theme as a file."""
    try:
        theme = reading.find(identity.of(request), reference).document
    except ThemeError as error:
        raise Http404(error.message) from None
    try:
        written = formats.write(theme, request.GET.get("format", "alphanumeric"))
    except ThemeError as error:
        return page(request, "themes/refused.html", {"refusal": error.message}, status=400)
    name = f"{slugify(theme.name) or 'theme'}.{written.extension.removeprefix('.')}"
    return HttpResponse(
        written.data,
        content_type=written.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
def export_chosen(request: HttpRequest) -> HttpResponseRedirect:
    """Where the form leads in which a theme and a format are chosen."""
    try:
        address = reverse("theme-export", args=[request.GET.get("theme", "")])
    except NoReverseMatch:
        raise Http404("There is no such theme.") from None
    return HttpResponseRedirect(f"{address}?{urlencode({'format': request.GET.get('format', 'alphanumeric')})}")


def explain(error: ThemeError) -> str:
    """The error, with the line where it is known and not said."""
    line = error.details.get("line")
    return f"Line {line}: {error.message}" if line and f"line {line}" not in error.message.lower() else error.message


def _stem(name: str | None) -> str | None:
    """What a file that has no name in it is called, if that can be shown."""
    try:
        return check_name(PurePath(name or "").stem[:NAME_LENGTH])
    except ThemeError:
        return None


def _page(
    request: HttpRequest,
    *,
    choose: ChooseForm | None = None,
    new: NewForm | None = None,
    bring: ImportForm | None = None,
    source: str = "",
    status: int = 200,
) -> HttpResponse:
    who = identity.of(request)
    shown, listed = reading.appearance(who), reading.listing(who)
    choosing = choose or ChooseForm(shown, listed)
    context: dict[str, Any] = {
        "room": "themes",
        "shown": shown,
        "own": [theme for theme in listed if theme.own],
        "slots": [_Slot(choosing[slot], _of_scheme(listed, slot)) for slot in ("dark", "light")],
        "choose": choosing,
        "new": new or NewForm(source=source or shown.dark.id),
        "bring": bring or ImportForm(),
        "sources": _groups(listed),
        "limit": services.OWN_THEMES,
        "readable": [known.label for known in formats.FORMATS.values()],
        "writable": WRITABLE,
        "trouble": next((form for form in (choose, new, bring) if form is not None), None),
        "kilobytes": THEME_BYTES // 1024,
    }
    return page(request, "themes/themes.html", context, status=status)


@dataclass(frozen=True, slots=True)
class _Slot:
    """One of the two places that a theme is chosen for."""

    field: BoundField
    themes: list[Shown]


def _of_scheme(listed: list[Shown], scheme: str) -> list[Shown]:
    """Those made for it, one's own before the presets."""
    return sorted((theme for theme in listed if theme.document.scheme == scheme), key=lambda theme: not theme.own)


def _groups(listed: list[Shown]) -> list[tuple[str, list[Shown]]]:
    presets = [theme for theme in listed if not theme.own]
    groups = [
        ("yours", [theme for theme in listed if theme.own]),
        ("dark", _of_scheme(presets, "dark")),
        ("light", _of_scheme(presets, "light")),
    ]
    return [(label, themes) for label, themes in groups if themes]
