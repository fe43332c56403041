"""Voices in the admin: names, licences, what is enabled, and which speaks by default."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from synthesis.models import Voice


class VoiceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Lets a voice be made the default while another still is: saving takes it from that one."""

    def clean(self) -> dict[str, Any] | None:
        """Say what the database would refuse."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("default") and not cleaned.get("enabled"):
            self.add_error("enabled", "The default voice must be enabled.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # The constraint of one default is left to save_model, which makes room for it.
        return super()._get_validation_exclusions() | {"default"}  # type: ignore[misc, no-any-return]  # not in the stubs


@admin.register(Voice)
class VoiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Voices come and go with ``manage.py voice``; here they are named, enabled and chosen."""

    form = VoiceForm
    list_display = ("id", "name", "language", "sample_rate", "licence", "enabled", "default")
    list_filter = ("enabled", "language")
    search_fields = ("id", "name")
    fields = ("id", "name", "language", "speakers", "sample_rate", "licence", "source", "enabled", "default", "created")
    readonly_fields = ("id", "language", "speakers", "sample_rate", "created")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Files are needed: ``manage.py voice add``."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Voice | None = None) -> bool:
        """Its files would stay: ``manage.py voice remove``."""
        return False

    def save_model(self, request: HttpRequest, obj: Voice, form: object, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Making a voice the default takes it from the one that was."""
        with transaction.atomic():
            if obj.default:
                Voice.objects.exclude(pk=obj.pk).filter(default=True).update(default=False)
            obj.save()
