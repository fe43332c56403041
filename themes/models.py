"""Presets, which the operator maintains; theme owners with their preferences; and their own themes."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Scheme(models.TextChoices):
    """The color scheme that a theme is designed for (CSS ``prefers-color-scheme``)."""

    DARK = "dark"
    LIGHT = "light"


class Mode(models.TextChoices):
    """Which of the user's two themes is active."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class BaseTheme(models.Model):
    """Fields that presets and own themes share: the canonical theme (see ``themes.schema``)."""

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
    """A theme that all users can select."""

    id = models.SlugField(
        primary_key=True, max_length=60, help_text="The name in commands, such as /theme set ocean-dark."
    )
    order = models.PositiveIntegerField(default=1000, help_text="Smaller numbers come first.")
    published = models.BooleanField(default=False, help_text="Users can select only published presets.")
    default = models.BooleanField(
        default=False, help_text="The theme of users who have not selected one. Each color scheme has one default."
    )
    license = models.CharField(max_length=200, blank=True)
    source = models.CharField(
        max_length=300, blank=True, help_text="The origin of the colors, such as a project or a URL."
    )
    shipped_digest = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Digest of the shipped version that was last stored."
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
    """One row with the number of changes to presets, which is part of every appearance's revision."""

    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.value)


class ThemePreference(models.Model):
    """The selected mode and themes. A theme is the id of a preset or an own theme; empty stands for the default."""

    mode = models.CharField(max_length=6, choices=Mode, default=Mode.SYSTEM)
    dark = models.CharField(max_length=60, blank=True)
    light = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True


class ThemeOwner(ThemePreference):
    """A visitor, whose id is that of the device cookie, or an account. The first change creates the row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="theme_owner"
    )
    minimum_contrast = models.FloatField(default=4.5)
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    ephemeral = models.BooleanField(default=False, help_text="The visitor is a tab without a cookie.")
    last_seen = models.DateField(auto_now=True)

    def __str__(self) -> str:
        return f"account {self.user_id}" if self.user_id else f"visitor {self.id}"


class DevicePreference(ThemePreference):
    """The preferences of one browser, which override the owner's there."""

    owner = models.ForeignKey(ThemeOwner, on_delete=models.CASCADE, related_name="devices")
    key = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("owner", "key"), name="a_device_once_an_owner")]

    def __str__(self) -> str:
        return f"device {self.key}"


class Theme(BaseTheme):
    """A user's own theme."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.ForeignKey(ThemeOwner, on_delete=models.CASCADE, related_name="themes")
    origin_preset = models.CharField(
        max_length=60, blank=True, help_text="The preset that it is based on and can be reset to."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at", "id")
