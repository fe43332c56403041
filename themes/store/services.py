"""The only writer of themes: validates, writes with optimistic concurrency control, and notifies the open tabs.

Synchronous; asynchronous callers go through ``core.storage.database``. All raise ``ThemeError``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from core.limits import registry
from core.limits.disk_quota import data_dir_quota
from core.storage import database
from themes.errors import ThemeError
from themes.models import DevicePreference, Mode, Preset, PresetRevision, Theme, ThemeOwner
from themes.owners.identity import Identity
from themes.schema import MAX_NAME_LENGTH, ThemeData, ThemePatch, apply_patch, check_name
from themes.store import notifications
from themes.store.queries import current_epoch, document_of, find_owner, get_theme, origin_of

MAX_THEMES_PER_OWNER = registry.MAX_THEMES_PER_OWNER.default
"""Largest number of themes per owner."""
CONTRASTS = (1.0, 4.5, 7.0)
"""The minimum contrasts that a user can select: none, WCAG AA, WCAG AAA."""
MAX_EDIT_ATTEMPTS = 10
"""Attempts of an edit that conflicts with concurrent ones."""
UNDO_PERIOD = timedelta(days=1)
VISITOR_RETENTION = timedelta(days=400)
EPHEMERAL_RETENTION = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class MergeResult:
    """Numbers of a visitor's themes at sign-in: moved to the account, already there, or left because of its limit."""

    moved: int = 0
    same: int = 0
    left: int = 0


@transaction.atomic
def set_preference(
    who: Identity,
    *,
    mode: str | None = None,
    dark: str | None = None,
    light: str | None = None,
    minimum_contrast: float | None = None,
    here: bool | None = None,
) -> int:
    """Set mode, themes or minimum contrast, for all devices or (``here``) for this one. Return the new revision.

    Raises ``ThemeError`` ``field_invalid`` or ``theme_unknown``.
    """
    changes = {name: value for name, value in (("mode", mode), ("dark", dark), ("light", light)) if value is not None}
    if mode is not None and mode not in Mode.values:
        raise ThemeError(
            "field_invalid", "mode must be system, dark or light.", param="mode", choices=list(Mode.values)
        )
    if minimum_contrast is not None and minimum_contrast not in CONTRASTS:
        raise ThemeError(
            "field_invalid", "minimum_contrast must be 1, 4.5 or 7.", param="minimum_contrast", choices=list(CONTRASTS)
        )
    for name in ("dark", "light"):
        if name in changes:
            changes[name] = _resolve_choice(who, changes[name], name)
    owner = _get_or_create_owner(who)
    if minimum_contrast is not None:
        ThemeOwner.objects.filter(pk=owner.pk).update(minimum_contrast=minimum_contrast)
    _write_preference(owner, who.device, changes, here)
    return _publish(who, owner)


@transaction.atomic
def create(
    who: Identity,
    theme_id: UUID,
    *,
    theme: ThemeData | None = None,
    source: str | None = None,
    name: str | None = None,
    show: bool = False,
) -> int:
    """Create an own theme, from ``theme`` or as a copy of ``source``. Return the new revision.

    Raises ``ThemeError`` ``field_missing``, ``theme_unknown``, ``theme_limit_reached``, ``storage_full`` or
    ``theme_id_taken``.
    """
    origin_preset = ""
    if theme is None:
        if source is None:
            raise ThemeError("field_missing", "A new theme requires a theme or a source.", param="theme")
        copied = get_theme(who, source)
        theme, origin_preset = copied.theme, copied.origin_preset if copied.own else copied.id
    owner = _get_or_create_owner(who)
    taken = list(Theme.objects.filter(owner=owner, deleted_at=None).values_list("name", flat=True))
    _check_theme_limit(len(taken))
    if not data_dir_quota().has_space():
        raise ThemeError("storage_full", "The server's storage is full. Ask its operator to free space.")
    if Theme.objects.filter(pk=theme_id).exists():
        raise ThemeError("theme_id_taken", "This id is taken.", param="id")
    made = replace(theme, name=_unique_name(check_name(name if name is not None else theme.name), taken))
    try:
        Theme.objects.create(id=theme_id, owner=owner, origin_preset=origin_preset, **_columns(made))
    except IntegrityError:
        # Another transaction has created it since, which only PostgreSQL permits.
        raise ThemeError("theme_id_taken", "This id is taken.", param="id") from None
    if show:
        on_device = DevicePreference.objects.filter(owner=owner, key=who.device).exists()
        _write_preference(owner, who.device, {made.scheme: str(theme_id)}, here=on_device or None)
    return _publish(who, owner)


