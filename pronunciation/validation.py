"""Validates dictionary entries, before they are stored or heard."""

import re
import unicodedata
from dataclasses import replace
from functools import cache

from synthesis import runtime
from synthesis.errors import SpeechError, TextError
from synthesis.models import Voice
from synthesis.phonemes.transcription import require_symbols
from synthesis.text.annotation.ipa import MAX_LENGTH as MAX_IPA
from synthesis.text.annotation.ipa import decomposed
from synthesis.text.annotation.lexicon import MAX_PHRASE, MAX_RESPELLING, Entry
from synthesis.text.validation import check_text
from synthesis.voice_files.manifest import VoiceManifest

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_DEFAULT_LANGUAGE = "en-US"


class EntryValidator:
    """Validates the entries of a form or of a file; reads each voice from the database and the disk once."""

    def __init__(self) -> None:
        self._voice = cache(_find_voice)
        self._manifest = cache(_read_manifest)

    def valid(self, entry: Entry) -> Entry:
        """Return ``entry`` in the form that is stored: trimmed, IPA decomposed.

        The IPA must consist of phonemes of the entry's voice, or of the default voice. Reads the database. Raises
        ``SpeechError`` ``entry_phrase``, ``entry_empty``, ``entry_ambiguous``, ``entry_language``, ``voice_unknown``,
        ``phonemes_unknown`` or the errors of ``check_text`` for the respelling; ``param`` is the field.
        """
        entry = replace(
            entry,
            phrase=" ".join(unicodedata.normalize("NFC", entry.phrase).split()),
            respelling=" ".join(entry.respelling.split()),
            phonemes=decomposed(entry.phonemes),
            language=entry.language.strip().replace("_", "-"),
            voice=entry.voice.strip(),
        )
        _check_phrase(entry.phrase)
        if not entry.respelling and not entry.phonemes:
            message = "Write how the phrase is said: a respelling, or IPA."
            raise SpeechError("entry_empty", message, param="respelling")
        if entry.respelling and entry.phonemes:
            message = "Write either a respelling or IPA, and leave the other one empty."
            raise SpeechError("entry_ambiguous", message, param="ipa")
        if entry.language and not _LANGUAGE.fullmatch(entry.language):
            raise SpeechError("entry_language", "Write a language tag, such as en or de-CH.", param="language")
        voice = self._voice(entry.voice)
        if entry.phonemes:
            _check_phonemes(entry.phonemes, self._manifest(voice.pk) if voice is not None else None)
        else:
            _check_respelling(entry, voice)
        return entry


def _check_phrase(phrase: str) -> None:
    if not any(char.isalnum() or unicodedata.category(char)[0] == "S" for char in phrase):
        raise SpeechError("entry_phrase", "The phrase needs a letter, a digit or a symbol.", param="phrase")
    if len(phrase) > MAX_PHRASE:
        raise SpeechError("entry_phrase", f"A phrase has at most {MAX_PHRASE} characters.", param="phrase")


def _find_voice(voice_id: str) -> Voice | None:
    """Return the voice of an entry, or the default voice. Raises ``SpeechError`` ``voice_unknown``."""
    if not voice_id:
        return Voice.objects.filter(default=True).first()
    voice = Voice.objects.filter(pk=voice_id).first()
    if voice is None:
        choices = list(Voice.objects.values_list("pk", flat=True))
        message = f"There is no voice {voice_id[:40]}. Installed voices: {', '.join(choices) or 'none yet'}."
        raise SpeechError("voice_unknown", message, param="voice", choices=choices)
    return voice


def _read_manifest(voice_id: str) -> VoiceManifest | None:
    return runtime.get_runtime().voices.manifest(voice_id)


def _check_phonemes(phonemes: str, manifest: VoiceManifest | None) -> None:
    """Check IPA; a voice that was trained on letters says the written word."""
    if len(phonemes) > MAX_IPA:
        raise SpeechError("phonemes_unknown", f"IPA has at most {MAX_IPA} symbols.", param="ipa")
    if manifest is None or not manifest.espeak_voice:
        return
    try:
        require_symbols(phonemes, manifest.phoneme_ids)
    except TextError as error:
        raise SpeechError(error.code, error.message, param="ipa", value=error.details["value"]) from None


def _check_respelling(entry: Entry, voice: Voice | None) -> None:
    if len(entry.respelling) > MAX_RESPELLING:
        raise SpeechError("text_too_long", f"A respelling has at most {MAX_RESPELLING} characters.", param="respelling")
    language = entry.language or (voice.language if voice is not None else _DEFAULT_LANGUAGE)
    try:
        check_text(entry.respelling, language=language, limit=MAX_RESPELLING)
    except TextError as error:
        raise SpeechError(error.code, error.message, param="respelling") from None
