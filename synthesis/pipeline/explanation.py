"""Explains how a text is read: the class and the spoken form of each written word, and the phonemes."""

from dataclasses import asdict, dataclass
from typing import Any

from synthesis.errors import VoiceError
from synthesis.phonemes.espeak import espeak_voice_of
from synthesis.phonemes.phonemizer import phonemize
from synthesis.text.annotation.reader import read_text
from synthesis.text.annotation.reading_options import AS_WRITTEN, ReadingOptions
from synthesis.text.segmentation import Segment, split_segments


@dataclass(frozen=True, slots=True)
class ExplainedWord:
    """A written word and how it is read."""

    start: int
    """Start of the written word in the text, in code points."""
    end: int
    """End of the written word (exclusive), in code points."""
    semiotic_class: str
    spoken: str
    punctuation: str
    segment_end: bool
    """Whether the segment, usually a sentence, ends after the word."""
    phonemes: str = ""
    """IPA that markup or a dictionary gives the word; empty if espeak-ng pronounces it."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready data."""
        given = {"phonemes": self.phonemes} if self.phonemes else {}
        return {
            **given,
            "start": self.start,
            "end": self.end,
            "class": self.semiotic_class,
            "spoken": self.spoken,
            "punctuation": self.punctuation,
            "segment_end": self.segment_end,
        }


@dataclass(frozen=True, slots=True)
class ExplainedSegment:
    """A range of the text that is spoken at once, usually a sentence."""

    start: int
    """Start in the text, in code points."""
    end: int
    """End in the text (exclusive), in code points."""
    language: str
    """BCP 47 tag of the language by whose rules it is read."""
    voice: str
    """Id of the voice that speaks it; empty if no voice was named."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a text is read."""

    words: tuple[ExplainedWord, ...]
    segments: tuple[ExplainedSegment, ...]
    phonemes: str
    """IPA of all segments, separated by single spaces; empty if the text has no sound."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready data."""
        words, segments = [word.to_dict() for word in self.words], [asdict(each) for each in self.segments]
        return {"words": words, "segments": segments, "phonemes": self.phonemes}


def explain(text: str, language: str, options: ReadingOptions = AS_WRITTEN, voice_id: str = "") -> Explanation:
    """Return how ``text`` is read in ``language``, a tag such as ``de-DE``. Takes milliseconds: not for the event loop.

    ``voice_id`` selects the dictionary entries for a voice.
    Raises ``VoiceError`` ``language_unsupported`` if espeak-ng has no voice for the language, and ``TextError`` for
    malformed SSML.
    """
    espeak_voice_of(language)
    words: list[ExplainedWord] = []
    segments: list[ExplainedSegment] = []
    phonemes: list[str] = []
    for segment in split_segments(read_text(text, language, options, voice_id), options.segment_pauses):
        last = segment.words[-1]
        words += [
            ExplainedWord(
                word.start,
                word.end,
                word.semiotic_class,
                word.spoken,
                word.punctuation,
                word is last,
                word.annotation.phonemes,
            )
            for word in segment.words
        ]
        own = segment.style.language or language
        segments.append(ExplainedSegment(segment.words[0].start, last.end, own, segment.style.voice or voice_id))
        phonemes.append(_phonemes(segment, own))
    return Explanation(tuple(words), tuple(segments), " ".join(filter(None, phonemes)))


def _phonemes(segment: Segment, language: str) -> str:
    """Return the IPA of a segment; empty in a language of a voice that was trained on letters, which needs none."""
    try:
        voice = espeak_voice_of(language)
    except VoiceError:
        return ""
    return "".join(phonemize(segment, voice).symbols)
