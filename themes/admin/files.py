"""Exports presets as files, and serves the contrast fix to the form's script."""

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from themes.color.contrast import MINIMA, fix_contrast
from themes.errors import ThemeError
from themes.formats import write
from themes.models import Preset
from themes.schema import check_colors
from themes.store.queries import document_of
from themes.tokens import TEXT, TOKENS

OWN_FORMAT = "alphanumeric"


class PresetFiles(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Adds views to the admin, under its permission checks."""

    @admin.action(description="Export", permissions=["view"])
    def export(self, request: HttpRequest, queryset: QuerySet[Preset]) -> HttpResponse:
        """Download one preset as a file in Alphanumeric's format, several as a ZIP archive of such files."""
        presets = list(queryset)
        if len(presets) == 1:
            return _file(presets[0], OWN_FORMAT)
        return _attachment(_archive(presets), "application/zip", "themes.zip")

    def get_urls(self) -> list[URLPattern]:
        """Return these routes before the admin's, whose last route matches every path."""
        view = self.admin_site.admin_view
        ours = [
            path("fix/", view(self.fix_view), name="themes_preset_fix"),
            path("<path:object_id>/export/<slug:format>/", view(self.export_view), name="themes_preset_export"),
        ]
        return [*ours, *super().get_urls()]

    def export_view(self, request: HttpRequest, object_id: str, format: str) -> HttpResponse:  # noqa: A002 - what it is
        """Download the preset in a writable format. Raises ``Http404`` and ``PermissionDenied``."""
        preset = self.get_object(request, unquote(object_id))
        if preset is None:
            raise Http404
        if not self.has_view_permission(request, preset):
            raise PermissionDenied
        try:
            return _file(preset, format)
        except ThemeError as error:
            raise Http404 from error

    def fix_view(self, request: HttpRequest) -> JsonResponse:
        """Return ``{colors}`` with sufficient contrast; stores nothing. Raises ``PermissionDenied``."""
        if request.method != "POST" or not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        try:
            wish = json.loads(request.body)
            colors: dict[str, Any] = check_colors(wish.get("colors"))
            minimum = wish.get("minimum", TEXT)
        except (ValueError, AttributeError, RecursionError):
            return JsonResponse({"error": "The request is not a theme in JSON."}, status=400)
        except ThemeError as error:
            return JsonResponse({"error": error.message}, status=400)
        if minimum not in MINIMA or any(token.name not in colors for token in TOKENS):
            return JsonResponse({"error": "Every color is required, and the minimum must be 1, 4.5 or 7."}, status=400)
        return JsonResponse({"colors": fix_contrast(colors, minimum)})


def _file(preset: Preset, format_name: str) -> HttpResponse:
    written = write(document_of(preset), format_name)
    return _attachment(written.data, written.media_type, f"{preset.pk}.{written.extension.lstrip('.')}")


def _archive(presets: Iterable[Preset]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for preset in presets:
            archive.writestr(f"{preset.pk}.json", write(document_of(preset), OWN_FORMAT).data)
    return target.getvalue()


def _attachment(data: bytes, media_type: str, name: str) -> HttpResponse:
    return HttpResponse(data, media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
