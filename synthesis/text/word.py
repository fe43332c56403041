"""A written word with its spoken form, as passed between all stages from text to audio."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How a range of text is spoken; the defaults are those of the request."""

    language: str = ""
    """BCP 47 tag of the text; empty: the voice's language."""
    voice: str = ""
    """Id of the voice; empty: the request's voice."""
    rate: float = 1.0
    """Factor of the request's speed."""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Annotation:
    """What markup or the pronunciation dictionary says about a word."""

    phonemes: str = ""
    """IPA (NFD) that replaces the phonemes of the spoken form; empty: espeak-ng's."""
    style: Style = PLAIN
    pause_s: float | None = None
    """Seconds of silence after the word at speed 1; ``None``: by punctuation."""
    lead_s: float = 0.0
    """Seconds of silence before the word at speed 1; only before the first word."""
    marks: tuple[str, ...] = ()
    """Names of the marks before the word."""
    marks_after: tuple[str, ...] = ()
    """Names of the marks between the word and the pause after it."""


NOT_ANNOTATED = Annotation()


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
    annotation: Annotation = NOT_ANNOTATED
