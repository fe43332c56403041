"""Admin pages: ratings with their figures, and reported texts. Both can be exported and deleted, not changed."""

import csv
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from feedback.models import Rating, ReadingReport
from feedback.store import OBJECTIVE, WINDOW_DAYS, figures

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet compute a cell."""


class FeedbackAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Lists rows that users wrote, and exports them as CSV."""

    columns: tuple[str, ...]
    change_list_template = "admin/feedback/change_list.html"
    date_hierarchy = "day"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return ``False``: users write the rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return ``False``."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Return the URLs of the admin with that of the export."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export.csv", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Return the list with the URL of the export."""
        url = f"admin:{self.opts.app_label}_{self.opts.model_name}_export"
        return super().changelist_view(request, {"export_url": url, **(extra_context or {})})

    def export(self, request: HttpRequest) -> HttpResponse:
        """Return all rows as CSV. Raises ``PermissionDenied`` without the permission to view them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.opts.model_name}s.csv"'
        writer = csv.writer(response)
        writer.writerow(self.columns)
        for row in self.model._default_manager.order_by("pk").values_list(*self.columns):
            writer.writerow([as_cell(value) for value in row])
        return response


@admin.register(Rating)
class RatingAdmin(FeedbackAdmin):
    """The ratings, with their average, trend and distribution."""

    columns = ("day", "score", "words")
    list_display = columns
    list_filter = ("score",)
    ordering = ("-pk",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Return the list with the figures."""
        context = {"figures": figures(), "objective": OBJECTIVE, "window_days": WINDOW_DAYS}
        return super().changelist_view(request, {**context, **(extra_context or {})})


@admin.register(ReadingReport)
class ReadingReportAdmin(FeedbackAdmin):
    """The texts that users reported; the operator's pronunciation dictionary can correct them."""

    columns = ("day", "text", "voice", "words")
    list_display = ("day", "__str__", "voice", "words")
    list_display_links = ("__str__",)
    search_fields = ("text", "words")
    ordering = ("-pk",)


def as_cell(value: object) -> str:
    """Return a value as text that no spreadsheet takes for a formula (CSV injection)."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
