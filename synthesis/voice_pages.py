"""The admin's pages of voices: the public catalogs, installations with progress, samples, and measured speed.

A page connects to other hosts only after a click: a ``POST`` to refresh the catalogs, to see the details of a
voice, or to install it. Voices are named, never given as an address.
"""

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any
from wave import open as open_wave

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST

from core.limits.disk_quota import directory_size
from synthesis import installer_api
from synthesis.catalog import catalog_entry
from synthesis.errors import SpeechError
from synthesis.models import Voice
from synthesis.runtime import get_runtime
from synthesis.voice_files.manifest import VoiceManifest
from synthesis.voices.downloads.catalogs import cached_catalogs, describe_age, known_catalogs, read_catalogs
from synthesis.voices.downloads.fetching import complete
from synthesis.voices.downloads.installations import cancel, recent
from synthesis.voices.downloads.origins import origin
from synthesis.voices.downloads.piper_catalog import QUALITIES
from synthesis.voices.sample_text import sample_sentence

MAX_SHOWN = 200
"""Voices on a page of the catalog."""
MB = 1_000_000

View = Callable[..., HttpResponseBase]


class VoicePages:
    """The pages, below the list of voices in ``site``."""

    def __init__(self, site: admin.AdminSite) -> None:
        self._site = site

    def urls(self) -> list[URLPattern]:
        """Return the addresses of the pages."""
        return [
            self._page("catalog/", require_GET(self.catalog), "catalog"),
            self._page("catalog/refresh/", require_POST(self.refresh), "catalog_refresh"),
            self._page("catalog/details/", require_POST(self.details), "catalog_details"),
            self._page("catalog/install/", require_POST(self.install), "catalog_install"),
            self._page("installations/", require_GET(self.installations), "installations"),
            self._page("installations/<int:number>/cancel/", require_POST(self.cancel), "installations_cancel"),
            *self._json_pages(),
            path("<str:voice_id>/sample.wav", self._site.admin_view(require_GET(self.sample)), name="voice_sample"),
        ]

    def _json_pages(self) -> list[URLPattern]:
        """Return the addresses that the page's voice chooser calls."""
        return [
            self._page("catalog/voices.json", require_GET(installer_api.voices), "catalog_voices"),
            self._page("catalog/refresh.json", require_POST(installer_api.refresh), "catalog_refresh_json"),
            self._page("catalog/details.json", require_POST(installer_api.details), "catalog_details_json"),
            self._page("catalog/install.json", require_POST(installer_api.install), "catalog_install_json"),
            self._page("catalog/installations.json", require_GET(installer_api.installations), "installations_json"),
            self._page("catalog/cancel.json", require_POST(installer_api.cancel_one), "installations_cancel_json"),
        ]

    def _page(self, route: str, view: View, name: str) -> URLPattern:
        def permitted(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
            if not may_install(request):
                raise PermissionDenied
            return view(request, **arguments)

        return path(route, self._site.admin_view(permitted), name=f"voice_{name}")

    def catalog(self, request: HttpRequest) -> HttpResponse:
        """Return the cached catalogs, filtered by the form's language and quality."""
        language, quality = request.GET.get("language", "").strip()[:60], request.GET.get("quality", "")
        catalogs = cached_catalogs(origin())
        found = catalogs.search(language, quality if quality in QUALITIES else "") if catalogs else []
        ids = set(Voice.objects.values_list("id", flat=True))
        return self._render(
            request,
            "catalog",
            "Voices to download",
            catalogs=catalogs,
            age=describe_age(catalogs.age_s) if catalogs else "",
            voices=[(voice, voice.id in ids) for voice in found[:MAX_SHOWN]],
            hidden=max(0, len(found) - MAX_SHOWN),
            languages=sorted({voice.language_name for voice in catalogs.voices} - {""}) if catalogs else [],
            qualities=QUALITIES,
            language=language,
            quality=quality,
            place=origin().name,
        )

    def refresh(self, request: HttpRequest) -> HttpResponse:
        """Download the catalogs, and return to them."""
        try:
            catalogs = read_catalogs(origin(), refresh=True)
            for warning in catalogs.warnings:
                messages.warning(request, warning)
        except SpeechError as error:
            messages.error(request, error.message)
        return redirect("admin:voice_catalog")

    def details(self, request: HttpRequest) -> HttpResponse:
        """Return license, size and host of a voice, which may need its model card, with a button to install it."""
        place = origin()
        try:
            voice = complete(known_catalogs(place).find(request.POST.get("name", "")), place)
        except SpeechError as error:
            messages.error(request, error.message)
            return redirect("admin:voice_catalog")
        return self._render(request, "details", voice.name, voice=voice, place=place.name)

    def install(self, request: HttpRequest) -> HttpResponse:
        """Queue an installation, and show its progress."""
        try:
            installer_api.start(request.POST.get("name", ""))
        except SpeechError as error:
            messages.error(request, error.message)
        return redirect("admin:voice_installations")

    def installations(self, request: HttpRequest) -> HttpResponse:
        """Return the installations; a script or a link refreshes them while one is active."""
        rows = recent()
        active = any(row.is_active for row in rows)
        return self._render(request, "installations", "Installations", rows=rows, active=active)

    def cancel(self, request: HttpRequest, number: int) -> HttpResponse:
        """Cancel an installation."""
        cancel(number)
        return redirect("admin:voice_installations")

    def sample(self, request: HttpRequest, voice_id: str) -> HttpResponse:
        """Return a sentence in the voice's language as a WAV file."""
        if not request.user.has_perm("synthesis.view_voice"):
            raise PermissionDenied
        voice = get_object_or_404(Voice, id=voice_id)
        try:
            wav = synthesize_sample(voice)
        except SpeechError as error:
            return HttpResponse(error.message, "text/plain", 503)
        except OSError as error:
            raise Http404("The voice's files are missing.") from error
        return HttpResponse(wav, "audio/wav")

    def _render(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        values = {**self._site.each_context(request), "opts": Voice._meta, "title": title, **context}
        return TemplateResponse(request, f"admin/synthesis/voice/{template}.html", values)


def may_install(request: HttpRequest) -> bool:
    """Return whether the user may download and install voices."""
    return request.user.has_perm("synthesis.add_voice")


def synthesize_sample(voice: Voice) -> bytes:
    """Return the WAV file of a sentence, from the worker pool. Raises ``SpeechError``, ``OSError`` without files."""
    text = sample_sentence(VoiceManifest.read(settings.VOICES_DIR / voice.id))
    return async_to_sync(get_runtime().sample)(catalog_entry(voice), text)


def measure_speed(voice: Voice, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return seconds of audio per second of work for a sentence in the worker pool, and store it.

    The first of two runs loads the voice. Raises the errors of ``synthesize_sample``.
    """
    synthesize_sample(voice)
    began = clock()
    wav = synthesize_sample(voice)
    elapsed_s = clock() - began
    with open_wave(BytesIO(wav)) as audio:
        voice.times_real_time = audio.getnframes() / audio.getframerate() / elapsed_s
    voice.save(update_fields=["times_real_time"])
    return voice.times_real_time


def size_on_disk(voice: Voice) -> str:
    """Return the size of the voice's files in megabytes."""
    return f"{directory_size(settings.VOICES_DIR / voice.id) / MB:.0f} MB"
