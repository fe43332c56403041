"""How a text is read, as its author or the account asks."""

from dataclasses import dataclass

from synthesis.text.annotation.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What is markup, and which dictionaries apply."""

    ssml: bool = False
    pauses: bool = False
    """Whether ``[pause 1s]`` in plain text is a pause."""
    lexicons: tuple[Lexicon, ...] = ()
    """In order of precedence: the account's, then the operator's."""


AS_WRITTEN = ReadingOptions()
