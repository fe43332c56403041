"""The page of one theme without scripts: every part of it, and putting it aside."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from themes import identity, plain, reading, services
from themes.appearance import Shown
from themes.contrast import fix, pairs
from themes.edit_form import EditForm
from themes.errors import ThemeError
from themes.identity import Who
from themes.models import Theme
from themes.pages import WRITABLE
from themes.plain import kept, own_theme, page, tell, told, whole
from themes.rows import differing, groups, palette, reading_of
from themes.validation import Document

_CHANGED = (
    "This theme was changed elsewhere since you opened it. What you filled in is below and not kept yet; beside it is "
    "what is kept now. Save again to keep yours, or load the page anew to begin from there."
)
_LOOK = "This is not kept yet. Look at it, then save it."
_READS = "Everything reads well already: there is nothing to fix."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@kept
def theme(request: HttpRequest, theme_id: uuid.UUID) -> HttpResponse:
    """Every part of an own theme; one button of the form says what is to be done."""
    who = identity.of(request)
    own = own_theme(who, theme_id)
    if request.method != "POST":
        return _page(request, who, own, EditForm(own.document, own.revision))
    form = EditForm(own.document, own.revision, request.POST)
    action = request.POST.get("action", "save")
    if action == "reset":
        return _reset(request, who, own)
    if not form.is_valid():
        return _page(request, who, own, form, status=400)
    try:
        return _ACTIONS.get(action, _save)(request, who, own, form)
    except ThemeError as error:
        if error.code == "theme_conflict":
            now = own_theme(who, theme_id)
            again = EditForm(form.document(), now.revision)
            return _page(request, who, now, again, drawn=form.document(), warning=_CHANGED, status=409)
        form.add_error(None, error.message)
        return told(_page(request, who, own, form, status=400), error)


@never_cache
@require_POST
@kept
def delete(request: HttpRequest, theme_id: uuid.UUID) -> HttpResponse:
    """Put a theme aside."""
    who = identity.of(request)
    own = own_theme(who, theme_id)
    try:
        services.delete(who, theme_id)
    except ThemeError as error:  # Another tab was quicker.
        raise Http404(error.message) from None
    tell(request, f"{own.document.name} is deleted. It can be brought back for a day.", restore=theme_id)
    return redirect("themes")


@never_cache
@require_POST
@kept
def restore(request: HttpRequest, theme_id: uuid.UUID) -> HttpResponse:
    """Take a theme back."""
    try:
        services.restore(identity.of(request), theme_id)
    except ThemeError as error:
        raise Http404(error.message) from None
    tell(request, "The theme is back.")
    return redirect("theme", theme_id)


def _save(request: HttpRequest, who: Who, own: Shown, form: EditForm) -> HttpResponse:
    services.edit(who, uuid.UUID(own.id), whole(form.document()), revision=form.cleaned_data["revision"])
    tell(request, "The theme is kept.")
    return redirect("theme", own.id)


def _save_and_show(request: HttpRequest, who: Who, own: Shown, form: EditForm) -> HttpResponse:
    answer = _save(request, who, own, form)
    if form.document().scheme == "dark":
        services.prefer(who, dark=own.id)
    else:
        services.prefer(who, light=own.id)
    return answer


@transaction.atomic
def _copy(request: HttpRequest, who: Who, own: Shown, form: EditForm) -> HttpResponse:
    """Another theme with what was filled in; this one stays as it was."""
    theme_id = uuid.uuid4()
    made = form.document()
    plain.count_new(request)
    services.create(who, theme_id, source=own.id, name=made.name)
    services.edit(who, theme_id, replace(whole(made), name=None))
    tell(request, "This is the copy. The other theme is as it was.")
    return redirect("theme", theme_id)


def _fix(request: HttpRequest, who: Who, own: Shown, form: EditForm) -> HttpResponse:
    """The same with colours that can be read, to be looked at."""
    made = form.document()
    fixed = replace(made, colours=fix(made.colours, _minimum(who)))
    revision = form.cleaned_data["revision"]
    return _page(
        request,
        who,
        own,
        EditForm(fixed, revision),
        drawn=fixed,
        warning=_READS if fixed == made == own.document else _LOOK,
    )


def _reset(request: HttpRequest, who: Who, own: Shown) -> HttpResponse:
    """What it began as under its own name, to be looked at."""
    origin = replace(_origin(own), name=own.document.name)
    return _page(request, who, own, EditForm(origin, own.revision), drawn=origin, warning=_LOOK)


_ACTIONS: Mapping[str, Callable[[HttpRequest, Who, Shown, EditForm], HttpResponse]] = {
    "save": _save,
    "show": _save_and_show,
    "copy": _copy,
    "fix": _fix,
}


def _page(
    request: HttpRequest,
    who: Who,
    own: Shown,
    form: EditForm,
    *,
    drawn: Document | None = None,
    warning: str = "",
    status: int = 200,
) -> HttpResponse:
    seen = drawn or (form.document() if form.is_bound and form.is_valid() else own.document)
    appearance, minimum = reading.appearance(who), _minimum(who)
    readings = list(map(reading_of, pairs(seen.colours, minimum)))
    context = {
        "room": "themes",
        "own": own,
        "form": form,
        "drawn": seen,
        "warning": warning,
        "palette": palette(seen),
        "groups": groups(form, seen, own.document, readings),
        "differing": differing(seen, own.document),
        "failing": [reading for reading in readings if reading.fails],
        "minimum": f"{minimum:g}",
        "slots": [slot for slot in ("dark", "light") if getattr(appearance, slot).id == own.id],
        "origin": _origin(own),
        "writable": WRITABLE,
    }
    return page(request, "themes/theme.html", context, status=status)


def _minimum(who: Who) -> float:
    """What the report is made for: AA where nothing is asked."""
    return max(4.5, reading.appearance(who).minimum_contrast)


def _origin(own: Shown) -> Document:
    return reading.origin_of(Theme(provenance=own.provenance, scheme=own.document.scheme))
