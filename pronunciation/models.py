"""Pronunciation dictionaries and their entries."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce

from synthesis.text.annotation.ipa import MAX_LENGTH as MAX_IPA
from synthesis.text.annotation.lexicon import MAX_PHRASE, MAX_RESPELLING, Entry
from synthesis.text.annotation.reading_options import AS_WRITTEN, CHOICES, MAX_PAUSE_S, TREATED, Treatment


class Dictionary(models.Model):
    """The dictionary of an account, or the operator's, which applies to all texts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="pronunciation_dictionary",
    )
    version = models.PositiveBigIntegerField(default=0)
    """Incremented by each change; serving processes read the entries again when it has changed."""

    class Meta:
        verbose_name_plural = "dictionaries"
        constraints: ClassVar = [
            # An empty user is the operator, who has one dictionary, too.
            models.UniqueConstraint(Coalesce("user", 0), name="one_dictionary_per_owner"),
        ]

    def __str__(self) -> str:
        return str(self.user or "operator")


_TREATMENTS = [(Treatment.READ, "read"), (Treatment.SKIP, "skip"), (Treatment.ANNOUNCE, "announce")]
_SECONDS = (MinValueValidator(0), MaxValueValidator(MAX_PAUSE_S))


def _treatment(label: str, default: Treatment, help_text: str) -> models.CharField:  # type: ignore[type-arg]  # not subscriptable at run time
    return models.CharField(label, max_length=8, choices=_TREATMENTS, default=default, help_text=help_text)


class ReadingPreferences(models.Model):
    """How the texts of an account are read."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="reading_preferences"
    )
    code = _treatment("blocks of code", AS_WRITTEN.code, "Between lines of ``` in Markdown.")
    urls = _treatment("web addresses", AS_WRITTEN.urls, "Announce: the name of the site.")
    tables = _treatment("tables", AS_WRITTEN.tables, "Tables of Markdown.")
    emoji = _treatment("emoji", AS_WRITTEN.emoji, "Read: their names, in English.")
    thinking = _treatment("thoughts of models", AS_WRITTEN.thinking, "Between <think> and </think>.")
    sentence_pause_s = models.FloatField(
        "pause between sentences", default=AS_WRITTEN.sentence_pause_s, validators=_SECONDS, help_text="Seconds."
    )
    paragraph_pause_s = models.FloatField(
        "pause between paragraphs", default=AS_WRITTEN.paragraph_pause_s, validators=_SECONDS, help_text="Seconds."
    )
    lead_in_s = models.FloatField(
        "silence before a text",
        default=AS_WRITTEN.lead_in_s,
        validators=_SECONDS,
        help_text="Seconds, for Bluetooth speakers that cut off the first word.",
    )
    pauses = models.BooleanField("pauses in plain text", default=False, help_text="[pause 1s] is a pause.")
    languages = models.BooleanField(
        "sentences in other languages",
        null=True,
        blank=True,
        choices=[
            (None, "as usual on this server"),
            (True, "spoken by a voice of their language"),
            (False, "spoken by the chosen voice"),
        ],
        help_text="If a voice of that language is installed.",
    )

    class Meta:
        verbose_name_plural = "reading preferences"

    def __str__(self) -> str:
        return str(self.user)

    @property
    def choices(self) -> dict[str, Any]:
        """Return the fields of ``ReadingOptions`` that differ from the defaults, or from the server's."""
        values = {name: getattr(self, name) for name in sorted(CHOICES)}
        values |= {name: Treatment(values[name]) for name in TREATED}
        languages = values.pop("languages")
        chosen = {} if languages is None else {"languages": languages}
        return chosen | {name: value for name, value in values.items() if value != getattr(AS_WRITTEN, name)}


class Pronunciation(models.Model):
    """A phrase and how it is said: by a respelling or by IPA."""

    dictionary = models.ForeignKey(Dictionary, on_delete=models.CASCADE, related_name="entries")
    phrase = models.CharField(max_length=MAX_PHRASE, help_text="The word or words, as they are written.")
    respelling = models.CharField(
        max_length=MAX_RESPELLING, blank=True, help_text="How it would be written by its sound, such as ack-me."
    )
    ipa = models.CharField(
        "IPA", max_length=MAX_IPA, blank=True, help_text="Or its phonemes in the International Phonetic Alphabet."
    )
    language = models.CharField(
        max_length=35, blank=True, help_text="Only in texts of this language, such as en or de-CH. Empty: in all."
    )
    voice = models.CharField(max_length=100, blank=True, help_text="Only for the voice with this id. Empty: for all.")
    case_sensitive = models.BooleanField("case-sensitive", default=False)
    whole_word = models.BooleanField("whole words only", default=True)

    class Meta:
        ordering: ClassVar = ["phrase", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dictionary", "phrase", "language", "voice", "case_sensitive"], name="one_entry_per_phrase"
            ),
            models.CheckConstraint(
                condition=models.Q(respelling="") ^ models.Q(ipa=""), name="either_respelling_or_ipa"
            ),
        ]

    def __str__(self) -> str:
        return self.phrase

    @property
    def entry(self) -> Entry:
        """Return the entry as speech synthesis uses it."""
        return Entry(
            self.phrase,
            self.respelling,
            self.ipa,
            self.language,
            self.voice,
            case_sensitive=self.case_sensitive,
            whole_word=self.whole_word,
        )
