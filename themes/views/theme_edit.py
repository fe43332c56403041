"""The page that edits or deletes one theme without JavaScript."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.web.pages import add_message, page
from themes.appearance import ThemeView
from themes.color.contrast import contrast_pairs, fix_contrast
from themes.errors import ThemeError
from themes.forms.edit import ThemeEditForm
from themes.models import Theme
from themes.owners import identity
from themes.owners.identity import Identity
from themes.schema import ThemeData
from themes.store import queries, services
from themes.views.base import add_retry_after, charge_creation, full_patch, get_own_theme_or_404, require_device_cookie
from themes.views.presenters import contrast_result, differing_fields, group_rows, palette
from themes.views.theme_list import WRITABLE

_CHANGED = (
    "This theme was changed elsewhere after you opened it. Your changes below are not saved yet; the stored values are "
    "shown next to them. Save again to overwrite the stored theme, or reload the page to discard your changes."
)
_LOOK = "These changes are not saved yet. Check the preview, then save."
_READS = "All color pairs have enough contrast already: there is nothing to fix."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_device_cookie
def edit_theme(request: HttpRequest, theme_id: uuid.UUID) -> HttpResponse:
    """Show and edit an own theme; the form's ``action`` selects save, activate, copy, fix or reset."""
    who = identity.from_request(request)
    own = get_own_theme_or_404(who, theme_id)
    if request.method != "POST":
        return _page(request, who, own, ThemeEditForm(own.theme, own.revision))
    form = ThemeEditForm(own.theme, own.revision, request.POST)
    action = request.POST.get("action", "save")
    if action == "reset":
        return _reset(request, who, own)
    if not form.is_valid():
        return _page(request, who, own, form, status=400)
    try:
        return _ACTIONS.get(action, _save)(request, who, own, form)
    except ThemeError as error:
        if error.code == "theme_conflict":
            now = get_own_theme_or_404(who, theme_id)
            again = ThemeEditForm(form.to_theme(), now.revision)
            return _page(request, who, now, again, drawn=form.to_theme(), warning=_CHANGED, status=409)
        form.add_error(None, error.message)
        return add_retry_after(_page(request, who, own, form, status=400), error)


@never_cache
@require_POST
@require_device_cookie
def delete_theme(request: HttpRequest, theme_id: uuid.UUID) -> HttpResponse:
    """Delete a theme; it can be restored for one day."""
    who = identity.from_request(request)
    own = get_own_theme_or_404(who, theme_id)
    try:
        services.delete(who, theme_id)
    except ThemeError as error:  # Another tab deleted it first.
        raise Http404(error.message) from None
    add_message(
        request,
        f"{own.theme.name} was deleted. You can restore it for one day.",
        undo_url=reverse("theme-restore", args=[theme_id]),
    )
    return redirect("themes")


@never_cache
@require_POST
@require_device_cookie
def restore_theme(request: HttpRequest, theme_id: uuid.UUID) -> HttpResponse:
    """Restore a deleted theme."""
    try:
        services.restore(identity.from_request(request), theme_id)
    except ThemeError as error:
        raise Http404(error.message) from None
    add_message(request, "The theme was restored.")
    return redirect("theme", theme_id)


def _save(request: HttpRequest, who: Identity, own: ThemeView, form: ThemeEditForm) -> HttpResponse:
    services.edit(who, uuid.UUID(own.id), full_patch(form.to_theme()), revision=form.cleaned_data["revision"])
    add_message(request, "The theme was saved.")
    return redirect("theme", own.id)


def _save_and_activate(request: HttpRequest, who: Identity, own: ThemeView, form: ThemeEditForm) -> HttpResponse:
    answer = _save(request, who, own, form)
    if form.to_theme().scheme == "dark":
        services.set_preference(who, dark=own.id)
    else:
        services.set_preference(who, light=own.id)
    return answer


@transaction.atomic
def _copy(request: HttpRequest, who: Identity, own: ThemeView, form: ThemeEditForm) -> HttpResponse:
    """Create a copy with the form's values; this theme stays unchanged."""
    theme_id = uuid.uuid4()
    made = form.to_theme()
    charge_creation(request)
    services.create(who, theme_id, source=own.id, name=made.name)
    services.edit(who, theme_id, replace(full_patch(made), name=None))
    add_message(request, "This is the copy. The original theme was not changed.")
    return redirect("theme", theme_id)


def _fix(request: HttpRequest, who: Identity, own: ThemeView, form: ThemeEditForm) -> HttpResponse:
    """Show the theme with fixed contrast, for review."""
    made = form.to_theme()
    fixed = replace(made, colors=fix_contrast(made.colors, _minimum(who)))
    revision = form.cleaned_data["revision"]
    return _page(
        request,
        who,
        own,
        ThemeEditForm(fixed, revision),
        drawn=fixed,
        warning=_READS if fixed == made == own.theme else _LOOK,
    )


def _reset(request: HttpRequest, who: Identity, own: ThemeView) -> HttpResponse:
    """Show the preset that the theme is based on, under the theme's name, for review."""
    origin = replace(_origin(own), name=own.theme.name)
    return _page(request, who, own, ThemeEditForm(origin, own.revision), drawn=origin, warning=_LOOK)


_ACTIONS: Mapping[str, Callable[[HttpRequest, Identity, ThemeView, ThemeEditForm], HttpResponse]] = {
    "save": _save,
    "show": _save_and_activate,
    "copy": _copy,
    "fix": _fix,
}


def _page(
    request: HttpRequest,
    who: Identity,
    own: ThemeView,
    form: ThemeEditForm,
    *,
    drawn: ThemeData | None = None,
    warning: str = "",
    status: int = 200,
) -> HttpResponse:
    seen = drawn or (form.to_theme() if form.is_bound and form.is_valid() else own.theme)
    appearance, minimum = queries.appearance(who), _minimum(who)
    contrast_results = list(map(contrast_result, contrast_pairs(seen.colors, minimum)))
    context = {
        "section": "themes",
        "own": own,
        "form": form,
        "drawn": seen,
        "warning": warning,
        "palette": palette(seen),
        "groups": group_rows(form, seen, own.theme, contrast_results),
        "differing": differing_fields(seen, own.theme),
        "failing": [result for result in contrast_results if result.fails],
        "minimum": f"{minimum:g}",
        "slots": [slot for slot in ("dark", "light") if getattr(appearance, slot).id == own.id],
        "origin": _origin(own),
        "writable": WRITABLE,
    }
    return page(request, "themes/theme-edit.html", context, status=status)


def _minimum(who: Identity) -> float:
    """Return the minimum contrast of the report: the user's, but at least AA."""
    return max(4.5, queries.appearance(who).minimum_contrast)


def _origin(own: ThemeView) -> ThemeData:
    return queries.origin_of(Theme(origin_preset=own.origin_preset, scheme=own.theme.scheme))
