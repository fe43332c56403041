"""The reference of the API, as a page and as documents for programs."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.api.dialects import DIALECTS
from project import openapi as http
from project.api_reference import asyncapi
from project.api_reference.reference import Group, error_content, groups, search
from synthesis.api.errors import STATUS
from themes.views.token_api import ERROR_STATUS

MAX_QUERY_CHARACTERS = 200
INDENT = {"indent": 2}


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Show all operations and messages, or those that contain the words of ``q``."""
    query = request.GET.get("q", "")[:MAX_QUERY_CHARACTERS].strip()
    everything = _enabled()
    shown = search(query, everything) if query else everything
    codes: dict[int, list[str]] = {}
    for code, status in sorted({**ERROR_STATUS, **STATUS}.items()):
        codes.setdefault(status, []).append(code)
    context = {
        "section": "manual",
        "query": query,
        "groups": shown,
        "found": sum(len(group.entries) for group in shown),
        "server": request.build_absolute_uri(reverse("terminal")).rstrip("/"),
        "errors": error_content(),
        "codes": sorted(codes.items()),
    }
    return render(request, "manual/api-reference.html", context)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document, with this server's path."""
    return JsonResponse(http.document() | {"servers": [{"url": reverse("terminal")}]}, json_dumps_params=INDENT)


@require_safe
def sockets(request: HttpRequest) -> HttpResponse:
    """Return the AsyncAPI document, with this server's host and path."""
    server = {
        "host": request.get_host(),
        "pathname": reverse("terminal"),
        "protocol": "wss" if request.is_secure() else "ws",
    }
    return JsonResponse(asyncapi.document() | {"servers": {"this": server}}, json_dumps_params=INDENT)


def _enabled() -> tuple[Group, ...]:
    """Return the groups without those of disabled dialects."""
    disabled = {name for name in DIALECTS if name not in settings.API_DIALECTS}
    return tuple(group for group in groups() if group.title.lower() not in disabled)
