"""Tests the seeding of shipped presets, which never overwrites an operator's edits."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from themes import shipped_presets
from themes.models import Preset, PresetRevision
from themes.shipped_presets import ShippedPreset, seed, shipped
from themes.store.queries import PRESETS_FILE, document_of
from themes.tokens import SCHEMES, TOKENS

pytestmark = pytest.mark.django_db

OCEAN = "ocean-dark"


def recolored(preset: ShippedPreset, color: str) -> ShippedPreset:
    return replace(preset, theme=replace(preset.theme, colors={**preset.theme.colors, "accent": color}))


def with_changed_ocean(color: str) -> list[ShippedPreset]:
    return [recolored(preset, color) if preset.id == OCEAN else preset for preset in shipped()]


def epoch() -> int:
    return PresetRevision.objects.values_list("value", flat=True).first() or 0


def test_the_first_run_creates_all_presets_in_order() -> None:
    done = seed()
    entries = json.loads(PRESETS_FILE.read_text(encoding="utf-8"))
    assert done.created == [entry["id"] for entry in entries] == [preset.pk for preset in Preset.objects.all()]
    assert not done.updated
    assert not done.skipped
    assert all(preset.published for preset in Preset.objects.all())
    for scheme in SCHEMES:
        assert Preset.objects.filter(scheme=scheme, default=True).count() == 1
    assert epoch() == len(entries)


def test_the_database_has_the_shipped_content() -> None:
    seed()
    entry = next(one for one in json.loads(PRESETS_FILE.read_text(encoding="utf-8")) if one["id"] == OCEAN)
    ocean = Preset.objects.get(pk=OCEAN)
    assert {name: getattr(ocean, name) for name in entry if name != "id"} == {
        key: entry[key] for key in entry if key != "id"
    }
    # PostgreSQL does not keep the order of keys.
    assert list(document_of(ocean).colors) == [token.name for token in TOKENS]
    assert not shipped_presets.is_edited(ocean)


def test_the_second_run_does_nothing_with_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    seed()
    before = epoch()
    with django_assert_num_queries(1):
        done = seed()
    assert not done.changed
    assert not done.skipped
    assert epoch() == before


def test_an_edited_preset_stays() -> None:
    seed()
    ocean = Preset.objects.get(pk=OCEAN)
    ocean.colors["accent"] = "#123456"
    ocean.save()
    assert shipped_presets.is_edited(ocean)
    done = seed(with_changed_ocean("#abcdef"))
    assert (done.skipped, done.changed) == ([OCEAN], False)
    assert Preset.objects.get(pk=OCEAN).colors["accent"] == "#123456"


def test_an_unedited_preset_is_updated_and_its_order_stays() -> None:
    seed()
    Preset.objects.filter(pk=OCEAN).update(published=False, order=7)
    before, revision = epoch(), Preset.objects.get(pk=OCEAN).revision
    done = seed(with_changed_ocean("#abcdef"))
    assert (done.created, done.updated, done.skipped) == ([], [OCEAN], [])
    ocean = Preset.objects.get(pk=OCEAN)
    assert ocean.colors["accent"] == "#abcdef"
    assert (ocean.published, ocean.order) == (False, 7)
    assert ocean.revision == revision + 1
    assert epoch() == before + 1
    assert not seed(with_changed_ocean("#abcdef")).changed


def test_only_missing_presets_are_created_and_the_default_stays() -> None:
    seed()
    Preset.objects.filter(default=True, scheme="dark").update(default=False)
    Preset.objects.filter(pk=OCEAN).update(default=True)
    Preset.objects.filter(pk="default-dark").delete()
    assert seed().created == ["default-dark"]
    assert [preset.pk for preset in Preset.objects.filter(default=True, scheme="dark")] == [OCEAN]


def test_an_operators_own_preset_is_never_overwritten() -> None:
    theme = shipped()[0].theme.to_dict()
    own = Preset.objects.create(pk=OCEAN, **{**theme, "name": "Mine"})
    done = seed()
    own.refresh_from_db()
    assert own.name == "Mine"
    assert done.skipped == [OCEAN]
    assert shipped_presets.shipped_version_of(own) is None


def test_an_integer_returned_as_a_float_is_no_edit() -> None:
    seed()
    ocean = Preset.objects.get(pk=OCEAN)
    ocean.typography = {**ocean.typography, "size": float(ocean.typography["size"])}
    assert not shipped_presets.is_edited(ocean)


def test_the_command_prints_its_changes() -> None:
    said = []
    for _ in range(2):
        out = StringIO()
        call_command("presets", stdout=out)
        said.append(out.getvalue())
    assert said[0].startswith("Created: default-dark, ")
    assert said[1] == "All shipped presets are up to date; nothing was changed.\n"
