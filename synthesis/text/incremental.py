"""Cuts text that arrives in pieces, such as a chat model's tokens, into parts that can be spoken before the rest.

A part is normalized on its own, so it ends only where the normalization of the whole text would not read across:
``$5`` is held until ``.3 billion`` or a space follows, ``25 °`` until the sentence ends, ``**bo`` until ``ld**``. Pure.
"""

import re
from dataclasses import dataclass

from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import pause_after, split_segments

MIN_CLAUSE = 40
"""Characters from which on a part may end with a clause instead of a sentence."""
LONGEST = 600
"""Characters of a part at most; without an end of a sentence or clause, it ends with a word."""
_LOOK_AHEAD = 100
"""Characters after a part that can show whether it ends there."""
THINKING = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_THINKING_BEGUN = re.compile(r"<think>|<(?:t(?:h(?:i(?:n(?:k)?)?)?)?)?\Z", re.IGNORECASE)
# A sentence ends before white space and the first character of the next one, which shows whether "p.m." ends it.
_SENTENCE = re.compile(r"(?:[.!?…。！？]+[\"'”’)\]*_]*\s+|\n\s*\n\s*)(?=\S)|[。！？]")
# A clause ends between two words: a comma may be part of a date or a number.
_CLAUSE = re.compile(r"(?<=[^\W\d_])[,;:]\s+(?=[^\W\d_])|\s[–—-]\s+(?=[^\W\d_])")
_PAIRED = ("**", "__", "`", "~~")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is spoken on its own."""

    text: str
    pause_s: float
    """Seconds of silence at speed 1 between this part and the next one."""


class IncrementalText:
    """Collects pieces, and returns the parts that are complete, in order, of at most ``longest`` characters each."""

    def __init__(self, language: str, *, longest: int = LONGEST, skip_thinking: bool = True) -> None:
        self._language = language
        self._longest = longest
        self._skip_thinking = skip_thinking
        self._held = ""

    @property
    def held(self) -> int:
        """Return the number of characters that wait for more."""
        return len(self._held)

    def append(self, text: str) -> list[Part]:
        """Return the parts that are complete with ``text``.

        Takes milliseconds, in proportion to the held text and ``text``: call it in a thread.
        """
        self._held += text
        parts = []
        while part := self._next():
            parts.append(part)
        return parts

    def flush(self) -> list[Part]:
        """Return everything that is held, except an unfinished thought."""
        parts = self.append("")
        if rest := len(self._speakable()):
            parts.append(self._take(rest, 0.0))
        return parts

    def _next(self) -> Part | None:
        """Remove and return the next part, ``None`` if none is complete."""
        ready = self._speakable()
        seen = ready[: self._longest + _LOOK_AHEAD]
        for pattern, least in ((_SENTENCE, 1), (_CLAUSE, MIN_CLAUSE)):
            ends = [match.end() for match in pattern.finditer(seen) if least <= match.end() <= self._longest]
            for end in reversed(ends):
                pause_s = self._pause_at(seen, end, is_sentence=pattern is _SENTENCE)
                if pause_s is not None:
                    return self._take(end, pause_s)
        if len(ready) > self._longest:
            return self._take(ready.rfind(" ", 0, self._longest) + 1 or self._longest, 0.0)
        return None

    def _speakable(self) -> str:
        """Return the held text up to the beginning of an unfinished thought, and remove finished ones."""
        if not self._skip_thinking or "<" not in self._held:
            return self._held
        self._held = THINKING.sub(" ", self._held)
        begun = _THINKING_BEGUN.search(self._held)
        return self._held[: begun.start()] if begun else self._held

    def _pause_at(self, text: str, end: int, *, is_sentence: bool) -> float | None:
        """Return the pause where the whole text, too, would be cut; ``None`` if a part must not end there."""
        part = text[:end]
        if any(part.count(mark) % 2 for mark in _PAIRED):
            return None
        # By the normalizer, which knows abbreviations, from the longer text.
        words = normalize(text, self._language)
        last = next((word for word in words if word.end == len(part.rstrip())), None)
        if is_sentence and last not in [segment.words[-1] for segment in split_segments(words)]:
            return None
        return pause_after(last) if last is not None else 0.0

    def _take(self, end: int, pause_s: float) -> Part:
        part, self._held = self._held[:end], self._held[end:]
        return Part(part, pause_s)
