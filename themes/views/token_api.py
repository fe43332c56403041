"""Themes over HTTP for programs, such as a script that keeps dotfiles: ``/v1/theme`` and ``/v1/themes``.

Every request needs a token with the scope ``themes``. Changes appear in the account's open tabs immediately.
"""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.text import slugify

from core.api.access import MISSING, Caller, identify, require_account
from core.api.body import json_object
from core.api.errors import STATUS, ApiError, error_response
from core.api.views import View, api_view
from core.storage import database
from themes import formats
from themes.errors import ThemeError
from themes.owners.identity import Identity
from themes.schema import check_name
from themes.store import queries, services
from themes.store.creation_limit import charge_theme_creation
from themes.store.queries import parse_reference
from themes.views.api import read_body
from themes.views.base import full_patch

PREFERENCES = {"mode": str, "dark": str, "light": str, "minimum_contrast": (int, float)}
"""Fields of ``PUT /v1/theme`` and their types."""
ERROR_STATUS = {**STATUS, "theme_conflict": 409, "file_too_large": 413, "limit_theme_creations": 429}


def theme_view(*methods: str) -> Callable[[View], View]:
    """Return a decorator that identifies the account by its token, and answers ``ThemeError`` in the API's shape."""

    def decorate(view: View) -> View:
        async def answer(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            caller = await identify(request, "themes")
            if caller.token is None:
                # A session is not enough: the API has no CSRF tokens.
                require_account(caller)
                raise ApiError("token_missing", MISSING)
            try:
                # A program has no device of its own: its selection applies to the whole account.
                return await view(request, caller, Identity(uuid.uuid4(), caller.token.account), **kwargs)
            except ThemeError as error:
                return error_response(error, ERROR_STATUS.get(error.code, 400))

        return api_view(*methods)(answer)

    return decorate


@theme_view("GET", "PUT")
async def theme(request: HttpRequest, caller: Caller, who: Identity) -> HttpResponseBase:
    """Return or change the selection: mode, dark theme, light theme, minimum contrast."""
    if request.method == "PUT":
        changes = _preferences(json_object(request))
        await database.write(lambda: services.set_preference(who, **changes))
    return JsonResponse((await database.read(lambda: queries.appearance(who))).to_dict())


@theme_view("GET", "POST")
async def themes(request: HttpRequest, caller: Caller, who: Identity) -> HttpResponseBase:
    """List the presets and the account's own themes, or import a theme file of any format."""
    if request.method == "POST":
        return await _import(request, caller, who)
    listed = await database.read(lambda: queries.list_available(who))
    return JsonResponse({"object": "list", "data": [one.to_dict() for one in listed]})


@theme_view("GET", "PUT", "DELETE")
async def one_theme(request: HttpRequest, caller: Caller, who: Identity, reference: str) -> HttpResponseBase:
    """Return a theme, as JSON or as a file in ``?format=``; replace or delete an own one."""
    if request.method in ("GET", "HEAD"):
        return await _export(request, who, reference)
    theme_id = parse_reference(reference)
    if theme_id is None:
        raise ThemeError("theme_unknown", "You have no such theme.", param="id")
    if request.method == "DELETE":
        await database.write(lambda: services.delete(who, theme_id))
        return JsonResponse({"id": reference, "object": "theme", "deleted": True})
    read = await _read_file(request)
    await database.write(lambda: services.edit(who, theme_id, full_patch(read.theme)))
    return await _shown(who, reference)


async def _import(request: HttpRequest, caller: Caller, who: Identity) -> HttpResponseBase:
    read = await _read_file(request)
    theme_id, show = uuid.uuid4(), request.GET.get("show") == "true"

    def create() -> None:
        charge_theme_creation(caller.subject)
        services.create(who, theme_id, theme=read.theme, show=show)

    await database.write(create)
    return await _shown(who, str(theme_id), status=201)


async def _read_file(request: HttpRequest) -> formats.ImportedTheme:
    name = request.GET.get("name")
    data = read_body(request)
    # Computing the colors takes long enough to block the event loop.
    return await asyncio.to_thread(lambda: formats.read(data, name=check_name(name) if name else None))


async def _export(request: HttpRequest, who: Identity, reference: str) -> HttpResponseBase:
    wanted = request.GET.get("format")
    if wanted is None:
        return await _shown(who, reference)
    found = await database.read(lambda: queries.get_theme(who, reference))
    file = formats.write(found.theme, wanted)
    name = f"{slugify(found.theme.name) or 'theme'}.{file.extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(file.data, content_type=file.media_type, headers=headers)


async def _shown(who: Identity, reference: str, status: int = 200) -> HttpResponseBase:
    found = await database.read(lambda: queries.get_theme(who, reference))
    return JsonResponse(found.to_dict(), status=status)


def _preferences(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the changes. Unknown fields are errors here: a misspelled one would change nothing, silently."""
    for name, value in fields.items():
        types = PREFERENCES.get(name)
        if types is None:
            choices = list(PREFERENCES)
            message = f"PUT /v1/theme changes: {', '.join(choices)}."
            raise ApiError("field_unknown", message, param=name[:40], choices=choices)
        if value is not None and (isinstance(value, bool) or not isinstance(value, types)):  # type: ignore[arg-type]
            raise ApiError("field_invalid", f"The field {name} has the wrong type.", param=name)
    return {name: value for name, value in fields.items() if value is not None}
