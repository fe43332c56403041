"""The admin of presets: edit with a live preview, publish, sort, import and export.

All writes go through ``services``, which updates open tabs immediately. Users' own themes are private and not
registered here.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.web.admin_rows import LabelledRows
from themes import shipped_presets
from themes.admin.actions import PresetActions
from themes.admin.files import PresetFiles
from themes.admin.forms import COLOR_FIELD_PREFIX, PresetForm, field_values
from themes.admin.swatch import swatch
from themes.color.contrast import contrast_pairs, failing_pairs
from themes.formats import FORMATS, WRITABLE
from themes.models import Preset
from themes.store import services
from themes.tokens import BY_NAME, TEXT, TOKENS

_MAIN = ("name", "scheme", "order", "published", "default", "license", "source")
_GROUPS = tuple(dict.fromkeys(token.group for token in TOKENS))


@admin.register(Preset)
class PresetAdmin(LabelledRows, PresetActions, PresetFiles, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Edits the presets that all users can select. Shipped presets and defaults cannot be deleted."""

    form = PresetForm
    list_display = ("swatch", "name", "scheme", "order", "published", "default", "contrast", "origin", "license")
    list_display_links = ("swatch", "name")
    list_editable = ("order",)
    list_filter = ("scheme", "published", "default")
    list_per_page = 200
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("id", "name", "license", "source")
    actions = ("publish", "unpublish", "export", "reset", "delete_selected")

    @property
    def media(self) -> forms.Media:
        """Add the script and the stylesheet of the preview."""
        script = Script("admin/themes/preset.js", type="module")
        return super().media + forms.Media(css={"all": ("admin/themes/preset.css",)}, js=(script,))  # type: ignore[arg-type]  # the stubs know names only

    @admin.display(description="Colors")
    def swatch(self, preset: Preset) -> SafeString:
        """Return a swatch of the theme."""
        return swatch(preset.colors, str(preset))

    @admin.display(description="Contrast")
    def contrast(self, preset: Preset) -> SafeString:
        """Return the number of color pairs below WCAG AA, or that all pass."""
        count = len(failing_pairs(preset.colors, TEXT))
        if count:
            return format_html('<span class="theme-faint">{} pair{} with low contrast</span>', count, "s" * (count > 1))
        return format_html(
            '<span class="theme-reads">all {} pairs pass</span>', len(contrast_pairs(preset.colors, TEXT))
        )

    @admin.display(description="Origin")
    def origin(self, preset: Preset) -> str:
        """Return whether the preset is shipped, shipped and edited, or created by the operator."""
        if not preset.shipped_digest:
            return "created here"
        return "shipped, edited" if shipped_presets.is_edited(preset) else "shipped"

    def get_fieldsets(self, request: HttpRequest, obj: Preset | None = None) -> Any:
        """Return all fieldsets; to staff with the view permission only, the read-only summary."""
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("swatch", "id", *_MAIN, "contrast", "origin")})]
        facts = ("id", *_MAIN, "origin") if obj else ("name", "scheme", "id", *_MAIN[2:])
        groups = [
            (
                group,
                {
                    "classes": ["theme-group"],
                    "fields": [f"{COLOR_FIELD_PREFIX}{token.name}" for token in _tokens_of(group)],
                },
            )
            for group in _GROUPS
        ]
        return [
            (None, {"fields": facts}),
            ("File", {"classes": ["theme-file"], "fields": ("file",)}),
            ("Typography", {"classes": ["theme-group"], "fields": ("font", "size", "line_height")}),
            *groups,
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Preset | None = None) -> tuple[str, ...]:
        """Make the id read-only after creation, because users' preferences refer to it."""
        return ("id", "origin") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Preset | None = None) -> Any:
        """Derive the id of a new preset from its name and scheme."""
        return {} if obj else {"id": ("name", "scheme")}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return a copy of the preset in ``?copy=``, or else the colors of the dark default."""
        copied = Preset.objects.filter(pk=request.GET.get("copy", "")).first()
        if copied is not None:
            facts = {name: getattr(copied, name) for name in ("scheme", "license", "source", "order")}
            return {"name": f"{copied.name} copy", **facts, **field_values(copied.colors, copied.typography)}
        start = Preset.objects.filter(scheme="dark", default=True).first() or Preset.objects.first()
        theme = start or shipped_presets.shipped()[0].theme
        typography = theme.typography if isinstance(theme, Preset) else theme.typography.to_dict()
        return {"scheme": theme.scheme, **field_values(theme.colors, typography)}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Preset | None = None,
    ) -> HttpResponse:
        """Add the contrast report, and the message about fields that were filled in."""
        form: PresetForm = context["adminform"].form
        if form.notice:
            self.message_user(request, form.notice)
        if add or self.has_change_permission(request, obj):
            context["theme_pairs"] = [
                {"pair": pair, "token": BY_NAME[pair.token], "ground": BY_NAME[pair.ground]}
                for pair in contrast_pairs(form.colors(), TEXT)
            ]
            context["theme_formats"] = [FORMATS[name] for name in WRITABLE]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Preset | None = None) -> bool:
        """Deny deletion of shipped presets, which seeding would create again, and of defaults."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or self.deletable(obj))

    def save_model(self, request: HttpRequest, obj: Preset, form: object, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save through ``services``, which updates the open tabs."""
        services.save_preset(obj)

    def delete_model(self, request: HttpRequest, obj: Preset) -> None:
        """Delete through ``services``; tabs that used the preset show the default of its scheme."""
        services.delete_preset(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Preset]) -> None:
        """Delete the presets one by one through ``services``."""
        for preset in queryset:
            services.delete_preset(preset)


def _tokens_of(group: str) -> list[Any]:
    return [token for token in TOKENS if token.group == group]
