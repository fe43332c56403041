"""Explains how a text is read: the class and the spoken form of each written word, and the phonemes."""

from dataclasses import dataclass
from typing import Any

from synthesis.phonemes.espeak import espeak_voice_of
from synthesis.phonemes.phonemizer import phonemize
from synthesis.text.annotation.reader import read_text
from synthesis.text.annotation.reading_options import AS_WRITTEN, ReadingOptions
from synthesis.text.segmentation import split_segments


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
class Explanation:
    """How a text is read."""

    words: tuple[ExplainedWord, ...]
    phonemes: str
    """IPA of all segments, separated by single spaces; empty if the text has no sound."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready data."""
        return {"words": [word.to_dict() for word in self.words], "phonemes": self.phonemes}


def explain(text: str, language: str, options: ReadingOptions = AS_WRITTEN, voice_id: str = "") -> Explanation:
    """Return how ``text`` is read in ``language``, a tag such as ``de-DE``. Takes milliseconds: not for the event loop.

    ``voice_id`` selects the dictionary entries for a voice.
    Raises ``VoiceError`` ``language_unsupported`` if espeak-ng has no voice for the language, and ``TextError`` for
    malformed SSML.
    """
    voice = espeak_voice_of(language)
    words: list[ExplainedWord] = []
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
        own = espeak_voice_of(segment.style.language) if segment.style.language else voice
        phonemes.append("".join(phonemize(segment, own).symbols))
    return Explanation(tuple(words), " ".join(filter(None, phonemes)))
