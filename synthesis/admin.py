"""Voices in the admin: names, licences, what is enabled, and which speaks by default."""

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from synthesis.models import Voice


@admin.register(Voice)
class VoiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Voices come and go with ``manage.py voice``; here they are named, enabled and chosen."""

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
