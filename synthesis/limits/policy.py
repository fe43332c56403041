"""How much one person may ask for. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any
from unicodedata import category

PUNCTUATION = ".,!?;:'\"()-"
"""What a text needs to be spoken with its pauses."""
CHARACTERS_PER_SECOND = 15
"""Of ordinary English at speed 1: one counted character is a fifteenth of a second of sound."""
_SPOKEN_AS = {"Nd": 4, "Nl": 8, "No": 8, "Sc": 3, "Sm": 3, "So": 3}
"""Ordinary characters that sound as long as one of that Unicode category: 990 digits make 253 s of sound."""


def estimated_characters(text: str, speed: float) -> float:
    """Return about how many ordinary characters at speed 1 sound as long as ``text`` at ``speed``. Linear in time."""
    return sum(_SPOKEN_AS.get(category(character), 1) for character in text) / speed


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """The limits in force for somebody."""

    requests_per_minute: int = 100
    """Texts to speak in a minute."""
    characters_per_minute: int = 10_000
    """Characters of ordinary text at speed 1 to speak in a minute, over all texts; counted by their sound."""
    max_text_length: int = 1000
    """Characters of one text."""
    max_queue_length: int = 32
    """Utterances of one tab that wait or speak."""
    max_concurrent_utterances: int = 16
    """Utterances in the making at once, over all tabs."""
    max_connections: int = 256
    """Tabs open at once."""
    allowed_symbols: str = ""
    """Characters that a text may have besides letters, digits and white space; empty: all that can be read aloud."""
    max_cached_segments: int = 500
    """Phrases that are kept because they came more than once."""
    memory_mb: int = 0
    """Megabytes that the process may take before new work of theirs is refused; 0: as many as it may take at all."""
    timeout_s: int = 30
    """Seconds that any one step of making an utterance may take."""
    max_buffer_ahead_s: float = 5.0
    """Seconds that the server makes ahead of what a tab has played."""
    min_speed: float = 0.25
    max_speed: float = 4.0

    @property
    def frame_bytes(self) -> int:
        """Bytes of one control frame: a whole theme fits, and a text at its limit, every character of it escaped."""
        return max(16 * 1024, 4096 + 12 * self.max_text_length)


DEFAULT_POLICY = LimitPolicy()
"""What holds where nobody has said anything else."""


def merge_policies(policies: Iterable[LimitPolicy]) -> LimitPolicy:
    """What somebody may who belongs to several groups: of each limit the largest. ``DEFAULT_POLICY`` where there is
    none.
    """
    given = list(policies)
    if not given:
        return DEFAULT_POLICY
    return LimitPolicy(
        **{
            field.name: _merge(field.name, [getattr(policy, field.name) for policy in given])
            for field in fields(LimitPolicy)
        }
    )


def _merge(name: str, values: list[Any]) -> Any:
    match name:
        case "min_speed":
            return min(values)
        # Of these two, where one of the groups says nothing, nothing is forbidden.
        case "allowed_symbols":
            return "".join(sorted(set("".join(values)))) if all(values) else ""
        case "memory_mb":
            return max(values) if all(values) else 0
        case _:
            return max(values)
