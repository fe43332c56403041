"""Checks and reads the text of a request. Takes milliseconds, in worker threads."""

from dataclasses import dataclass, replace
from functools import partial

from synthesis.errors import TextError, VoiceError
from synthesis.limits.policy import DEFAULT_POLICY, LimitPolicy
from synthesis.phonemes.espeak import espeak_voice_of
from synthesis.pipeline.request import SpeechRequest
from synthesis.text.annotation.annotated_text import AnnotatedText
from synthesis.text.annotation.reader import MAX_VOICES, annotate, read_annotated
from synthesis.text.normalizer import normalize
from synthesis.text.validation import check_characters, check_size, check_spoken
from synthesis.text.word import Word


@dataclass(frozen=True, slots=True)
class Transcription:
    """IPA of a text: the id of the voice that says it, and its position in the text."""

    phonemes: str
    voice_id: str
    position: int


@dataclass(frozen=True, slots=True)
class VoiceNeeds:
    """What a text asks of voices, to be checked when they are loaded."""

    transcriptions: tuple[Transcription, ...] = ()
    voice_ids: tuple[str, ...] = ()
    """Voices that the text names besides the request's."""


NOTHING_NEEDED = VoiceNeeds()


def read_words(request: SpeechRequest) -> list[Word]:
    """Return the words of a request whose text was checked, with the ids of the voices that it names."""
    annotated = _annotated(request)
    language, lead_in_s = request.voice.language, request.reading.lead_in_s
    words = normalize(request.text, language) if annotated is None else read_annotated(annotated, language)
    if words and lead_in_s:
        annotation = words[0].annotation
        words[0] = replace(words[0], annotation=replace(annotation, lead_s=annotation.lead_s + lead_in_s))
    return words


def check_content(request: SpeechRequest, policy: LimitPolicy = DEFAULT_POLICY) -> VoiceNeeds:
    """Check that the voice can speak the text; return what is left to be checked with loaded voices.

    Takes milliseconds: never call it on the event loop. Raises ``TextError`` as ``check_text`` and ``parse_ssml``,
    and ``VoiceError`` ``language_unsupported`` or ``voice_unknown``.
    """
    language, symbols = request.voice.language, policy.allowed_symbols
    check_size(request.text, policy.max_text_length)
    check_characters(request.text)
    annotated = _annotated(request)
    if annotated is None:
        check_spoken(request.text, language=language, symbols=symbols)
        return NOTHING_NEEDED
    _check_annotated(annotated, language, symbols)
    if request.reading.ssml:
        for own in {piece.style.language for piece in annotated.pieces} - {""}:
            espeak_voice_of(own)
    return _needs(annotated, request)


def _annotated(request: SpeechRequest) -> AnnotatedText | None:
    return annotate(
        request.text, request.voice.language, request.reading, request.voice.id, partial(_voice_id, request)
    )


def _voice_id(request: SpeechRequest, name: str, _position: int) -> str:
    """Return the id of a voice that the text names. Raises ``VoiceError``."""
    return request.catalog.find(request.catalog.resolve(name)).id


def _check_annotated(text: AnnotatedText, language: str, symbols: str) -> None:
    """Check what is read. Raises ``TextError`` with the position in the source."""
    silent: TextError | None = None
    spoken = False
    for own, offset, run in text.language_runs():
        try:
            if run.strip():
                check_spoken(run, language=own or language, symbols=symbols)
                spoken = True
        except TextError as error:
            if error.code != "text_unspeakable":
                if "position" in error.details:
                    error.details["position"] = text.source_start(offset + error.details["position"])
                raise
            silent = error
    if not spoken:
        message = "The text contains only symbols. Write at least one letter or number."
        raise silent or TextError("text_unspeakable", message, param="text")


def _needs(text: AnnotatedText, request: SpeechRequest) -> VoiceNeeds:
    transcriptions = tuple(
        Transcription(piece.phonemes, piece.style.voice or request.voice.id, piece.start)
        for piece in text.pieces
        # A dictionary applies to all voices: a voice omits phonemes that it does not have, so that speech continues.
        if piece.phonemes and not piece.by_dictionary
    )
    voices = {piece.style.voice for piece in text.pieces} - {"", request.voice.id}
    if len(voices) > MAX_VOICES:
        message = f"A text may name {MAX_VOICES} voices besides its own. Send several texts."
        raise VoiceError("voices_too_many", message, param="text", limit=MAX_VOICES, value=len(voices))
    return VoiceNeeds(transcriptions, tuple(sorted(voices)))
