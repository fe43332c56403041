"""Reads and changes the favorite voices and the default voices of an account or a visitor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation.trans_real import parse_accept_lang_header

from core.limits import registry
from core.limits.disk_quota import data_dir_quota
from core.storage import database
from synthesis.catalog import VoiceCatalog
from synthesis.errors import SpeechError
from synthesis.text.normalization.languages import primary
from terminal.models import VoiceChoices
from themes.owners.identity import Identity
from themes.store.services import VISITOR_RETENTION

MAX_FAVORITES = registry.MAX_FAVORITE_VOICES.default
MAX_DEFAULTS = registry.MAX_DEFAULT_VOICES.default
MAX_HEADER = 200
"""Characters of ``Accept-Language`` that are read."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The favorites, and the default voice of each primary language, as ids that may no longer be installed."""

    favorites: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready data."""
        return {"favorites": list(self.favorites), "defaults": dict(self.defaults)}


NO_CHOICES = Choices()


async def read_choices(who: Identity) -> Choices:
    """Return the choices of an account or a visitor. Raises ``StorageUnavailableError``."""
    if not who.is_persistent:
        return NO_CHOICES
    return await database.read(partial(_read, who))


def starting_voice(choices: Choices, catalog: VoiceCatalog, accepted: str) -> str | None:
    """Return the id of the voice with which a page starts; ``None`` if no voice is installed.

    It is the user's default for the first language of the browser that has one, or for the language of the operator's
    default voice, or else that voice. ``accepted`` is the header ``Accept-Language``.
    """
    own = catalog.default
    languages = [primary(tag) for tag, _ in parse_accept_lang_header(accepted[:MAX_HEADER].lower())]
    installed = {entry.id for entry in catalog.entries}
    for language in [*languages, *([primary(own.language)] if own else [])]:
        if (chosen := choices.defaults.get(language)) in installed:
            return chosen
    return own.id if own else None


def change(
    who: Identity, voice: str, language: str, *, favorite: bool | None = None, default: bool | None = None
) -> Choices:
    """Add or remove ``voice`` as a favorite, or as the default of its ``language``; ``None`` leaves it as it is.

    Raises ``SpeechError`` ``cookies_needed``, ``favorites_full``, ``defaults_full`` or ``storage_full``.
    """
    if not who.is_persistent:
        message = "This browser stores no cookies, so the choice cannot be stored. Sign in, or allow cookies."
        raise SpeechError("cookies_needed", message)
    if not data_dir_quota().has_space():
        raise SpeechError("storage_full", "The server's storage is full. Ask its operator to free space.")
    with transaction.atomic():
        row, _ = VoiceChoices.objects.select_for_update().get_or_create(**who.owner_fields)
        if favorite is not None:
            row.favorites = [id_ for id_ in row.favorites if id_ != voice] + ([voice] if favorite else [])
            _require(len(row.favorites), MAX_FAVORITES, "favorites_full", "favorite voices")
        if default is not None:
            row.defaults = {key: id_ for key, id_ in row.defaults.items() if key != language and id_ != voice}
            row.defaults |= {language: voice} if default else {}
            _require(len(row.defaults), MAX_DEFAULTS, "defaults_full", "default voices")
        row.save()
        VoiceChoices.objects.filter(user=None, last_used__lt=(timezone.now() - VISITOR_RETENTION).date()).delete()
    return _choices(row)


@transaction.atomic
def merge_visitor(visitor: Identity, account: int) -> None:
    """Move a visitor's choices to the account that was signed in to; the account's own defaults take precedence."""
    was = VoiceChoices.objects.filter(device=visitor.device).first()
    if was is None:
        return
    own = VoiceChoices.objects.filter(user=account).first() or VoiceChoices(user_id=account)
    own.favorites = list(dict.fromkeys([*own.favorites, *was.favorites]))[:MAX_FAVORITES]
    own.defaults = _first({**was.defaults, **own.defaults}.items(), MAX_DEFAULTS)
    own.save()
    was.delete()


def _row(who: Identity) -> VoiceChoices | None:
    return VoiceChoices.objects.filter(**who.owner_fields).first()


def _read(who: Identity) -> Choices:
    row = _row(who)
    return _choices(row) if row else NO_CHOICES


def _choices(row: VoiceChoices) -> Choices:
    return Choices(tuple(row.favorites), dict(row.defaults))


def _first(items: Iterable[tuple[str, str]], count: int) -> dict[str, str]:
    return dict(list(items)[:count])


def _require(count: int, most: int, code: str, what: str) -> None:
    if count > most:
        raise SpeechError(code, f"You can have {most} {what}. Remove one first.", limit=most, value=count)
