"""Forms of an entry and of a file of entries."""

from typing import Any

from django import forms

from pronunciation.formats import read_file
from pronunciation.models import Pronunciation, ReadingPreferences
from pronunciation.validation import EntryValidator
from synthesis.errors import SpeechError
from synthesis.models import Voice
from synthesis.text.annotation.lexicon import Entry
from synthesis.text.annotation.reading_options import LENGTHS, SWITCHES, TREATED

MAX_REPORTED = 10
"""Maximum lines of a file that are reported at a time."""


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Fields of an entry; ``entry`` is the valid one."""

    voice = forms.ChoiceField(required=False, help_text="Only for this voice.")

    class Meta:
        """The fields of the model, without its dictionary."""

        model = Pronunciation
        fields = ("phrase", "respelling", "ipa", "language", "voice", "case_sensitive", "whole_word")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voices = Voice.objects.filter(enabled=True).values_list("pk", "name")
        choices = [("", "all voices"), *voices]
        own = self.instance.voice
        if own and own not in dict(choices):
            choices.append((own, f"{own} (not installed)"))
        self.fields["voice"].choices = choices  # type: ignore[attr-defined]  # of a ChoiceField
        for name, field in self.fields.items():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
            if name in {"phrase", "respelling", "ipa"}:
                field.widget.attrs["autocapitalize"] = "none"

    entry: Entry

    def clean(self) -> dict[str, Any]:
        """Validate the entry as a whole; errors belong to the field that they name."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            self.entry = EntryValidator().valid(
                Entry(
                    cleaned["phrase"],
                    cleaned["respelling"],
                    cleaned["ipa"],
                    cleaned["language"],
                    cleaned["voice"],
                    case_sensitive=cleaned["case_sensitive"],
                    whole_word=cleaned["whole_word"],
                )
            )
        except SpeechError as error:
            self.add_speech_error(error)
        return cleaned

    def add_speech_error(self, error: SpeechError) -> None:
        """Add an error to the field that it names."""
        name = error.param if error.param in self.fields else None
        self.add_error(name, forms.ValidationError(error.message, code=error.code))

    def _post_clean(self) -> None:
        """Leave the instance as it is: ``dictionaries.save_entry`` stores the entry and checks the constraints."""


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """How the account's texts are read."""

    class Meta:
        """All fields but the account."""

        model = ReadingPreferences
        fields = (*TREATED, *LENGTHS, *SWITCHES)


class ImportForm(forms.Form):
    """A CSV or PLS file; ``entries`` are its valid entries."""

    file = forms.FileField(help_text="CSV or PLS, UTF-8, up to 500 KB.")
    entries: list[Entry]

    def clean_file(self) -> Any:
        """Read and validate all entries; an error names its line, and then none is imported."""
        uploaded = self.cleaned_data["file"]
        try:
            found = read_file(uploaded.read())
        except SpeechError as error:
            raise forms.ValidationError(error.message, code=error.code) from None
        self.entries, errors = [], []
        validator = EntryValidator()
        for each in found:
            try:
                self.entries.append(validator.valid(each.entry))
            except SpeechError as error:
                errors.append(forms.ValidationError(f"Line {each.line}: {error.message}", code=error.code))
                if len(errors) >= MAX_REPORTED:
                    break
        if errors:
            raise forms.ValidationError(errors)
        return uploaded
