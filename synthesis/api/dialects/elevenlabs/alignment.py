"""Converts the times of words to those of characters, which ElevenLabs' API reports. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from synthesis.api.captions import SpokenWord


@dataclass(frozen=True, slots=True)
class Character:
    """A code point of the text, and when it sounds, in seconds from the beginning."""

    text: str
    start_s: float
    end_s: float


class CharacterTimes:
    """Returns each character of a growing text once, in order.

    The characters of a word share its time equally, and those between two words share the pause.
    """

    def __init__(self) -> None:
        self._position = 0
        self._end_s = 0.0

    def until(self, text: str, words: Iterable[SpokenWord]) -> list[Character]:
        """Return the characters up to the end of the last of ``words``, which are parts of ``text``, in order."""
        characters: list[Character] = []
        for word in words:
            begin = text.find(word.text, self._position)
            if begin >= 0:
                characters += self._share(text[self._position : begin], word.start_s)
                self._end_s = max(self._end_s, word.start_s)
                characters += self._share(word.text, word.end_s)
        return characters

    def rest(self, text: str, duration_s: float) -> list[Character]:
        """Return the characters behind the last word."""
        return self._share(text[self._position :], duration_s)

    def _share(self, text: str, end_s: float) -> list[Character]:
        end_s = max(self._end_s, end_s)
        step = (end_s - self._end_s) / max(1, len(text))
        times = [self._end_s + step * number for number in range(len(text) + 1)]
        self._position += len(text)
        self._end_s = end_s if text else self._end_s
        return [Character(one, *bounds) for one, bounds in zip(text, pairwise(times), strict=True)]


def alignment(characters: list[Character]) -> dict[str, Any] | None:
    """Return the object of HTTP responses; ``None`` without characters."""
    if not characters:
        return None
    return {
        "characters": [one.text for one in characters],
        "character_start_times_seconds": [round(one.start_s, 3) for one in characters],
        "character_end_times_seconds": [round(one.end_s, 3) for one in characters],
    }


def socket_alignment(characters: list[Character], from_s: float) -> dict[str, Any] | None:
    """Return the object of websocket messages, with times in milliseconds after ``from_s`` seconds."""
    if not characters:
        return None
    starts = [round((one.start_s - from_s) * 1000) for one in characters]
    ends = [round((one.end_s - from_s) * 1000) for one in characters]
    return {
        "chars": [one.text for one in characters],
        "charStartTimesMs": starts,
        "charDurationsMs": [end - start for start, end in zip(starts, ends, strict=True)],
    }
