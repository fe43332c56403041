"""How much one person may ask for. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

PUNCTUATION = ".,!?;:'\"()-"
"""What a text needs to be spoken with its pauses."""
CHARACTERS_A_SECOND = 15
"""Of English, spoken at its natural speed: for telling people what a limit means."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits in force for somebody."""

    requests: int = 100
    """Texts to speak in a minute."""
    characters: int = 10_000
    """Characters to speak in a minute, over all texts."""
    text: int = 1000
    """Characters of one text."""
    queue: int = 32
    """Utterances of one tab that wait or speak."""
    utterances: int = 16
    """Utterances in the making at once, over all tabs."""
    sockets: int = 256
    """Tabs open at once."""
    symbols: str = ""
    """Characters that a text may have besides letters, digits and white space; empty: all that can be read aloud."""
    phrases: int = 500
    """Phrases that are kept because they came more than once."""
    memory_mb: int = 0
    """Megabytes that the process may take before new work of theirs is refused; 0: as many as it may take at all."""
    timeout_s: int = 30
    """Seconds that any one step of making an utterance may take."""
    ahead_s: float = 5.0
    """Seconds that the server makes ahead of what a tab has played."""
    slowest: float = 0.25
    fastest: float = 4.0

    @property
    def frame_bytes(self) -> int:
        """Bytes of one control frame: a whole theme fits, and a text at its limit, every character of it escaped."""
        return max(16 * 1024, 4096 + 12 * self.text)


POLICY = Policy()
"""What holds where nobody has said anything else."""


def most_generous(policies: Iterable[Policy]) -> Policy:
    """What somebody may who belongs to several groups: of each limit the largest. ``POLICY`` where there is none."""
    given = list(policies)
    if not given:
        return POLICY
    return Policy(
        **{field.name: _most(field.name, [getattr(policy, field.name) for policy in given]) for field in fields(Policy)}
    )


def _most(name: str, values: list[Any]) -> Any:
    match name:
        case "slowest":
            return min(values)
        # Of these two, where one of the groups says nothing, nothing is forbidden.
        case "symbols":
            return "".join(sorted(set("".join(values)))) if all(values) else ""
        case "memory_mb":
            return max(values) if all(values) else 0
        case _:
            return max(values)
