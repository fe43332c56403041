"""Pronunciation dictionaries and their entries."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from synthesis.text.annotation.ipa import MAX_LENGTH as MAX_IPA
from synthesis.text.annotation.lexicon import MAX_PHRASE, MAX_RESPELLING, Entry


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
