"""How a text is read, as its author or the account asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.limits import registry
from synthesis.errors import SpeechError
from synthesis.text.annotation.lexicon import Lexicon
from synthesis.text.annotation.other_languages import LanguageVoice
from synthesis.text.segmentation import DEFAULT_PAUSES, Pauses


class Treatment(StrEnum):
    """What is done with a part of a text."""

    READ = "read"
    SKIP = "skip"
    ANNOUNCE = "announce"


MAX_PAUSE_S = registry.MAX_PAUSE_S.default


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What is markup, how parts of a text are treated, and which dictionaries apply."""

    ssml: bool = False
    pauses: bool = False
    """Whether ``[pause 1s]`` in plain text is a pause."""
    code: Treatment = Treatment.READ
    """Blocks of code between fences."""
    urls: Treatment = Treatment.READ
    tables: Treatment = Treatment.READ
    """Tables of Markdown."""
    emoji: Treatment = Treatment.SKIP
    thinking: Treatment = Treatment.READ
    """``<think>`` blocks of reasoning models."""
    sentence_pause_s: float = DEFAULT_PAUSES.sentence_s
    """Seconds at speed 1."""
    paragraph_pause_s: float = DEFAULT_PAUSES.paragraph_s
    lead_in_s: float = 0.0
    """Seconds of silence before the first word, for devices that cut off the beginning of audio."""
    languages: bool = False
    """Whether sentences in other languages are spoken by voices that speak them."""
    voices: tuple[LanguageVoice, ...] = ()
    """These voices; empty unless ``languages``."""
    lexicons: tuple[Lexicon, ...] = ()
    """In order of precedence: the account's, then the operator's."""

    @property
    def segment_pauses(self) -> Pauses:
        """Return the pauses between sentences and paragraphs."""
        return Pauses(self.sentence_pause_s, self.paragraph_pause_s)

    @property
    def treats_parts(self) -> bool:
        """Return whether any part is treated otherwise than usual."""
        read, skip = Treatment.READ, Treatment.SKIP
        return (self.code, self.urls, self.tables, self.emoji, self.thinking) != (read, read, read, skip, read)


AS_WRITTEN = ReadingOptions()
TREATED = ("code", "urls", "tables", "emoji", "thinking")
LENGTHS = ("sentence_pause_s", "paragraph_pause_s", "lead_in_s")
SWITCHES = ("pauses", "languages")
CHOICES = frozenset((*TREATED, *LENGTHS, *SWITCHES))
"""Options that clients and accounts may set."""


def valid_choices(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Return options that a client sent, ``None`` left out. Raises ``SpeechError`` ``reading_invalid``."""
    valid: dict[str, Any] = {}
    for name, value in choices.items():
        if name not in CHOICES:
            raise _invalid(name, f"There is no option {name[:40]}.")
        if value is not None:
            valid[name] = _valid_choice(name, value)
    return valid


def _valid_choice(name: str, value: Any) -> Any:
    if name in SWITCHES:
        if not isinstance(value, bool):
            raise _invalid(name, f"{name} must be true or false.")
        return value
    if name in LENGTHS:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_PAUSE_S:
            raise _invalid(name, f"{name} must be a number of seconds from 0 to {MAX_PAUSE_S}.")
        return float(value)
    if not isinstance(value, str) or value not in list(Treatment):
        raise _invalid(name, f"{name} must be one of: {', '.join(Treatment)}.")
    return Treatment(value)


def _invalid(name: str, message: str) -> SpeechError:
    return SpeechError("reading_invalid", message, param=f"reading.{name[:40]}", choices=sorted(CHOICES))
