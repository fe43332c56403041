"""Explains how a text is read: the class and the spoken form of each written word, and the phonemes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synthesis.phonemes.espeak import find_voice
from synthesis.phonemes.phonemizer import phonemize
from synthesis.text.normalizer import normalize
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

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready data."""
        return {
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


_espeak_voice = lru_cache(maxsize=64)(find_voice)


def explain(text: str, language: str) -> Explanation:
    """Return how ``text`` is read in ``language``, a tag such as ``de-DE``. Takes milliseconds: not for the event loop.

    Raises ``VoiceError`` ``language_unsupported`` if espeak-ng has no voice for the language.
    """
    voice = _espeak_voice(language.replace("_", "-").lower())
    words: list[ExplainedWord] = []
    phonemes: list[str] = []
    for segment in split_segments(normalize(text, language)):
        last = segment.words[-1]
        words += [
            ExplainedWord(word.start, word.end, word.semiotic_class, word.spoken, word.punctuation, word is last)
            for word in segment.words
        ]
        phonemes.append("".join(phonemize(segment, voice).symbols))
    return Explanation(tuple(words), " ".join(filter(None, phonemes)))
