"""The theme list without JavaScript: select, copy, import and export themes."""

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

from core.web.pages import add_message, page
from themes import formats
from themes.appearance import ThemeView
from themes.errors import ThemeError
from themes.forms.selection import ImportForm, NewThemeForm, ThemeSelectionForm, encode_content
from themes.owners import identity
from themes.schema import MAX_THEME_BYTES
from themes.store import queries, services
from themes.views.base import add_retry_after, charge_creation, require_device_cookie

WRITABLE = [known for known in formats.FORMATS.values() if known.write]
"""Export formats."""
_MAX_FORM_BYTES = MAX_THEME_BYTES * 4 // 3 + 16 * 1024
"""Bytes of the multipart form: the file, in base64 while the user chooses one of its schemes, and the other fields."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_device_cookie
def theme_list(request: HttpRequest) -> HttpResponse:
    """Show the selected and all available themes; a POST changes the selection."""
    if request.method != "POST":
        return _page(request, source=request.GET.get("source", ""))
    who = identity.from_request(request)
    form = ThemeSelectionForm(queries.appearance(who), queries.list_available(who), request.POST)
    if form.is_valid():
        try:
            services.set_preference(who, **form.changes())
        except ThemeError as error:
            form.add_error(error.param if error.param in form.fields else None, error.message)
        else:
            add_message(request, "Your selection was saved.")
            return redirect("themes")
    return _page(request, selection_form=form, status=400)


@never_cache
@require_POST
@require_device_cookie
def create_theme(request: HttpRequest) -> HttpResponse:
    """Create an own theme as a copy of another."""
    form = NewThemeForm(request.POST)
    if form.is_valid():
        theme_id = uuid.uuid4()
        wish = form.cleaned_data
        try:
            charge_creation(request)
            services.create(
                identity.from_request(request),
                theme_id,
                source=wish["source"],
                name=wish["name"] or None,
                show=wish["show"],
            )
        except ThemeError as error:
            form.add_error("name" if error.param == "name" else "source", error.message)
            return add_retry_after(_page(request, create_form=form, status=400), error)
        else:
            add_message(request, "The theme was created. You can edit it here.")
            return redirect("theme", theme_id)
    return _page(request, create_form=form, status=400)


@csrf_exempt  # _import_theme checks the CSRF token, after the size check: reading the token reads the body.
@never_cache
@require_POST
def import_theme(request: HttpRequest) -> HttpResponse:
    """Import a theme file in any format; 413 if it is too large."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > _MAX_FORM_BYTES:
        form = ImportForm(QueryDict(), {})
        form.errors.clear()
        form.add_error("file", f"A theme file can have at most {MAX_THEME_BYTES // 1024} KB. Nothing was saved.")
        return _page(request, import_form=form, status=413)
    return _import_theme(request)


@csrf_protect
@require_device_cookie
def _import_theme(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        theme_id = uuid.uuid4()
        wish = form.cleaned_data
        data, file_name = form.data_and_name()
        try:
            names = formats.scheme_names(data)
            if len(names) > 1 and wish["scheme"] not in names:
                return _page(request, import_form=form, choice=_SchemeChoice(names, data, file_name))
            read = formats.read(data, name=PurePath(file_name).stem, typed=wish["name"], scheme=wish["scheme"])
            charge_creation(request)
            services.create(identity.from_request(request), theme_id, theme=read.theme, show=wish["show"])
        except ThemeError as error:
            form.add_error("name" if error.param == "name" and wish["name"] else "file", error_with_line(error))
            return add_retry_after(_page(request, import_form=form, status=400), error)
        else:
            add_message(request, f"The theme was imported. You can edit it here. {read.summary}".rstrip())
            return redirect("theme", theme_id)
    return _page(request, import_form=form, status=400)


@never_cache
@require_safe
def export_theme(request: HttpRequest, reference: str) -> HttpResponse:
    """Download a theme as a file."""
    try:
        theme = queries.get_theme(identity.from_request(request), reference).theme
    except ThemeError as error:
        raise Http404(error.message) from None
    try:
        written = formats.write(theme, request.GET.get("format", "alphanumeric"))
    except ThemeError as error:
        return page(request, "refused.html", {"refusal": error.message}, status=400)
    name = f"{slugify(theme.name) or 'theme'}.{written.extension.removeprefix('.')}"
    return HttpResponse(
        written.data,
        content_type=written.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
def export_chosen(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect the export form to the chosen theme's file. Raises ``Http404``."""
    try:
        address = reverse("theme-export", args=[request.GET.get("theme", "")])
    except NoReverseMatch:
        raise Http404("There is no such theme.") from None
    return HttpResponseRedirect(f"{address}?{urlencode({'format': request.GET.get('format', 'alphanumeric')})}")


def error_with_line(error: ThemeError) -> str:
    """Return the error's message, with its line number if that is known and not in the message."""
    line = error.details.get("line")
    return f"Line {line}: {error.message}" if line and f"line {line}" not in error.message.lower() else error.message


def _page(
    request: HttpRequest,
    *,
    selection_form: ThemeSelectionForm | None = None,
    create_form: NewThemeForm | None = None,
    import_form: ImportForm | None = None,
    choice: "_SchemeChoice | None" = None,
    source: str = "",
    status: int = 200,
) -> HttpResponse:
    who = identity.from_request(request)
    shown, listed = queries.appearance(who), queries.list_available(who)
    choosing = selection_form or ThemeSelectionForm(shown, listed)
    context: dict[str, Any] = {
        "section": "themes",
        "shown": shown,
        "own": [theme for theme in listed if theme.own],
        "slots": [_Slot(choosing[slot], _of_scheme(listed, slot)) for slot in ("dark", "light")],
        "selection_form": choosing,
        "create_form": create_form or NewThemeForm(source=source or shown.dark.id),
        "import_form": import_form or ImportForm(),
        "choice": choice,
        "sources": _group_by_scheme(listed),
        "limit": services.MAX_THEMES_PER_OWNER,
        "readable": [known.label for known in formats.FORMATS.values()],
        "writable": WRITABLE,
        "trouble": not choice and any((selection_form, create_form, import_form)),
        "kilobytes": MAX_THEME_BYTES // 1024,
    }
    return page(request, "themes/theme-list.html", context, status=status)


@dataclass(frozen=True, slots=True)
class _SchemeChoice:
    """The schemes of a file that was sent, of which the user chooses one."""

    names: tuple[str, ...]
    data: bytes
    file_name: str

    @property
    def content(self) -> str:
        """Return the file as the text of a hidden field."""
        return encode_content(self.data)


@dataclass(frozen=True, slots=True)
class _Slot:
    """The dark or the light theme selection."""

    field: BoundField
    themes: list[ThemeView]


def _of_scheme(listed: list[ThemeView], scheme: str) -> list[ThemeView]:
    """Return the themes of a scheme, own themes before presets."""
    return sorted((theme for theme in listed if theme.theme.scheme == scheme), key=lambda theme: not theme.own)


def _group_by_scheme(listed: list[ThemeView]) -> list[tuple[str, list[ThemeView]]]:
    presets = [theme for theme in listed if not theme.own]
    groups = [
        ("yours", [theme for theme in listed if theme.own]),
        ("dark", _of_scheme(presets, "dark")),
        ("light", _of_scheme(presets, "light")),
    ]
    return [(label, themes) for label, themes in groups if themes]
