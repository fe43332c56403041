"""Presets, which the operator keeps; owners with what they prefer; and their own themes."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Scheme(models.TextChoices):
    """Which of a system's two looks a theme is made for."""

    DARK = "dark"
    LIGHT = "light"


class Mode(models.TextChoices):
    """Which of a person's two themes is shown."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class BaseTheme(models.Model):
    """What presets and own themes share: the canonical theme (``themes.schema`` says what it holds)."""

    name = models.CharField(max_length=60)
    scheme = models.CharField(max_length=5, choices=Scheme)
    colors = models.JSONField(help_text="A color in #rrggbb for every token of themes/tokens.py.")
    typography = models.JSONField(help_text="Font, size and line height.")
    revision = models.PositiveBigIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} ({self.scheme})"


class Preset(BaseTheme):
    """A theme that everybody may choose."""

    id = models.SlugField(primary_key=True, max_length=60, help_text="Its name in commands: /theme set ocean-dark.")
    order = models.PositiveIntegerField(default=1000, help_text="Smaller numbers come first.")
    published = models.BooleanField(default=False, help_text="Only published presets can be chosen.")
    default = models.BooleanField(
        default=False, help_text="Shown to those who have chosen nothing, one dark and one light."
    )
    license = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=300, blank=True, help_text="Where its colors come from.")
    shipped_digest = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Digest of the shipped preset it holds."
    )

    class Meta:
        ordering = ("order", "id")
        constraints = [
            models.UniqueConstraint(fields=("scheme",), condition=Q(default=True), name="one_default_preset_a_scheme"),
            models.CheckConstraint(
                condition=Q(default=False) | Q(published=True), name="default_presets_are_published"
            ),
        ]


class PresetRevision(models.Model):
    """One row, counted up whenever any preset changes: the part of every revision that presets have in it."""

    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.value)


class ThemePreference(models.Model):
    """Which themes to show. A theme is named by a preset's id or an own theme's; empty is the default."""

    mode = models.CharField(max_length=6, choices=Mode, default=Mode.SYSTEM)
    dark = models.CharField(max_length=60, blank=True)
    light = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True


class ThemeOwner(ThemePreference):
    """A visitor, whose id is the one in the browser's cookie, or an account. Rows are made by the first change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="theme_owner"
    )
    minimum_contrast = models.FloatField(default=4.5)
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    ephemeral = models.BooleanField(default=False, help_text="Belongs to a tab that keeps no cookie.")
    last_seen = models.DateField(auto_now=True)

    def __str__(self) -> str:
        return f"account {self.user_id}" if self.user_id else f"visitor {self.id}"


class DevicePreference(ThemePreference):
    """A browser in which other themes are shown than the owner prefers elsewhere."""

    owner = models.ForeignKey(ThemeOwner, on_delete=models.CASCADE, related_name="devices")
    key = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("owner", "key"), name="a_device_once_an_owner")]

    def __str__(self) -> str:
        return f"device {self.key}"


class Theme(BaseTheme):
    """A theme of a person's own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.ForeignKey(ThemeOwner, on_delete=models.CASCADE, related_name="themes")
    origin_preset = models.CharField(
        max_length=60, blank=True, help_text="The preset it began as, to which it can be reset."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at", "id")
