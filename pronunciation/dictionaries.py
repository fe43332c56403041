"""Reads and changes dictionaries. Each change increments the version of its dictionary."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import F, Q, QuerySet

from core.limits.disk_quota import data_dir_quota
from pronunciation.models import Dictionary, Pronunciation, ReadingPreferences
from synthesis.errors import SpeechError
from synthesis.text.annotation.lexicon import MAX_ENTRIES, Entry

BATCH = 500
"""Rows of one statement."""
OPERATOR = None
"""The owner of the operator's dictionary."""


def entries_of(owner: User | None, search: str = "") -> QuerySet[Pronunciation]:
    """Return the entries of an owner, whose phrase or pronunciation contains ``search``."""
    rows = Pronunciation.objects.filter(dictionary__user=owner)
    if search:
        rows = rows.filter(Q(phrase__icontains=search) | Q(respelling__icontains=search) | Q(ipa__icontains=search))
    return rows


def save_entry(owner: User | None, entry: Entry, pk: int | None = None) -> Pronunciation:
    """Add a valid entry, or replace the owner's entry ``pk``.

    Raises ``SpeechError`` ``dictionary_full``, ``entry_duplicate``, ``entry_unknown``, or ``storage_full``.
    """
    require_space()
    with transaction.atomic():
        dictionary = touch(owner)
        if pk is not None and not entries_of(owner).filter(pk=pk).exists():
            raise SpeechError("entry_unknown", "This entry was deleted in the meantime.")
        require_place(owner, entry, pk)
        row = Pronunciation(pk=pk, dictionary=dictionary, **fields_of(entry))
        row.save(force_update=pk is not None)
        return row


def require_place(owner: User | None, entry: Entry, pk: int | None = None) -> None:
    """Check that the dictionary has room, and no entry for the same phrase, except ``pk``.

    Raises ``SpeechError`` ``dictionary_full`` or ``entry_duplicate``.
    """
    others = entries_of(owner) if pk is None else entries_of(owner).exclude(pk=pk)
    if others.filter(**_key(entry)).exists():
        message = "There is an entry for this phrase, language and voice. Edit that one."
        raise SpeechError("entry_duplicate", message, param="phrase")
    _require_room(others.count() + 1)


def same_entry(owner: User | None, entry: Entry) -> int | None:
    """Return the key of the owner's entry for the same phrase, language, voice and case; ``None`` without one."""
    return entries_of(owner).filter(**_key(entry)).values_list("pk", flat=True).first()


def delete_entry(owner: User | None, pk: int) -> str:
    """Delete an entry of the owner; return its phrase, empty if there is none."""
    with transaction.atomic():
        row = entries_of(owner).filter(pk=pk).first()
        if row is None:
            return ""
        row.delete()
        touch(owner)
        return row.phrase


def delete_all(owner: User | None) -> int:
    """Delete all entries of the owner, and return their number."""
    with transaction.atomic():
        count, _ = entries_of(owner).delete()
        touch(owner)
        return count


def import_entries(owner: User | None, entries: Sequence[Entry]) -> int:
    """Add valid entries; they replace those with the same phrase, language, voice and case. Returns their number.

    Raises ``SpeechError`` ``dictionary_full`` or ``storage_full``, and then changes nothing.
    """
    require_space()
    new = {tuple(_key(entry).values()): entry for entry in entries}
    with transaction.atomic():
        dictionary = touch(owner)
        rows = Pronunciation.objects.filter(dictionary=dictionary)
        known = rows.values_list("phrase", "language", "voice", "case_sensitive", "pk")
        replaced = [pk for *key, pk in known if tuple(key) in new]
        _require_room(len(known) - len(replaced) + len(new))
        for start in range(0, len(replaced), BATCH):
            rows.filter(pk__in=replaced[start : start + BATCH]).delete()
        Pronunciation.objects.bulk_create(
            (Pronunciation(dictionary=dictionary, **fields_of(entry)) for entry in new.values()), batch_size=BATCH
        )
    return len(new)


@transaction.atomic
def touch(owner: User | None) -> Dictionary:
    """Increment the version of the owner's dictionary, made if necessary, and return it."""
    dictionary, _ = Dictionary.objects.get_or_create(user=owner)
    Dictionary.objects.filter(pk=dictionary.pk).update(version=F("version") + 1)
    return dictionary


def fields_of(entry: Entry) -> dict[str, Any]:
    """Return the fields of the row of an entry."""
    return {
        "phrase": entry.phrase,
        "respelling": entry.respelling,
        "ipa": entry.phonemes,
        "language": entry.language,
        "voice": entry.voice,
        "case_sensitive": entry.case_sensitive,
        "whole_word": entry.whole_word,
    }


def export_entries(user: User | AnonymousUser) -> list[dict[str, Any]]:
    """Return the account's entries for the export of its data."""
    return [fields_of(row.entry) for row in entries_of(user)] if isinstance(user, User) else []


def export_preferences(user: User | AnonymousUser) -> dict[str, Any]:
    """Return the account's reading preferences that differ from the defaults, for the export of its data."""
    row = ReadingPreferences.objects.filter(user=user).first() if isinstance(user, User) else None
    return row.choices if row is not None else {}


def require_space() -> None:
    """Raise ``SpeechError`` ``storage_full`` if no new data may be stored."""
    if not data_dir_quota().has_space():
        raise SpeechError("storage_full", "The server's storage is full. Ask its operator to free space.")


def _require_room(count: int) -> None:
    if count > MAX_ENTRIES:
        message = f"A dictionary has at most {MAX_ENTRIES:,} entries. Delete some that are no longer needed."
        raise SpeechError("dictionary_full", message, limit=MAX_ENTRIES, value=count)


def _key(entry: Entry) -> dict[str, Any]:
    return {
        "phrase": entry.phrase,
        "language": entry.language,
        "voice": entry.voice,
        "case_sensitive": entry.case_sensitive,
    }
