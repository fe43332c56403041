"""A written word with its spoken form, as passed between all stages from text to audio."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A written word, its spoken form, and the punctuation that follows."""

    spoken: str
    """Spoken form: words separated by single spaces, of letters and apostrophes (such as ``twelve oh five``)."""
    start: int
    """Start of the written word in the original text, in code points."""
    end: int
    """End of the written word (exclusive), in code points."""
    punctuation: str = ""
    """Punctuation that affects the pause after the word: one of ``, ; : . ! ? ...`` or empty."""
    ends_paragraph: bool = False
    """Whether the word ends a paragraph."""
    semiotic_class: str = "word"
    """What the classifier took the written word for: ``cardinal``, ``date``, ``money`` ... (``semiotics.Class``)."""
