"""Voices and limits in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from synthesis.limits.policy import CHARACTERS_PER_SECOND
from synthesis.models import LimitPolicyRow, Voice


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
    list_display = ("id", "name", "language", "sample_rate", "license", "enabled", "default")
    list_filter = ("enabled", "language")
    search_fields = ("id", "name")
    fields = ("id", "name", "language", "speakers", "sample_rate", "license", "source", "enabled", "default", "created")
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


class LimitsForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Names what is counted in."""

    class Meta:
        """Of the fields whose names alone do not read well."""

        labels = {"memory_mb": "Memory (MB)", "timeout_s": "Timeout (s)"}


@admin.register(LimitPolicyRow)
class LimitsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """How much visitors, people with an account, and groups may ask for; in force within a second."""

    form = LimitsForm
    list_display = (
        "__str__",
        "requests_per_minute",
        "characters_per_minute",
        "max_text_length",
        "max_concurrent_utterances",
        "max_connections",
        "in_words",
    )
    list_select_related = ("group",)
    readonly_fields = ("in_words", "updated_at")
    fieldsets = (
        (None, {"fields": ("scope", "group")}),
        ("In a minute", {"fields": ("requests_per_minute", "characters_per_minute", "in_words")}),
        ("One text", {"fields": ("max_text_length", "allowed_symbols", "timeout_s")}),
        ("At once", {"fields": ("max_queue_length", "max_concurrent_utterances", "max_connections", "memory_mb")}),
        ("Kept", {"fields": ("max_cached_segments",)}),
        (None, {"fields": ("updated_at",)}),
    )

    @admin.display(description="what it means")
    def in_words(self, limits: LimitPolicyRow) -> str:
        """The limits as what a person hears of them."""
        policy = limits.policy
        heard_s = policy.characters_per_minute / CHARACTERS_PER_SECOND
        longest_s = policy.max_text_length / CHARACTERS_PER_SECOND
        return (
            f"about {_duration(heard_s)} of speech in each minute, in texts of up to {_duration(longest_s)}; "
            f"{policy.max_concurrent_utterances} of them made side by side, {policy.max_connections} tabs"
            + (f"; of symbols only {policy.allowed_symbols}" if policy.allowed_symbols else "")
        )

    def has_delete_permission(self, request: HttpRequest, obj: LimitPolicyRow | None = None) -> bool:
        """Visitors and members always have limits; those of a group may go."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.group_id is not None)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Not several at once, which would not look at whose they are."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_readonly_fields(self, request: HttpRequest, obj: LimitPolicyRow | None = None) -> tuple[str, ...]:
        """Whose limits they are is settled when they are made."""
        return (*self.readonly_fields, *(("scope", "group") if obj else ()))

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """For the history: not only which limits were changed, but from what to what."""
        if add:
            return super().construct_change_message(request, form, formsets, add)
        changes = [f"{name} from {form.initial.get(name)} to {form.cleaned_data[name]}" for name in form.changed_data]
        return f"Changed {', '.join(changes)}." if changes else "Changed nothing."


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
