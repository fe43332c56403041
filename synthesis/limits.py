"""How much one request may ask for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits in force."""

    text: int = 1000
    """Characters of one text."""
    queue: int = 32
    """Utterances of one tab that wait or speak."""
    ahead_s: float = 5.0
    """Seconds that the server makes ahead of what a tab has played."""
    frame_bytes: int = 16 * 1024
    """Bytes of one control frame: a text at its limit fits, every character of it escaped."""
    slowest: float = 0.25
    fastest: float = 4.0


POLICY = Policy()
