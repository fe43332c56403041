"""Admin pages for voices and limits."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from core.web.admin_rows import LabelledRows
from synthesis.limits.policy import CHARACTERS_PER_SECOND
from synthesis.models import LimitPolicyRow, Voice, VoiceAlias


class VoiceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Allow setting a new default voice; ``VoiceAdmin.save_model`` clears the previous default."""

    def clean(self) -> dict[str, Any] | None:
        """Report a violated database constraint as a form error."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("default") and not cleaned.get("enabled"):
            self.add_error("enabled", "The default voice must be enabled.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # Skip the unique-default constraint: save_model clears the previous default before saving.
        return super()._get_validation_exclusions() | {"default"}  # type: ignore[misc, no-any-return]  # not in the stubs


@admin.register(Voice)
class VoiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Edit, enable and select voices. Installation and removal need ``manage.py voice``."""

    form = VoiceForm
    list_display = ("id", "name", "language", "sample_rate", "license", "enabled", "default")
    list_filter = ("enabled", "language")
    search_fields = ("id", "name")
    fields = ("id", "name", "language", "speakers", "sample_rate", "license", "source", "enabled", "default", "created")
    readonly_fields = ("id", "language", "speakers", "sample_rate", "created")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return ``False``: voices are installed with ``manage.py voice add``, which also writes their files."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Voice | None = None) -> bool:
        """Return ``False``: voices are removed with ``manage.py voice remove``, which also deletes their files."""
        return False

    def save_model(self, request: HttpRequest, obj: Voice, form: object, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save the voice; a new default voice replaces the previous one in the same transaction."""
        with transaction.atomic():
            if obj.default:
                Voice.objects.exclude(pk=obj.pk).filter(default=True).update(default=False)
            obj.save()


@admin.register(VoiceAlias)
class VoiceAliasAdmin(LabelledRows, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Edit the further names of voices in the HTTP API; changes apply within a second."""

    list_display = ("name", "voice")
    list_editable = ("voice",)
    list_select_related = ("voice",)

    def get_readonly_fields(self, request: HttpRequest, obj: VoiceAlias | None = None) -> tuple[str, ...]:
        """Make the name read-only after creation: it is the primary key, so a changed one would be another alias."""
        return ("name",) if obj else ()


class LimitsForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Label fields with their units."""

    class Meta:
        """Labels for fields whose names are not readable."""

        labels = {"memory_mb": "Memory (MB)", "timeout_s": "Timeout (s)"}


@admin.register(LimitPolicyRow)
class LimitsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Edit the limits of visitors, users with an account, and groups; changes apply within a second."""

    form = LimitsForm
    list_display = (
        "__str__",
        "requests_per_minute",
        "characters_per_minute",
        "max_text_length",
        "max_concurrent_utterances",
        "max_connections",
        "summary",
    )
    list_select_related = ("group",)
    readonly_fields = ("summary", "updated_at")
    fieldsets = (
        (None, {"fields": ("scope", "group")}),
        ("Rate limits (per minute)", {"fields": ("requests_per_minute", "characters_per_minute", "summary")}),
        ("Per text", {"fields": ("max_text_length", "allowed_symbols", "timeout_s")}),
        (
            "Concurrency and memory",
            {"fields": ("max_queue_length", "max_concurrent_utterances", "max_connections", "memory_mb")},
        ),
        ("Cache", {"fields": ("max_cached_segments",)}),
        ("HTTP API", {"fields": ("api_access",)}),
        (None, {"fields": ("updated_at",)}),
    )

    @admin.display(description="summary")
    def summary(self, limits: LimitPolicyRow) -> str:
        """Return a summary of the limits in durations of speech."""
        policy = limits.policy
        heard_s = policy.characters_per_minute / CHARACTERS_PER_SECOND
        longest_s = policy.max_text_length / CHARACTERS_PER_SECOND
        return (
            f"about {_duration(heard_s)} of speech per minute, in texts of up to {_duration(longest_s)}; "
            f"{policy.max_concurrent_utterances} concurrent utterances, {policy.max_connections} tabs"
            + (f"; allowed symbols: {policy.allowed_symbols}" if policy.allowed_symbols else "")
        )

    def has_delete_permission(self, request: HttpRequest, obj: LimitPolicyRow | None = None) -> bool:
        """Allow deletion of group limits only: visitors and users with an account always need limits."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.group_id is not None)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Remove bulk deletion, which would not call ``has_delete_permission`` for each row."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_readonly_fields(self, request: HttpRequest, obj: LimitPolicyRow | None = None) -> tuple[str, ...]:
        """Make the scope and the group read-only after creation."""
        return (*self.readonly_fields, *(("scope", "group") if obj else ()))

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Return a history entry with the old and the new value of each changed limit."""
        if add:
            return super().construct_change_message(request, form, formsets, add)
        changes = [f"{name} from {form.initial.get(name)} to {form.cleaned_data[name]}" for name in form.changed_data]
        return f"Changed {', '.join(changes)}." if changes else "Changed nothing."


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