@transaction.atomic
def edit(who: Identity, theme_id: UUID, patch: ThemePatch, *, revision: int | None = None) -> int:
    """Change parts of an own theme; with ``revision``, only if it is the current one. Return the new revision.

    Raises ``ThemeError`` ``theme_unknown`` or ``theme_conflict``.
    """
    for _ in range(MAX_EDIT_ATTEMPTS):
        theme = _get_own_theme(who, theme_id)
        if revision is not None and theme.revision != revision:
            break
        made = apply_patch(document_of(theme), patch, origin_of(theme).colors)
        unchanged = Theme.objects.filter(pk=theme_id, revision=theme.revision, deleted_at=None)
        if unchanged.update(**_columns(made), revision=F("revision") + 1, updated_at=timezone.now()):
            return _publish(who, theme.owner)
    raise ThemeError(
        "theme_conflict",
        "The theme was changed elsewhere meanwhile. Load the current version, then edit it again.",
        param="revision",
        value=theme.revision,
    )


@transaction.atomic
def delete(who: Identity, theme_id: UUID) -> int:
    """Mark an own theme as deleted for ``UNDO_PERIOD``. Return the new revision.

    Where it was selected, the preset that it is based on is shown. Raises ``ThemeError`` ``theme_unknown``.
    """
    theme = _get_own_theme(who, theme_id)
    now = timezone.now()
    Theme.objects.filter(owner=theme.owner, deleted_at__lt=now - UNDO_PERIOD).delete()
    Theme.objects.filter(pk=theme_id).update(deleted_at=now)
    return _publish(who, theme.owner)


@transaction.atomic
def restore(who: Identity, theme_id: UUID) -> int:
    """Restore a deleted theme. Return the new revision.

    Raises ``ThemeError`` ``theme_unknown`` after ``UNDO_PERIOD``, or ``theme_limit_reached``.
    """
    owner = find_owner(who)
    aside = Theme.objects.filter(pk=theme_id, owner=owner, deleted_at__gte=timezone.now() - UNDO_PERIOD)
    if owner is None or not aside.exists():
        raise ThemeError("theme_unknown", "The theme can no longer be restored.", param="id")
    _locked(owner)
    _check_theme_limit(Theme.objects.filter(owner=owner, deleted_at=None).count())
    aside.update(deleted_at=None)
    return _publish(who, owner)


@transaction.atomic
def merge_visitor(visitor: Identity, account: Identity) -> MergeResult:
    """Move a visitor's themes and preferences to the account that was signed in to (docs/themes.md has the rules)."""
    was = find_owner(visitor)
    if was is None:
        return MergeResult()
    was, owner = _locked(was), _get_or_create_owner(account)
    merge = _move_themes(was, owner)
    if owner.revision == 0 or not _has_chosen(owner):
        ThemeOwner.objects.filter(pk=owner.pk).update(
            mode=was.mode, dark=was.dark, light=was.light, minimum_contrast=was.minimum_contrast
        )
    was.devices.filter(key=visitor.device).update(owner=owner, key=account.device)
    if not merge.left:
        was.delete()
    _publish(account, owner)
    return merge


@transaction.atomic
def save_preset(preset: Preset) -> None:
    """Save a preset. If it is the new default of its scheme, the previous default loses that role."""
    if preset.default:
        Preset.objects.exclude(pk=preset.pk).filter(scheme=preset.scheme, default=True).update(default=False)
    known = Preset.objects.filter(pk=preset.pk).values_list("revision", flat=True).first()
    preset.revision = (known or 0) + 1
    preset.save()
    _publish_presets()


@transaction.atomic
def delete_preset(preset: Preset) -> None:
    """Delete a preset; users who selected it get the default of its scheme."""
    preset.delete()
    _publish_presets()


@transaction.atomic
def delete_owner(account: Identity) -> None:
    """Delete all themes and preferences of an account, and notify its tabs."""
    owner = find_owner(account)
    if owner is not None:
        owner.delete()
    notifications.session_changed(account.owner_group)


def purge_expired() -> int:
    """Delete inactive visitors, and deleted themes after ``UNDO_PERIOD``. Return the number of rows."""
    now = timezone.now()
    visitors = ThemeOwner.objects.filter(user=None)
    gone, _ = visitors.filter(last_seen__lt=(now - VISITOR_RETENTION).date()).delete()
    ephemeral, _ = visitors.filter(ephemeral=True, last_seen__lt=(now - EPHEMERAL_RETENTION).date()).delete()
    aside, _ = Theme.objects.filter(deleted_at__lt=now - UNDO_PERIOD).delete()
    return gone + ephemeral + aside


def touch_visitor(who: Identity) -> None:
    """Record, at most once a day, that a visitor is active."""
    today = timezone.now().date()
    ThemeOwner.objects.filter(pk=who.device, user=None, last_seen__lt=today).update(last_seen=today)


async def saw_visitor(who: Identity) -> None:
    """Record an active visitor from the event loop, where a page must not wait for the lock that every UPDATE takes."""
    unseen = ThemeOwner.objects.filter(pk=who.device, user=None, last_seen__lt=timezone.now().date())
    if await database.read(unseen.exists):
        await database.write_later(partial(touch_visitor, who))


