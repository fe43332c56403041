"""Voices as the database knows them; their files are in ``DATA_DIR/voices/<id>/``."""

from typing import Any

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from synthesis.limits.policy import DEFAULT_POLICY, PUNCTUATION, LimitPolicy

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
)
"""What the admin sets of a policy."""
VOICE_ID = r"^[a-z0-9][a-z0-9_-]{0,62}$"


class Voice(models.Model):
    """One installed voice of the catalog."""

    id = models.CharField(
        max_length=63,
        primary_key=True,
        validators=[RegexValidator(VOICE_ID)],
        help_text="What people and programs call it: lower-case letters, digits, - and _.",
    )
    name = models.CharField(max_length=100, help_text="What the page shows.")
    language = models.CharField(max_length=20, help_text="BCP 47 tag, such as en-US.")
    speakers = models.JSONField(default=list, blank=True, help_text="Names by number; empty for a voice with one.")
    sample_rate = models.PositiveIntegerField(help_text="In Hz.")
    license = models.CharField(max_length=200, blank=True, help_text="SPDX identifier or a sentence.")
    source = models.CharField(max_length=500, blank=True, help_text="Where the voice came from.")
    enabled = models.BooleanField(default=True, help_text="Only enabled voices can be chosen.")
    default = models.BooleanField(default=False, help_text="Speaks where no voice was asked for. One voice has this.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One default at most, held by the database."""

        ordering = ["-default", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["default"],
                condition=models.Q(default=True),
                name="one_default_voice",
                violation_error_message="Another voice is the default.",
            ),
            models.CheckConstraint(
                condition=models.Q(default=False) | models.Q(enabled=True),
                name="default_voice_is_enabled",
                violation_error_message="The default voice must be enabled.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


def _limit(name: str, most: int, help_text: str, *, least: int = 1) -> Any:
    return models.PositiveIntegerField(
        default=getattr(DEFAULT_POLICY, name),
        validators=[MinValueValidator(least), MaxValueValidator(most)],
        help_text=f"{help_text} {least} to {most:,}; usually {getattr(DEFAULT_POLICY, name):,}.",
    )


class LimitPolicyRow(models.Model):
    """What people of one kind may ask for: visitors, everybody with an account, or the members of a group."""

    VISITORS, MEMBERS, GROUP = "visitors", "members", "group"

    scope = models.CharField(
        max_length=8, choices=[(VISITORS, "visitors"), (MEMBERS, "everybody with an account"), (GROUP, "a group")]
    )
    group = models.OneToOneField(
        Group,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        help_text="Whose members; who belongs to several groups has the largest of each limit.",
    )
    requests_per_minute = _limit("requests_per_minute", 100_000, "Texts to speak in a minute.")
    characters_per_minute = _limit(
        "characters_per_minute", 100_000_000, "Characters to speak in a minute, over all texts."
    )
    max_text_length = _limit("max_text_length", 4000, "Characters of one text.")
    max_queue_length = _limit("max_queue_length", 1000, "Utterances of one tab that wait or speak.")
    max_concurrent_utterances = _limit(
        "max_concurrent_utterances", 10_000, "Utterances in the making at once, over all tabs."
    )
    max_connections = _limit("max_connections", 100_000, "Tabs open at once.")
    allowed_symbols = models.CharField(
        max_length=100,
        blank=True,
        validators=[
            RegexValidator(r"[\w\s]", "Letters, digits and white space are allowed in any case.", inverse_match=True)
        ],
        help_text="Characters that a text may have besides letters, digits and white space; typographic variants "
        f"count as what they stand for. Empty: all that can be read aloud. The strictest that is useful: {PUNCTUATION}",
    )
    max_cached_segments = _limit(
        "max_cached_segments", 100_000, "Phrases of theirs that are kept made, for repeats; 0: none.", least=0
    )
    memory_mb = _limit(
        "memory_mb",
        1_000_000,
        "Megabytes that the server may take before it refuses them new work; 0: as many as it may take at all "
        "(MEMORY_LIMIT_MB).",
        least=0,
    )
    timeout_s = _limit("timeout_s", 600, "Seconds that any one step of making an utterance may take.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One row for each kind of people."""

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
                violation_error_message="Choose a group if, and only if, the limits are those of a group.",
            ),
        ]

    def __str__(self) -> str:
        return f"limits of {self.group.name}" if self.group else f"limits of {self.get_scope_display()}"

    @property
    def key(self) -> str | int:
        """Whose limits these are: the scope, or the group's number."""
        return self.scope if self.group_id is None else self.group_id

    @property
    def policy(self) -> LimitPolicy:
        """The limits."""
        return LimitPolicy(**{name: getattr(self, name) for name in EDITABLE_LIMITS})
