"""Brings the shipped presets into the database, and never undoes what an operator has made of them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import transaction

from themes import services
from themes.models import Look, Preset
from themes.reading import SHIPPED
from themes.validation import Document, document

_THEME = ("name", "scheme", "colours", "typography")
_STEP = 10
"""Between the places of two shipped presets, so that others fit in."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A preset as the program brings it."""

    id: str
    theme: Document
    default: bool
    licence: str
    source: str

    @property
    def content(self) -> dict[str, Any]:
        """The columns that belong to the program until an operator edits one of them."""
        return {**self.theme.public(), "licence": self.licence, "source": self.source}


@dataclass(slots=True)
class Seeded:
    """The ids of the presets that were created, renewed, or left because an operator has edited them."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.created or self.updated)


@cache
def shipped() -> tuple[Shipped, ...]:
    """The presets of ``presets.json``, in their order."""
    return tuple(map(parse, json.loads(SHIPPED.read_text(encoding="utf-8"))))


def parse(entry: Mapping[str, Any]) -> Shipped:
    """An entry of ``presets.json``. Raises ``ThemeError`` where it is no theme."""
    theme = document({key: entry[key] for key in _THEME})
    return Shipped(entry["id"], theme, entry["default"], entry["licence"], entry["source"])


def shipped_as(preset: Preset) -> Shipped | None:
    """What is shipped under the preset's id, if it came from there."""
    return next((one for one in shipped() if one.id == preset.pk), None) if preset.seed else None


def edited(preset: Preset) -> bool:
    """Whether an operator has changed what was shipped; where it is listed and whether it is published do not count."""
    return bool(preset.seed) and preset.seed != _digest(_content(preset))


def seed(presets: Iterable[Shipped] | None = None) -> Seeded:
    """Create what is missing and renew what nobody has edited. One query where there is nothing to do."""
    wanted = tuple(shipped() if presets is None else presets)
    work = _work(wanted)
    if not work.changed:
        return work
    with transaction.atomic():
        # Looked at again: another server that was started at the same time may have been first.
        work = _work(wanted)
        for place, preset in enumerate(wanted, start=1):
            if preset.id in work.created:
                _create(preset, place * _STEP)
            elif preset.id in work.updated:
                reset(Preset.objects.get(pk=preset.id), preset)
    return work


def reset(preset: Preset, to: Shipped) -> None:
    """Give a preset the content that is shipped; its place, and whether it is published, stay."""
    for name, value in to.content.items():
        setattr(preset, name, value)
    preset.seed = _digest(to.content)
    services.save_preset(preset)


def _work(wanted: Iterable[Shipped]) -> Seeded:
    there = Preset.objects.in_bulk()
    work = Seeded()
    for preset in wanted:
        row = there.get(preset.id)
        if row is None:
            work.created.append(preset.id)
        elif row.seed != _digest(preset.content):
            (work.kept if edited(row) or not row.seed else work.updated).append(preset.id)
    return work


def _create(preset: Shipped, order: int) -> None:
    scheme = preset.theme.scheme
    default = preset.default and not Preset.objects.filter(scheme=scheme, default=True).exists()
    reset(Preset(pk=preset.id, order=order, published=True, default=default), preset)


def _content(row: Look) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*_THEME, "licence", "source")}


def _digest(content: Mapping[str, Any]) -> str:
    # A line height of 2 is the same as one of 2.0, which is how a form gives it back.
    plain = json.loads(json.dumps(content), parse_int=float)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
