"""Presets in the admin: edited with a live preview, published, put in order, brought in and given out as files.

Whatever is written goes through ``services``, so that open tabs change at once. What people own is theirs alone, and
is not to be seen here.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from themes import services, shipped_presets
from themes.admin.actions import PresetActions
from themes.admin.files import PresetFiles
from themes.admin.forms import COLOR_FIELD_PREFIX, PresetForm, field_values
from themes.admin.swatch import swatch
from themes.color.contrast import contrast_pairs, failing_pairs
from themes.formats import FORMATS, WRITABLE
from themes.models import Preset
from themes.tokens import BY_NAME, TEXT, TOKENS

_MAIN = ("name", "scheme", "order", "published", "default", "license", "source")
_GROUPS = tuple(dict.fromkeys(token.group for token in TOKENS))


@admin.register(Preset)
class PresetAdmin(PresetActions, PresetFiles, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """What everybody may choose. A preset that is shipped, or that is a default, can be unpublished, not deleted."""

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
        """What draws the preview, and what all of it looks like."""
        script = Script("admin/themes/preset.js", type="module")
        return super().media + forms.Media(css={"all": ("admin/themes/preset.css",)}, js=(script,))  # type: ignore[arg-type]  # the stubs know names only

    @admin.display(description="Colors")
    def swatch(self, preset: Preset) -> SafeString:
        """The theme in small."""
        return swatch(preset.colors, str(preset))

    @admin.display(description="Contrast")
    def contrast(self, preset: Preset) -> SafeString:
        """Whether everything can be read."""
        count = len(failing_pairs(preset.colors, TEXT))
        if count:
            return format_html('<span class="theme-faint">{} pair{} too faint</span>', count, "s" * (count > 1))
        return format_html(
            '<span class="theme-reads">all {} pairs read</span>', len(contrast_pairs(preset.colors, TEXT))
        )

    @admin.display(description="Origin")
    def origin(self, preset: Preset) -> str:
        """Who made the colors."""
        if not preset.shipped_digest:
            return "made here"
        return "shipped, edited here" if shipped_presets.is_edited(preset) else "shipped"

    def get_fieldsets(self, request: HttpRequest, obj: Preset | None = None) -> Any:
        """Facts, typography, a file, and every group of colors; to those who may only look, the facts."""
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
        """The id is what people's preferences name it by: it stays."""
        return ("id", "origin") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Preset | None = None) -> Any:
        """A new preset is named after what it is called."""
        return {} if obj else {"id": ("name", "scheme")}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A copy of the preset named in ``?copy=``, or else the colors of the dark default."""
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
        """With the report on contrast; and, if fields were filled instead of saved, with word of that."""
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
        """Not what is shipped, which would come back, nor a default, which something must be."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or self.deletable(obj))

    def save_model(self, request: HttpRequest, obj: Preset, form: object, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Tabs that use the preset change at once."""
        services.save_preset(obj)

    def delete_model(self, request: HttpRequest, obj: Preset) -> None:
        """Tabs that used it show what it stands back for."""
        services.delete_preset(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Preset]) -> None:
        """One by one, for the same reason."""
        for preset in queryset:
            services.delete_preset(preset)


def _tokens_of(group: str) -> list[Any]:
    return [token for token in TOKENS if token.group == group]
