"""The status page, as the list of the rollups in the admin."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.process.memory_guard import MIB
from feedback.store import OBJECTIVE as SATISFACTION
from feedback.store import WINDOW_DAYS, Figures, figures
from monitoring.models import Rollup
from monitoring.status import Figure, gauges, windows
from synthesis import runtime


@admin.register(Rollup)
class StatusAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Show the figures; nothing can be changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return ``False``: the server writes the rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Rollup | None = None) -> bool:
        """Return ``False``."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Rollup | None = None) -> bool:
        """Return ``False``: the server deletes old rows."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Return the status page. Raises ``PermissionDenied`` without the permission to view rollups."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        current = runtime.get_runtime()
        table = current.processes
        context = {
            **self.admin_site.each_context(request),
            "title": "Status",
            "opts": self.model._meta,
            "windows": windows(datetime.now(UTC)),
            "satisfaction": satisfaction(figures()),
            "now": _live(gauges(table)),
            "processes": [] if table is None else [row.to_dict() for row in table.rows()],
        }
        return TemplateResponse(request, "admin/monitoring/status.html", context)


def satisfaction(ratings: Figures) -> Figure:
    """Return the average rating, and whether it meets the objective."""
    if ratings.average is None:
        return Figure("no data")
    noun = "rating" if ratings.number == 1 else "ratings"
    text = f"{ratings.average:.2f} of 5 ({ratings.number:,} {noun} in {WINDOW_DAYS} days)"
    return Figure(text, ratings.average >= SATISFACTION)


def _live(now: dict[str, float]) -> list[tuple[str, str]]:
    """Return what the last second's gauges say."""
    return [
        ("Load", f"{now['load_ratio']:.0%} of {now['target_load_ratio']:.0%}"),
        ("Running utterances", f"{now['utterances_running']:.0f}"),
        ("Waiting utterances", f"{now['utterances_waiting']:.0f}"),
        ("Longest expected wait", f"{now['longest_wait_seconds']:.0f} s"),
        ("Open tabs", f"{now['sockets']:.0f}"),
        ("Voices in memory", f"{now['voices_loaded']:.0f}"),
        ("Processes that can speak", f"{now['ready_processes']:.0f}"),
        ("Memory", f"{now['resident_bytes'] / MIB:,.0f} of {now['memory_limit_bytes'] / MIB:,.0f} MB"),
        ("Segment cache", f"{now['segment_cache_bytes'] / MIB:,.1f} MB"),
        ("Free disk space", f"{now['disk_free_bytes'] / MIB:,.0f} MB"),
        ("Redis", "reachable or not used" if now["redis_up"] else "not reachable"),
    ]
