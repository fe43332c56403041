"""Seeds the shipped presets into the database, without overwriting an operator's edits."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import transaction

from themes.models import BaseTheme, Preset
from themes.schema import ThemeData, parse_theme
from themes.store import services
from themes.store.queries import PRESETS_FILE

_THEME = ("name", "scheme", "colors", "typography")
_STEP = 10
"""Difference between the ``order`` of two shipped presets, so that an operator can insert others between."""


@dataclass(frozen=True, slots=True)
class ShippedPreset:
    """A preset of ``presets.json``."""

    id: str
    theme: ThemeData
    default: bool
    license: str
    source: str

    @property
    def content(self) -> dict[str, Any]:
        """Return the columns that seeding updates until an operator edits one of them."""
        return {**self.theme.to_dict(), "license": self.license, "source": self.source}


@dataclass(slots=True)
class SeedResult:
    """The ids of the presets that were created, updated, or skipped because an operator has edited them."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Return whether anything was written."""
        return bool(self.created or self.updated)


@cache
def shipped() -> tuple[ShippedPreset, ...]:
    """Return the presets of ``presets.json``, in file order."""
    return tuple(map(parse, json.loads(PRESETS_FILE.read_text(encoding="utf-8"))))


def parse(entry: Mapping[str, Any]) -> ShippedPreset:
    """Parse an entry of ``presets.json``. Raises ``ThemeError`` if the theme is invalid."""
    theme = parse_theme({key: entry[key] for key in _THEME})
    return ShippedPreset(entry["id"], theme, entry["default"], entry["license"], entry["source"])


def shipped_version_of(preset: Preset) -> ShippedPreset | None:
    """Return the shipped version of a preset, ``None`` if an operator created it."""
    return next((one for one in shipped() if one.id == preset.pk), None) if preset.shipped_digest else None


def is_edited(preset: Preset) -> bool:
    """Return whether an operator has edited a shipped preset's content; ``order`` and ``published`` do not count."""
    return bool(preset.shipped_digest) and preset.shipped_digest != _digest(_content(preset))


def seed(presets: Iterable[ShippedPreset] | None = None) -> SeedResult:
    """Create missing presets and update unedited ones. Takes one query if no preset changes."""
    wanted = tuple(shipped() if presets is None else presets)
    plan = _plan(wanted)
    if not plan.changed:
        return plan
    with transaction.atomic():
        # Planned again inside the transaction: another server that starts at the same time may have been faster.
        plan = _plan(wanted)
        for place, preset in enumerate(wanted, start=1):
            if preset.id in plan.created:
                _create(preset, place * _STEP)
            elif preset.id in plan.updated:
                reset(Preset.objects.get(pk=preset.id), preset)
    return plan


def reset(preset: Preset, to: ShippedPreset) -> None:
    """Set a preset's content to the shipped version; ``order`` and ``published`` stay."""
    for name, value in to.content.items():
        setattr(preset, name, value)
    preset.shipped_digest = _digest(to.content)
    services.save_preset(preset)


def _plan(wanted: Iterable[ShippedPreset]) -> SeedResult:
    there = Preset.objects.in_bulk()
    plan = SeedResult()
    for preset in wanted:
        row = there.get(preset.id)
        if row is None:
            plan.created.append(preset.id)
        elif row.shipped_digest != _digest(preset.content):
            (plan.skipped if is_edited(row) or not row.shipped_digest else plan.updated).append(preset.id)
    return plan


def _create(preset: ShippedPreset, order: int) -> None:
    scheme = preset.theme.scheme
    default = preset.default and not Preset.objects.filter(scheme=scheme, default=True).exists()
    reset(Preset(pk=preset.id, order=order, published=True, default=default), preset)


def _content(row: BaseTheme) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*_THEME, "license", "source")}


def _digest(content: Mapping[str, Any]) -> str:
    # The keys are those of the first version, so that digests in databases stay comparable.
    keys = {"colors": "colours", "license": "licence"}
    content = {keys.get(name, name): value for name, value in content.items()}
    # A line height of 2 equals 2.0, which a form returns.
    plain = json.loads(json.dumps(content), parse_int=float)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
