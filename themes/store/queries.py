"""Reads themes and appearances from the database."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from themes.appearance import Appearance, ThemeView
from themes.errors import ThemeError
from themes.models import BaseTheme, DevicePreference, Mode, Preset, PresetRevision, Theme, ThemeOwner, ThemePreference
from themes.owners.identity import Identity
from themes.schema import ThemeData, Typography, parse_theme, sort_by_token
from themes.tokens import Scheme

PRESETS_FILE = Path(__file__).parents[1] / "presets.json"


@dataclass(frozen=True, slots=True)
class _Presets:
    epoch: int
    published: Mapping[str, ThemeView]
    defaults: Mapping[str, ThemeView]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The appearance of an owner on every device, from one read."""

    epoch: int
    owner_revision: int
    minimum_contrast: float
    general: tuple[str, ThemeView, ThemeView]
    devices: Mapping[UUID, tuple[str, ThemeView, ThemeView]]

    def on(self, device: UUID) -> Appearance:
        """Return the appearance on the device."""
        here = device in self.devices
        mode, dark, light = self.devices[device] if here else self.general
        return Appearance(self.epoch + self.owner_revision, mode, here, self.minimum_contrast, dark, light)


def snapshot(who: Identity) -> Snapshot:
    """Read the current state. The epoch is read first: concurrent changes are notified again with a larger revision."""
    presets = _presets()
    owner = find_owner(who)
    if owner is None:
        shown = (Mode.SYSTEM.value, presets.defaults["dark"], presets.defaults["light"])
        return Snapshot(presets.epoch, 0, ThemeOwner._meta.get_field("minimum_contrast").default, shown, {})
    devices = list(DevicePreference.objects.filter(owner=owner))
    wanted = {reference for preference in (owner, *devices) for reference in (preference.dark, preference.light)}
    own = _own_themes(owner, wanted)

    def resolve(preference: ThemePreference) -> tuple[str, ThemeView, ThemeView]:
        dark, light = (_resolve_view(reference, scheme, own, presets) for reference, scheme in _selections(preference))
        return preference.mode, dark, light

    by_device = {device.key: resolve(device) for device in devices}
    return Snapshot(presets.epoch, owner.revision, owner.minimum_contrast, resolve(owner), by_device)


def current_revisions(who: Identity) -> dict[str, int]:
    """Return the revisions that a snapshot must have to be current."""
    owner = find_owner(who)
    return {"epoch": current_epoch(), "owner_revision": owner.revision if owner else 0}


def appearance(who: Identity) -> Appearance:
    """Return the current appearance of the tab."""
    return snapshot(who).on(who.device)


def list_available(who: Identity) -> list[ThemeView]:
    """Return the selectable themes: published presets in order, then own themes, the oldest first."""
    owner = find_owner(who)
    own = owner.themes.filter(deleted_at=None) if owner else ()
    return [*_presets().published.values(), *map(theme_view, own)]


def get_theme(who: Identity, reference: str) -> ThemeView:
    """Return the preset or own theme of that id. Raises ``ThemeError`` ``theme_unknown``."""
    preset = _presets().published.get(reference)
    if preset is not None:
        return preset
    owner = find_owner(who)
    own = _own_themes(owner, {reference}) if owner else {}
    theme = own.get(reference)
    if theme is None or theme.deleted_at:
        raise ThemeError("theme_unknown", "There is no such theme.", param="id")
    return theme_view(theme)


def find_owner(who: Identity) -> ThemeOwner | None:
    """Return the owner's row, ``None`` before the first change."""
    if who.user is not None:
        return ThemeOwner.objects.filter(user=who.user).first()
    return ThemeOwner.objects.filter(pk=who.device, user=None).first()


def origin_of(theme: Theme) -> ThemeData:
    """Return the theme that resets restore: the preset that it is based on, or the default of its scheme."""
    presets = _presets()
    return (presets.published.get(theme.origin_preset) or presets.defaults[theme.scheme]).theme


def document_of(row: BaseTheme) -> ThemeData:
    """Return the theme in a row."""
    typography = row.typography
    return ThemeData(
        row.name,
        row.scheme,  # type: ignore[arg-type]  # the column has no other values
        sort_by_token(row.colors),
        Typography(typography["font"], typography["size"], typography["lineHeight"]),
    )


def theme_view(theme: Theme) -> ThemeView:
    """Return the view of an own theme."""
    return ThemeView(str(theme.pk), theme.revision, document_of(theme), own=True, origin_preset=theme.origin_preset)


@cache
def shipped_defaults() -> tuple[ThemeData, ThemeData]:
    """Return the dark and the light theme of ``tokens.css``."""
    shipped = {preset["id"]: preset for preset in json.loads(PRESETS_FILE.read_text(encoding="utf-8"))}
    dark, light = (
        parse_theme({key: shipped[name][key] for key in ("name", "scheme", "colors", "typography")})
        for name in ("default-dark", "default-light")
    )
    return dark, light


def parse_reference(reference: str) -> UUID | None:
    """Return the UUID of an own theme, ``None`` if the reference is none."""
    try:
        return UUID(reference)
    except ValueError:
        return None


_cached_presets: _Presets | None = None


def clear_preset_cache() -> None:
    """Clear the cache of presets, for tests, whose databases restart at the same epoch."""
    global _cached_presets
    _cached_presets = None


def _presets() -> _Presets:
    """Return all published presets, cached until the epoch changes."""
    global _cached_presets
    epoch = current_epoch()
    if _cached_presets is None or _cached_presets.epoch != epoch:
        rows = list(Preset.objects.filter(published=True))
        published = {row.pk: ThemeView(row.pk, row.revision, document_of(row)) for row in rows}
        dark, light = shipped_defaults()
        defaults = {
            "dark": ThemeView("default-dark", 0, dark),
            "light": ThemeView("default-light", 0, light),
        }
        defaults |= {row.scheme: published[row.pk] for row in rows if row.default}
        _cached_presets = _Presets(epoch, published, defaults)
    return _cached_presets


def current_epoch() -> int:
    """Return the number of changes to presets."""
    return PresetRevision.objects.values_list("value", flat=True).first() or 0


def _own_themes(owner: ThemeOwner, references: Iterable[str]) -> dict[str, Theme]:
    ids = [own for reference in references if (own := parse_reference(reference))]
    return {str(theme.pk): theme for theme in Theme.objects.filter(owner=owner, pk__in=ids)} if ids else {}


def _selections(preference: ThemePreference) -> tuple[tuple[str, Scheme], tuple[str, Scheme]]:
    return (preference.dark, "dark"), (preference.light, "light")


def _resolve_view(reference: str, scheme: Scheme, own: Mapping[str, Theme], presets: _Presets) -> ThemeView:
    """Return the referenced theme; if it was deleted, the preset it is based on, or the default of the scheme."""
    theme = own.get(reference)
    if theme is not None and not theme.deleted_at:
        return theme_view(theme)
    fallback = theme.origin_preset if theme is not None else reference
    return presets.published.get(fallback) or presets.defaults[scheme]
