"""Tests writes of themes: stored, rejected, and isolated between users."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.themes.users import ALICE, BOB, CHARLIE, plain, publish
from themes.errors import ThemeError
from themes.models import Preset, Theme, ThemeOwner
from themes.owners.identity import Identity
from themes.schema import ThemePatch, parse_patch
from themes.store import services
from themes.store.queries import appearance, get_theme, list_available
from themes.tokens import TOKENS

pytestmark = pytest.mark.django_db(transaction=True)


def refused(code: str, work: Any, *arguments: Any, **named: Any) -> ThemeError:
    with pytest.raises(ThemeError) as caught:
        work(*arguments, **named)
    assert caught.value.code == code
    return caught.value


def own(who: Identity = ALICE, **named: Any) -> uuid.UUID:
    theme_id = uuid.uuid4()
    services.create(who, theme_id, **({"theme": plain("Mine")} | named))
    return theme_id


def red(color: str = "#ff0000") -> ThemePatch:
    return parse_patch({"colors": {"accent": color}})


def test_a_new_visitor_sees_the_defaults_and_has_no_row() -> None:
    shown = appearance(ALICE)
    assert (shown.mode, shown.here, shown.dark.id, shown.light.id) == ("system", False, "default-dark", "default-light")
    assert not ThemeOwner.objects.exists()


def test_a_selection_is_saved_for_its_owner_only() -> None:
    publish("ocean")
    before = appearance(ALICE).revision
    revision = services.set_preference(ALICE, mode="dark", dark="ocean")
    shown = appearance(ALICE)
    assert (shown.mode, shown.dark.id) == ("dark", "ocean")
    assert shown.revision == revision > before
    assert appearance(BOB).dark.id == "default-dark"


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"mode": "blue"}, "mode"),
        ({"minimum_contrast": 3}, "minimum_contrast"),
        ({"dark": "nowhere"}, "dark"),
        ({"light": str(uuid.uuid4())}, "light"),
    ],
)
def test_an_invalid_selection_is_rejected(wish: dict[str, Any], param: str) -> None:
    with pytest.raises(ThemeError) as caught:
        services.set_preference(ALICE, **wish)
    assert caught.value.param == param
    assert not ThemeOwner.objects.exists()


def test_unpublished_presets_cannot_be_selected_and_fall_back_to_the_default() -> None:
    preset = publish("ocean")
    services.set_preference(ALICE, dark="ocean")
    preset.published = False
    services.save_preset(preset)
    refused("theme_unknown", services.set_preference, BOB, dark="ocean")
    assert appearance(ALICE).dark.id == "default-dark"


def test_a_device_selection_is_not_overwritten_and_can_be_ended() -> None:
    publish("ocean")
    publish("forest")
    account = User.objects.create_user("alice").pk
    phone, desk = Identity(ALICE.device, account), Identity(BOB.device, account)
    services.set_preference(phone, dark="ocean", here=True)
    services.set_preference(desk, dark="forest")
    assert (appearance(phone).dark.id, appearance(phone).here) == ("ocean", True)
    assert (appearance(desk).dark.id, appearance(desk).here) == ("forest", False)
    services.set_preference(phone, here=False)
    assert (appearance(phone).dark.id, appearance(phone).here) == ("forest", False)


def test_a_copy_stores_its_origin() -> None:
    publish("ocean", plain("Ocean", accent="#123456"))
    theme_id = own(source="ocean", theme=None, name="Ocean, mine", show=True)
    services.edit(ALICE, theme_id, red())
    shown = appearance(ALICE).dark
    assert (shown.id, shown.own, shown.origin_preset) == (str(theme_id), True, "ocean")
    assert shown.theme.colors["accent"] == "#ff0000"
    services.edit(ALICE, theme_id, parse_patch({"colors": {"accent": None}}))
    assert appearance(ALICE).dark.theme.colors["accent"] == "#123456"


def test_edits_of_different_keys_do_not_undo_each_other() -> None:
    theme_id = own()
    services.edit(ALICE, theme_id, red())
    services.edit(ALICE, theme_id, parse_patch({"colors": {"cursor": "#00ff00"}, "typography": {"size": 20}}))
    theme = get_theme(ALICE, str(theme_id)).theme
    assert (theme.colors["accent"], theme.colors["cursor"], theme.typography.size) == ("#ff0000", "#00ff00", 20)


def test_an_edit_of_a_stale_revision_is_rejected() -> None:
    theme_id = own()
    seen = get_theme(ALICE, str(theme_id)).revision
    services.edit(ALICE, theme_id, red(), revision=seen)
    error = refused("theme_conflict", services.edit, ALICE, theme_id, red("#0000ff"), revision=seen)
    assert error.details["value"] == seen + 1
    assert get_theme(ALICE, str(theme_id)).theme.colors["accent"] == "#ff0000"


@pytest.mark.parametrize("work", [services.edit, services.delete, services.restore])
def test_a_user_cannot_edit_the_theme_of_another(work: Any) -> None:
    theme_id = own(ALICE)
    own(BOB)
    arguments = (red(),) if work is services.edit else ()
    refused("theme_unknown", work, BOB, theme_id, *arguments)
    refused("theme_unknown", work, CHARLIE, theme_id, *arguments)
    assert Theme.objects.get(pk=theme_id).revision == 1
    refused("theme_unknown", get_theme, BOB, str(theme_id))
    refused("theme_unknown", services.set_preference, BOB, dark=str(theme_id))
    assert [shown.id for shown in list_available(BOB) if shown.id == str(theme_id)] == []


def test_a_user_cannot_restore_the_theme_of_another() -> None:
    theme_id = own(ALICE)
    own(BOB)
    services.delete(ALICE, theme_id)
    for who in (BOB, CHARLIE):
        refused("theme_unknown", services.restore, who, theme_id)
    assert Theme.objects.get(pk=theme_id).deleted_at is not None


def test_a_taken_id_is_rejected_for_every_owner() -> None:
    theme_id = own(ALICE)
    refused("theme_id_taken", services.create, BOB, theme_id, theme=plain())


def test_delete_and_restore() -> None:
    publish("ocean")
    theme_id = own(source="ocean", theme=None, show=True)
    services.delete(ALICE, theme_id)
    assert appearance(ALICE).dark.id == "ocean"
    refused("theme_unknown", services.edit, ALICE, theme_id, red())
    services.restore(ALICE, theme_id)
    assert appearance(ALICE).dark.id == str(theme_id)


def test_a_theme_cannot_be_restored_after_the_undo_period() -> None:
    theme_id = own()
    services.delete(ALICE, theme_id)
    Theme.objects.update(deleted_at=timezone.now() - timedelta(days=2))
    services.delete(ALICE, own())
    refused("theme_unknown", services.restore, ALICE, theme_id)


def test_restore_respects_the_theme_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    theme_id = own()
    services.delete(ALICE, theme_id)
    own()
    monkeypatch.setattr(services, "MAX_THEMES_PER_OWNER", 1)
    refused("theme_limit_reached", services.restore, ALICE, theme_id)


def test_a_theme_that_is_not_deleted_cannot_be_restored() -> None:
    refused("theme_unknown", services.restore, ALICE, own())


def test_names_are_made_unique() -> None:
    for _ in range(3):
        own()
    assert [shown.theme.name for shown in list_available(ALICE)] == ["Mine", "Mine 2", "Mine 3"]


def test_the_theme_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_THEMES_PER_OWNER", 2)
    own()
    own()
    assert refused("theme_limit_reached", own).details["limit"] == 2


def test_a_preset_change_increases_the_revision() -> None:
    preset = publish("ocean")
    services.set_preference(ALICE, dark="ocean")
    before = appearance(ALICE)
    preset.colors = dict(plain(accent="#abcdef").colors)
    services.save_preset(preset)
    after = appearance(ALICE)
    assert after.dark.theme.colors["accent"] == "#abcdef"
    assert after.revision > before.revision


def test_each_scheme_has_one_default() -> None:
    publish("ocean", default=True)
    publish("forest", default=True)
    assert list(Preset.objects.filter(default=True).values_list("pk", flat=True)) == ["forest"]
    assert appearance(ALICE).dark.id == "forest"


class TestMergeAtSignIn:
    """Merges a visitor's themes into the account at sign-in."""

    @pytest.fixture
    def account(self) -> Identity:
        return Identity(uuid.uuid4(), User.objects.create_user("alice").pk)

    def test_a_new_account_gets_all_themes(self, account: Identity) -> None:
        theme_id = own(ALICE, show=True)
        services.set_preference(ALICE, mode="dark", minimum_contrast=7)
        assert services.merge_visitor(ALICE, account) == services.MergeResult(moved=1)
        shown = appearance(account)
        assert (shown.mode, shown.dark.id, shown.minimum_contrast) == ("dark", str(theme_id), 7)
        assert appearance(ALICE).dark.id == "default-dark"
        assert not ThemeOwner.objects.filter(user=None).exists()

    def test_an_account_with_a_selection_keeps_it_and_gets_the_themes(self, account: Identity) -> None:
        publish("ocean")
        services.set_preference(account, dark="ocean")
        own(account, theme=plain("Mine", accent="#111111"))
        own(ALICE, show=True)
        assert services.merge_visitor(ALICE, account) == services.MergeResult(moved=1)
        assert appearance(account).dark.id == "ocean"
        assert [shown.theme.name for shown in list_available(account) if shown.own] == ["Mine", "Mine 2"]

    def test_a_duplicate_theme_is_not_moved(self, account: Identity) -> None:
        kept = own(account)
        services.delete(account, own(account))
        own(ALICE, theme=plain("Called otherwise"), show=True)
        assert services.merge_visitor(ALICE, account) == services.MergeResult(same=1)
        assert [shown.id for shown in list_available(account) if shown.own] == [str(kept)]
        assert appearance(account).dark.id == str(kept)

    def test_themes_beyond_the_limit_stay_with_the_visitor(
        self, account: Identity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own(ALICE, theme=plain(accent="#111111"))
        own(ALICE, theme=plain(accent="#222222"))
        monkeypatch.setattr(services, "MAX_THEMES_PER_OWNER", 1)
        assert services.merge_visitor(ALICE, account) == services.MergeResult(moved=1, left=1)
        assert [shown.theme.colors["accent"] for shown in list_available(ALICE)] == ["#222222"]

    def test_a_device_selection_stays_with_the_device(self, account: Identity) -> None:
        publish("ocean")
        services.set_preference(ALICE, dark="ocean", here=True)
        services.merge_visitor(ALICE, account)
        assert appearance(account).here
        assert not appearance(Identity(uuid.uuid4(), account.user)).here

    def test_a_device_selection_follows_a_duplicate_theme(self, account: Identity) -> None:
        kept, same = own(account), own(ALICE)
        services.set_preference(ALICE, dark=str(same), here=True)
        services.merge_visitor(ALICE, account)
        assert (appearance(account).dark.id, appearance(account).here) == (str(kept), True)

    def test_a_visitor_without_themes_is_not_merged(self, account: Identity) -> None:
        assert services.merge_visitor(ALICE, account) == services.MergeResult()
        assert not ThemeOwner.objects.exists()

    def test_delete_owner_leaves_no_rows(self, account: Identity) -> None:
        own(account)
        services.delete_owner(account)
        assert not Theme.objects.exists()
        assert not ThemeOwner.objects.exists()


def test_purge_deletes_inactive_visitors() -> None:
    own(ALICE)
    own(Identity(uuid.uuid4(), has_cookie=False))
    own(CHARLIE)
    ThemeOwner.objects.filter(ephemeral=True).update(last_seen=timezone.now().date() - timedelta(days=3))
    ThemeOwner.objects.filter(pk=CHARLIE.device).update(last_seen=timezone.now().date() - timedelta(days=401))
    services.purge_expired()
    assert list(ThemeOwner.objects.values_list("pk", flat=True)) == [ALICE.device]


def test_active_visitors_are_not_purged() -> None:
    own(ALICE)
    ThemeOwner.objects.update(last_seen=timezone.now().date() - timedelta(days=399))
    services.touch_visitor(ALICE)
    assert ThemeOwner.objects.get().last_seen == timezone.now().date()


COLORS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
PATCHES = st.dictionaries(st.sampled_from([token.name for token in TOKENS]), COLORS, min_size=1, max_size=4)


class ConcurrentEdits(TestCase):
    """Applies edits in any order: the last value of each key must be stored."""

    @settings(max_examples=25, deadline=None)
    @given(edits=st.lists(PATCHES, max_size=8))
    def test_the_last_value_of_each_key_is_stored(self, edits: list[dict[str, str]]) -> None:
        theme_id = own(Identity(uuid.uuid4()))
        who = Identity(Theme.objects.get(pk=theme_id).owner_id)
        expected = dict(plain().colors)
        for colors in edits:
            services.edit(who, theme_id, parse_patch({"colors": colors}))
            expected |= colors
        assert get_theme(who, str(theme_id)).theme.colors == expected
