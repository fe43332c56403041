"""One written word and how it is said: what every stage between text and sound passes on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A written word, its reading, and what comes after it."""

    spoken: str
    """What is said: words with single spaces between them, of letters and apostrophes (such as ``twelve oh five``)."""
    start: int
    """Where the written word begins in the original text, in code points."""
    end: int
    """Where it ends (not included)."""
    punctuation: str = ""
    """The punctuation heard after it: one of ``, ; : . ! ? ...`` or nothing."""
    ends_paragraph: bool = False
    """Whether a paragraph ends with it."""
