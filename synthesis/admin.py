"""Admin pages for voices and limits."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html

from core.web.admin_rows import LabelledRows
from synthesis.errors import SpeechError
from synthesis.limits.policy import CHARACTERS_PER_SECOND
from synthesis.models import LimitPolicyRow, Voice, VoiceAlias
from synthesis.voice_pages import VoicePages, may_install, measure_speed, size_on_disk
from synthesis.voices.installer import remove

MAX_MEASURED = 10
"""Voices that one request measures."""


class VoiceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Allow setting a new default voice; ``VoiceAdmin.save_model`` clears the previous default."""

    def clean(self) -> dict[str, Any] | None:
        """Report a violated database constraint as a form error."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("default") and not cleaned.get("enabled"):
            self.add_error("enabled", "The default voice must be enabled.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # Skip the unique constraints of defaults: save_model clears the previous default before saving.
        return super()._get_validation_exclusions() | {"default", "language_default"}  # type: ignore[misc, no-any-return]  # not in the stubs


@admin.register(Voice)
class VoiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Install, edit, enable, select, hear, measure and remove voices."""

    form = VoiceForm
    list_display = ("id", "name", "language", "license", "size", "speed", "enabled", "default", "language_default")
    list_filter = ("enabled", "language")
    search_fields = ("id", "name")
    fields = (
        *("id", "name", "language", "speakers", "sample_rate", "license", "source"),
        *("enabled", "default", "language_default", "sample", "size", "speed", "created"),
    )
    readonly_fields = ("id", "language", "speakers", "sample_rate", "sample", "size", "speed", "created")
    actions = ("measure",)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the catalog, the installations and the samples."""
        return [*VoicePages(self.admin_site).urls(), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the links to the catalog to those who may install."""
        return super().changelist_view(request, {**(extra_context or {}), "may_install": may_install(request)})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return ``False``: the catalog's pages and ``manage.py voice add`` install voices, whose files they write."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Remove bulk deletion, which would not delete the voices' files."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete the voice and its files; while a voice is being installed, say so."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except SpeechError as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponse(status=303, headers={"Location": reverse("admin:synthesis_voice_changelist")})

    def delete_model(self, request: HttpRequest, obj: Voice) -> None:
        """Delete the row and the files; another voice becomes the default."""
        remove(obj.id, wait=False)

    def save_model(self, request: HttpRequest, obj: Voice, form: object, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save the voice; a new default voice replaces the previous one in the same transaction."""
        with transaction.atomic():
            others = Voice.objects.exclude(pk=obj.pk)
            if obj.default:
                others.filter(default=True).update(default=False)
            if obj.language_default:
                others.filter(language=obj.language, language_default=True).update(language_default=False)
            obj.save()

    @admin.display(description="sample")
    def sample(self, voice: Voice) -> str:
        """Return a player for a sentence in the voice's language."""
        url = reverse("admin:voice_sample", args=[voice.id])
        return format_html('<audio controls preload="none" src="{}" aria-label="Sample of {}"></audio>', url, voice)

    @admin.display(description="size")
    def size(self, voice: Voice) -> str:
        """Return the size of the files."""
        return size_on_disk(voice)

    @admin.display(description="speed")
    def speed(self, voice: Voice) -> str:
        """Return the measured speed."""
        return f"{voice.times_real_time:.1f} × real time" if voice.times_real_time else "not measured"

    @admin.action(description="Measure the speed on this machine", permissions=["change"])
    def measure(self, request: HttpRequest, voices: QuerySet[Voice]) -> None:
        """Synthesize a sentence with each of at most ten voices."""
        for voice in voices[:MAX_MEASURED]:
            try:
                speed = measure_speed(voice)
            except (SpeechError, OSError) as error:
                self.message_user(request, f"{voice.id}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{voice.id}: {speed:.1f} × real time.")


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
