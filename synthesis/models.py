"""Database models of the voice catalog and the limits; voice files are in ``DATA_DIR/voices/<id>/``."""

from typing import Any

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from core.limits import registry
from core.limits.registry import Limit
from synthesis.limits.policy import API_ACCESS, DEFAULT_POLICY, PUNCTUATION, LimitPolicy

EDITABLE_LIMITS = (
    "requests_per_minute",
    "characters_per_minute",
    "max_text_length",
    "allowed_symbols",
    "max_queue_length",
    "max_concurrent_utterances",
    "max_connections",
    "max_cached_segments",
    "memory_mb",
    "timeout_s",
    "api_access",
)
"""Fields of ``LimitPolicy`` that can be edited in the admin."""
VOICE_ID = r"^[a-z0-9][a-z0-9_-]{0,62}$"


class Voice(models.Model):
    """One installed voice of the catalog."""

    id = models.CharField(
        max_length=63,
        primary_key=True,
        validators=[RegexValidator(VOICE_ID)],
        help_text="Identifier for API requests and commands: lower-case letters, digits, - and _.",
    )
    name = models.CharField(max_length=100, help_text="Display name in the voice menu.")
    language = models.CharField(max_length=20, help_text="BCP 47 tag, such as en-US.")
    speakers = models.JSONField(
        default=list,
        blank=True,
        help_text="Speaker names in the order of their numbers; empty for a single-speaker voice.",
    )
    sample_rate = models.PositiveIntegerField(help_text="In Hz.")
    license = models.CharField(max_length=200, blank=True, help_text="SPDX license identifier or license text.")
    source = models.CharField(max_length=500, blank=True, help_text="Origin of the voice, such as a URL or a package.")
    enabled = models.BooleanField(default=True, help_text="Only enabled voices can be selected.")
    default = models.BooleanField(
        default=False, help_text="Used when a request names no voice. Only one voice can be the default."
    )
    language_default = models.BooleanField(
        "default of its language",
        default=False,
        help_text="Used when a request names a language, such as de or es-MX, in place of a voice. "
        "Only one voice of a language can be its default.",
    )
    times_real_time = models.FloatField(
        null=True,
        blank=True,
        editable=False,
        help_text="Seconds of audio synthesized per second on this machine, as last measured.",
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Enforce at most one default voice, and one of each language, with database constraints."""

        ordering = ["-default", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["default"],
                condition=models.Q(default=True),
                name="one_default_voice",
                violation_error_message="Another voice is already the default.",
            ),
            models.CheckConstraint(
                condition=models.Q(default=False) | models.Q(enabled=True),
                name="default_voice_is_enabled",
                violation_error_message="The default voice must be enabled.",
            ),
            models.UniqueConstraint(
                fields=["language"],
                condition=models.Q(language_default=True),
                name="one_default_voice_per_language",
                violation_error_message="Another voice is already the default of this language.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class VoiceInstallation(models.Model):
    """A voice that an administrator chose from the public catalogs: queued, being installed, or finished."""

    class State(models.TextChoices):
        """The states; the first two are active."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    ACTIVE = (State.QUEUED, State.RUNNING)

    name = models.CharField(max_length=200, help_text="Name in the catalog.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    step = models.CharField(max_length=200, blank=True, help_text="What is being done.")
    done_bytes = models.PositiveBigIntegerField(default=0)
    total_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True, help_text="Warnings, or why it failed.")
    cancel_requested = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Show the newest first; allow one active installation of a voice."""

        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(state__in=("queued", "running")),
                name="one_active_installation_per_voice",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def is_active(self) -> bool:
        """Return whether the installation waits or runs."""
        return self.state in self.ACTIVE

    @property
    def percent(self) -> int | None:
        """Return the downloaded part, or ``None`` if the size is unknown."""
        return min(100, self.done_bytes * 100 // self.total_bytes) if self.total_bytes else None


class VoiceAlias(models.Model):
    """Another name of a voice in the HTTP API, such as OpenAI's ``alloy``, which some programs always send."""

    name = models.CharField(
        max_length=63,
        primary_key=True,
        validators=[RegexValidator(VOICE_ID)],
        help_text="Lower-case letters, digits, - and _. Requests may write it in upper case. The id of an installed "
        "voice takes precedence.",
    )
    voice = models.ForeignKey(
        Voice, null=True, blank=True, on_delete=models.SET_NULL, help_text="Empty selects the default voice."
    )

    class Meta:
        """Sort by name."""

        ordering = ["name"]
        verbose_name_plural = "voice aliases"

    def __str__(self) -> str:
        return self.name


def _limit(limit: Limit[int]) -> Any:
    return models.PositiveIntegerField(
        default=limit.default,
        validators=[MinValueValidator(limit.least), MaxValueValidator(limit.most)],
        help_text=f"{limit.meaning} Range: {limit.least} to {limit.most:,}. Default: {limit.default:,}.",
    )


class LimitPolicyRow(models.Model):
    """The limits of one scope: visitors, all users with an account, or the members of a group."""

    VISITORS, MEMBERS, GROUP = "visitors", "members", "group"

    scope = models.CharField(
        max_length=8, choices=[(VISITORS, "visitors"), (MEMBERS, "users with an account"), (GROUP, "a group")]
    )
    group = models.OneToOneField(
        Group,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        help_text="The limits apply to this group's members. "
        "For a member of several groups, the largest value of each limit applies.",
    )
    requests_per_minute = _limit(registry.REQUESTS_PER_MINUTE)
    characters_per_minute = _limit(registry.CHARACTERS_PER_MINUTE)
    max_text_length = _limit(registry.MAX_TEXT_LENGTH)
    max_queue_length = _limit(registry.MAX_QUEUE_LENGTH)
    max_concurrent_utterances = _limit(registry.MAX_CONCURRENT_UTTERANCES)
    max_connections = _limit(registry.MAX_CONNECTIONS)
    allowed_symbols = models.CharField(
        max_length=100,
        blank=True,
        validators=[
            RegexValidator(
                r"[\w\s]", "Letters, digits and white space are always allowed; do not list them.", inverse_match=True
            )
        ],
        help_text="Symbols allowed in a text besides letters, digits and white space; typographic variants count "
        f"as the ASCII symbol. Empty allows every symbol that has a spoken form. Useful minimum: {PUNCTUATION}",
    )
    max_cached_segments = _limit(registry.MAX_CACHED_SEGMENTS)
    memory_mb = _limit(registry.MEMORY_MB)
    timeout_s = _limit(registry.TIMEOUT_S)
    api_access = models.CharField(
        "API without a token",
        max_length=8,
        default=DEFAULT_POLICY.api_access,
        choices=list(zip(API_ACCESS, ("no visitors", "programs on this machine", "all visitors"), strict=True)),
        help_text="Visitors that may use the HTTP API. Accounts use it with a token. Behind a proxy, visitors are "
        "never programs on this machine.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Allow one row per scope, and one per group."""

        verbose_name = "limits"
        verbose_name_plural = "limits"
        ordering = ["-scope", "group__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope"], condition=~models.Q(scope="group"), name="one_limit_policy_row_per_scope"
            ),
            models.CheckConstraint(
                condition=models.Q(scope="group", group__isnull=False)
                | (~models.Q(scope="group") & models.Q(group__isnull=True)),
                name="limits_of_a_group_name_it",
                violation_error_message="Choose a group if and only if the scope is a group.",
            ),
        ]

    def __str__(self) -> str:
        return f"limits of {self.group.name}" if self.group else f"limits of {self.get_scope_display()}"

    @property
    def key(self) -> str | int:
        """Return the scope, or the primary key of the group."""
        return self.scope if self.group_id is None else self.group_id

    @property
    def policy(self) -> LimitPolicy:
        """Return the limits as a ``LimitPolicy``."""
        return LimitPolicy(**{name: getattr(self, name) for name in EDITABLE_LIMITS})