def _get_or_create_owner(who: Identity) -> ThemeOwner:
    """Return the owner's row, created if missing, locked until the transaction ends."""
    owner = find_owner(who)
    if owner is None and who.user is not None:
        owner = ThemeOwner.objects.get_or_create(user_id=who.user)[0]
    elif owner is None:
        owner = ThemeOwner.objects.get_or_create(pk=who.device, defaults={"ephemeral": not who.has_cookie})[0]
    return _locked(owner)


def _locked(owner: ThemeOwner) -> ThemeOwner:
    """Return the current row, locked on PostgreSQL; SQLite's transactions hold its only lock (``BEGIN IMMEDIATE``).

    Otherwise two transactions could both count one theme less than the limit, and create one each.
    """
    return ThemeOwner.objects.select_for_update().get(pk=owner.pk) if connection.vendor != "sqlite" else owner


def _check_theme_limit(themes: int) -> None:
    if themes >= MAX_THEMES_PER_OWNER:
        raise ThemeError(
            "theme_limit_reached",
            f"You have reached the limit of {MAX_THEMES_PER_OWNER} themes. Delete a theme first.",
            limit=MAX_THEMES_PER_OWNER,
        )


def _get_own_theme(who: Identity, theme_id: UUID) -> Theme:
    owner = find_owner(who)
    theme = Theme.objects.filter(pk=theme_id, owner=owner, deleted_at=None).first() if owner else None
    if theme is None:
        raise ThemeError("theme_unknown", "You have no such theme.", param="id")
    return theme


def _resolve_choice(who: Identity, reference: str, place: str) -> str:
    try:
        return get_theme(who, reference).id if reference else ""
    except ThemeError as error:
        error.param = place
        raise


def _write_preference(owner: ThemeOwner, device: UUID, changes: dict[str, Any], here: bool | None) -> None:  # noqa: FBT001 - three-valued
    """Write preferences to the device if it has its own (or ``here`` creates them), else to the owner."""
    of_device = DevicePreference.objects.filter(owner=owner, key=device)
    if here is False:
        of_device.delete()
    elif here and not of_device.exists():
        DevicePreference.objects.create(owner=owner, key=device, mode=owner.mode, dark=owner.dark, light=owner.light)
    if changes and not of_device.update(**changes):
        ThemeOwner.objects.filter(pk=owner.pk).update(**changes)


def _has_chosen(owner: ThemeOwner) -> bool:
    return bool(owner.dark or owner.light or owner.mode != Mode.SYSTEM)


def _move_themes(was: ThemeOwner, owner: ThemeOwner) -> MergeResult:
    """Move the themes of ``was`` to ``owner``, except duplicates, up to ``MAX_THEMES_PER_OWNER``."""
    known = {_theme_content(theme): theme for theme in owner.themes.filter(deleted_at=None)}
    names = [theme.name for theme in known.values()]
    moved = same = left = 0
    for theme in was.themes.filter(deleted_at=None):
        twin = known.get(_theme_content(theme))
        if twin is not None:
            _rename_reference(was, str(theme.pk), str(twin.pk))
            theme.delete()
            same += 1
        elif len(names) >= MAX_THEMES_PER_OWNER:
            left += 1
        else:
            theme.owner, theme.name = owner, _unique_name(theme.name, names)
            theme.save()
            names.append(theme.name)
            moved += 1
    was.themes.exclude(deleted_at=None).delete()
    return MergeResult(moved, same, left)


def _rename_reference(owner: ThemeOwner, old: str, new: str) -> None:
    """Replace a theme's id in all preferences: of ``owner``, which is not saved, and of its devices."""
    for slot in ("dark", "light"):
        if getattr(owner, slot) == old:
            setattr(owner, slot, new)
        owner.devices.filter(**{slot: old}).update(**{slot: new})


def _theme_content(theme: Theme) -> str:
    shown = document_of(theme)
    return repr((shown.scheme, shown.colors, shown.typography))


def _columns(theme: ThemeData) -> dict[str, Any]:
    public = theme.to_dict()
    return {name: public[name] for name in ("name", "scheme", "colors", "typography")}


def _unique_name(name: str, taken: Iterable[str]) -> str:
    """Return the name, with the first number as a suffix that makes it unique."""
    used, number, free = set(taken), 1, name
    while free in used:
        number += 1
        suffix = f" {number}"
        free = name[: MAX_NAME_LENGTH - len(suffix)].rstrip() + suffix
    return free


def _publish(who: Identity, owner: ThemeOwner) -> int:
    """Increment the owner's revision, notify its tabs after the commit, and return the appearance's new revision."""
    ThemeOwner.objects.filter(pk=owner.pk).update(revision=F("revision") + 1, last_seen=timezone.now().date())
    revision = ThemeOwner.objects.values_list("revision", flat=True).get(pk=owner.pk)
    notifications.owner_changed(who, revision)
    return revision + current_epoch()


def _publish_presets() -> None:
    row, _ = PresetRevision.objects.get_or_create(pk=1)
    PresetRevision.objects.filter(pk=row.pk).update(value=F("value") + 1)
    notifications.presets_changed(current_epoch())
