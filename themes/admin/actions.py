"""What can be done to several presets at once."""

from collections.abc import Iterable

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as ask_and_delete
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from themes import services, shipped_presets
from themes.models import Preset


class PresetActions(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Each says what it did, and what it left and why."""

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Preset]) -> None:
        """Let them be chosen."""
        hidden = list(queryset.filter(published=False))
        for preset in hidden:
            preset.published = True
            services.save_preset(preset)
            self.log_change(request, preset, "Published.")
        self._tell(request, "Published", hidden, messages.SUCCESS)

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Preset]) -> None:
        """Let them be chosen no more; who has one is shown the default."""
        shown = list(queryset.filter(published=True, default=False))
        for preset in shown:
            preset.published = False
            services.save_preset(preset)
            self.log_change(request, preset, "Unpublished.")
        self._tell(request, "Unpublished", shown, messages.SUCCESS)
        self._tell(request, "The default stays published", queryset.filter(default=True), messages.WARNING)

    @admin.action(description="Go back to what is shipped", permissions=["change"])
    def reset(self, request: HttpRequest, queryset: QuerySet[Preset]) -> None:
        """Undo what was edited here."""
        presets = {preset: shipped_presets.shipped_version_of(preset) for preset in queryset}
        for preset, shipped in presets.items():
            if shipped is not None:
                shipped_presets.reset(preset, shipped)
                self.log_change(request, preset, "As shipped again.")
        back = [preset for preset, shipped in presets.items() if shipped]
        others = [preset for preset, shipped in presets.items() if not shipped]
        self._tell(request, "As shipped again", back, messages.SUCCESS)
        self._tell(request, "Made here, so there is nothing to go back to", others, messages.WARNING)

    @admin.action(description="Delete", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Preset]) -> HttpResponseBase | None:
        """Ask first, and only for those that may go.

        Named as Django's own, which it takes the place of: the page that asks leads back to that name.
        """
        staying = [preset for preset in queryset if not self.deletable(preset)]
        self._tell(request, "Shipped presets and defaults can be unpublished, not deleted", staying, messages.WARNING)
        going = queryset.exclude(pk__in=[preset.pk for preset in staying])
        if not going:
            return None
        answer: HttpResponseBase | None = ask_and_delete(self, request, going)
        return answer

    def deletable(self, preset: Preset) -> bool:
        """Whether it would stay away, and be missed by no scheme."""
        return not preset.default and shipped_presets.shipped_version_of(preset) is None

    def _tell(self, request: HttpRequest, what: str, presets: Iterable[Preset], level: int) -> None:
        names = ", ".join(map(str, presets))
        if names:
            self.message_user(request, f"{what}: {names}.", level)
