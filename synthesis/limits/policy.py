"""Limit policies and the estimate of speech duration in characters. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any
from unicodedata import category

from core.limits import registry

PUNCTUATION = ".,!?;:'\"()-"
"""The smallest useful set of symbols: the punctuation that determines pauses."""
CHARACTERS_PER_SECOND = 15
"""Characters per second of ordinary English speech at speed 1."""
API_ACCESS = ("none", "local", "all")
"""Visitors that may use the HTTP API without a token, fewest first: none, programs on this machine, all."""
_SPOKEN_AS = {"Nd": 4, "Nl": 8, "No": 8, "Sc": 3, "Sm": 3, "So": 3}
"""Duration of a character as a multiple of an ordinary one, by Unicode category: 990 digits last 253 s."""


def estimated_characters(text: str, speed: float) -> float:
    """Return the number of ordinary characters at speed 1 that last as long as ``text`` at ``speed``.

    Takes time linear in the length of the text: 30 ms per million characters, on the event loop.
    """
    counts = Counter(text)
    return sum(_SPOKEN_AS.get(category(character), 1) * count for character, count in counts.items()) / speed


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """The limits that apply to one client."""

    requests_per_minute: int = registry.REQUESTS_PER_MINUTE.default
    """Maximum texts per minute."""
    characters_per_minute: int = registry.CHARACTERS_PER_MINUTE.default
    """Maximum characters per minute over all texts, counted by their duration at speed 1."""
    max_text_length: int = registry.MAX_TEXT_LENGTH.default
    """Maximum characters per text."""
    max_queue_length: int = registry.MAX_QUEUE_LENGTH.default
    """Maximum queued and playing utterances per tab."""
    max_concurrent_utterances: int = registry.MAX_CONCURRENT_UTTERANCES.default
    """Maximum concurrent utterances across all tabs."""
    max_connections: int = registry.MAX_CONNECTIONS.default
    """Maximum open tabs."""
    allowed_symbols: str = ""
    """Symbols allowed in a text besides letters, digits and white space; empty allows every symbol with a spoken form.
    """
    max_cached_segments: int = registry.MAX_CACHED_SEGMENTS.default
    """Maximum cached segments."""
    memory_mb: int = registry.MEMORY_MB.default
    """Process memory in MB above which new requests are rejected; 0 applies only the process limit."""
    timeout_s: int = registry.TIMEOUT_S.default
    """Timeout of each synthesis step, in seconds."""
    api_access: str = "local"
    """Visitors that may use the HTTP API, one of ``API_ACCESS``; accounts always may, with a token."""
    max_buffer_ahead_s: float = registry.MAX_BUFFER_AHEAD_S.default
    """Seconds of audio that the server synthesizes ahead of a tab's playback position."""
    min_speed: float = 0.25
    max_speed: float = 4.0

    @property
    def frame_bytes(self) -> int:
        """Return the maximum bytes of a control frame: a theme, or a text at its limit with every character escaped."""
        return max(16 * 1024, 4096 + 12 * self.max_text_length)


DEFAULT_POLICY = LimitPolicy()
"""The limits where the database has none."""


def merge_policies(policies: Iterable[LimitPolicy]) -> LimitPolicy:
    """Return the largest value of each limit over several groups, or ``DEFAULT_POLICY`` for no groups."""
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
        # For these two limits, 0 or empty means unrestricted, which is the largest value.
        case "allowed_symbols":
            return "".join(sorted(set("".join(values)))) if all(values) else ""
        case "api_access":
            return max(values, key=API_ACCESS.index)
        case "memory_mb":
            return max(values) if all(values) else 0
        case _:
            return max(values)
