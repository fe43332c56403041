"""Admin pages of the operator's dictionary, which applies to all texts; those of accounts are private."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from pronunciation.dictionaries import OPERATOR, fields_of, require_place, touch
from pronunciation.forms import EntryForm
from pronunciation.models import Pronunciation
from synthesis.errors import SpeechError


class OperatorEntryForm(EntryForm):
    """An entry of the operator, which is stored as any row of the admin."""

    def clean(self) -> dict[str, Any]:
        """Validate the entry, and that the dictionary has room and no entry for the same phrase."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        try:
            require_place(OPERATOR, self.entry, self.instance.pk)
        except SpeechError as error:
            self.add_speech_error(error)
        return cleaned | fields_of(self.entry)

    def _post_clean(self) -> None:
        """Copy the valid values to the row."""
        for name in self.Meta.fields:
            if name in self.cleaned_data:
                setattr(self.instance, name, self.cleaned_data[name])


@admin.register(Pronunciation)
class PronunciationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Edit the operator's dictionary; changes apply within a second."""

    form = OperatorEntryForm
    fields = OperatorEntryForm.Meta.fields
    list_display = ("phrase", "respelling", "ipa", "language", "voice", "case_sensitive", "whole_word")
    search_fields = ("phrase", "respelling", "ipa")
    list_filter = ("language", "voice")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pronunciation]:
        """Return the operator's entries only."""
        return super().get_queryset(request).filter(dictionary__user=OPERATOR)

    def save_model(self, request: HttpRequest, obj: Pronunciation, form: object, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save the entry in the operator's dictionary."""
        obj.dictionary = touch(OPERATOR)
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Pronunciation) -> None:
        """Delete an entry, and record the change."""
        super().delete_model(request, obj)
        touch(OPERATOR)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Pronunciation]) -> None:
        """Delete several entries, and record the change."""
        super().delete_queryset(request, queryset)
        touch(OPERATOR)
