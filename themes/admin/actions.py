"""Admin actions on several presets."""

from collections.abc import Iterable

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as ask_and_delete
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from themes import shipped_presets
from themes.models import Preset
from themes.store import services


class PresetActions(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Defines the actions. Each shows a message with the presets it changed, and those it skipped and why."""

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Preset]) -> None:
        """Publish the presets, so that users can select them."""
        hidden = list(queryset.filter(published=False))
        for preset in hidden:
            preset.published = True
            services.save_preset(preset)
            self.log_change(request, preset, "Published.")
        self._tell(request, "Published", hidden, messages.SUCCESS)

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Preset]) -> None:
        """Unpublish the presets except defaults; users who selected one get the default of its scheme."""
        shown = list(queryset.filter(published=True, default=False))
        for preset in shown:
            preset.published = False
            services.save_preset(preset)
            self.log_change(request, preset, "Unpublished.")
        self._tell(request, "Unpublished", shown, messages.SUCCESS)
        self._tell(request, "The default stays published", queryset.filter(default=True), messages.WARNING)

    @admin.action(description="Reset to the shipped version", permissions=["change"])
    def reset(self, request: HttpRequest, queryset: QuerySet[Preset]) -> None:
        """Undo the operator's edits of shipped presets."""
        presets = {preset: shipped_presets.shipped_version_of(preset) for preset in queryset}
        for preset, shipped in presets.items():
            if shipped is not None:
                shipped_presets.reset(preset, shipped)
                self.log_change(request, preset, "Reset to the shipped version.")
        back = [preset for preset, shipped in presets.items() if shipped]
        others = [preset for preset, shipped in presets.items() if not shipped]
        self._tell(request, "Reset to the shipped version", back, messages.SUCCESS)
        self._tell(request, "Not reset, because these presets have no shipped version", others, messages.WARNING)

    @admin.action(description="Delete", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Preset]) -> HttpResponseBase | None:
        """Delete the deletable presets, after a confirmation page.

        It replaces Django's action and keeps its name, to which the confirmation page posts.
        """
        staying = [preset for preset in queryset if not self.deletable(preset)]
        self._tell(request, "Shipped presets and defaults can be unpublished, not deleted", staying, messages.WARNING)
        going = queryset.exclude(pk__in=[preset.pk for preset in staying])
        if not going:
            return None
        answer: HttpResponseBase | None = ask_and_delete(self, request, going)
        return answer

    def deletable(self, preset: Preset) -> bool:
        """Return whether the preset is neither a default nor shipped (seeding would create a shipped one again)."""
        return not preset.default and shipped_presets.shipped_version_of(preset) is None

    def _tell(self, request: HttpRequest, what: str, presets: Iterable[Preset], level: int) -> None:
        names = ", ".join(map(str, presets))
        if names:
            self.message_user(request, f"{what}: {names}.", level)
