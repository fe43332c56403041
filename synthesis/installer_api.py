"""The installation of voices as JSON, for the page's voice chooser; the admin's addresses, permissions and CSRF tokens.

As in the admin's pages, the server connects to other hosts only after a ``POST``, and voices are named, never given as
an address. The answers to ``GET`` carry the CSRF token of the next ``POST``.
"""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache

from core.api.errors import error_response
from synthesis.errors import SpeechError
from synthesis.models import Voice, VoiceInstallation
from synthesis.voices.downloads.catalogs import Catalogs, cached_catalogs, describe_age, known_catalogs, read_catalogs
from synthesis.voices.downloads.entries import DownloadableVoice
from synthesis.voices.downloads.fetching import complete
from synthesis.voices.downloads.installations import cancel, recent, request_installation, start_process
from synthesis.voices.downloads.origins import origin

MAX_LISTED = 3000
"""Voices of the catalogs that the page gets; the public catalogs have a few hundred."""


@never_cache
def voices(request: HttpRequest) -> JsonResponse:
    """Return the voices of the cached catalogs, with no connection to another host; none if no list is cached."""
    return _listed(request, cached_catalogs(origin()))


def _listed(request: HttpRequest, catalogs: Catalogs | None) -> JsonResponse:
    ids = set(Voice.objects.values_list("id", flat=True))
    return JsonResponse(
        {
            "csrf_token": get_token(request),
            "place": origin().name,
            "age": describe_age(catalogs.age_s) if catalogs else None,
            "warnings": list(catalogs.warnings) if catalogs else [],
            "voices": [_facts(voice, ids) for voice in catalogs.voices[:MAX_LISTED]] if catalogs else [],
        }
    )


@never_cache
def refresh(request: HttpRequest) -> JsonResponse:
    """Download the catalogs, and return them as ``voices`` does."""
    try:
        return _listed(request, read_catalogs(origin(), refresh=True))
    except SpeechError as error:
        return error_response(error)


@never_cache
def details(request: HttpRequest) -> JsonResponse:
    """Return license, size and host of a voice, for which its model card may have to be downloaded."""
    place = origin()
    try:
        voice = complete(known_catalogs(place).find(request.POST.get("name", "")), place)
    except SpeechError as error:
        return error_response(error)
    return JsonResponse({**voice.to_dict(), "place": place.name})


@never_cache
def install(request: HttpRequest) -> JsonResponse:
    """Queue an installation, and return all of them."""
    try:
        start(request.POST.get("name", ""))
    except SpeechError as error:
        return error_response(error)
    return installations(request)


@never_cache
def installations(request: HttpRequest) -> JsonResponse:
    """Return the installations with their progress, the newest first."""
    return JsonResponse({"csrf_token": get_token(request), "installations": [_progress(row) for row in recent()]})


@never_cache
def cancel_one(request: HttpRequest) -> JsonResponse:
    """Cancel an installation, and return all of them."""
    number = request.POST.get("id", "")
    if number.isascii() and number.isdecimal() and len(number) < 18:
        cancel(int(number))
    return installations(request)


def start(name: str) -> None:
    """Queue the voice ``name`` of a catalog, and start the process that installs. Raises ``VoiceError``."""
    voice = known_catalogs(origin()).find(name)
    request_installation(voice.name, voice.id)
    start_process()


def _facts(voice: DownloadableVoice, installed: set[str]) -> dict[str, Any]:
    facts = voice.to_dict()
    return {
        **facts,
        "title": voice.title,
        "country": voice.country,
        "native_name": voice.native_name,
        "installed": voice.id in installed,
    }


def _progress(row: VoiceInstallation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "state": row.state,
        "step": row.step,
        "percent": row.percent,
        "message": row.message,
        "active": row.is_active,
        "stopping": row.cancel_requested,
    }
