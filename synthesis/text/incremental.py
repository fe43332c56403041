"""Cuts text that arrives in pieces, such as a chat model's tokens, into parts that can be spoken before the rest.

A part is normalized on its own, so it ends only where the normalization of the whole text would not read across:
``$5`` is held until ``.3 billion`` or a space follows, ``25 °`` until the sentence ends, ``**bo`` until ``ld**``. Pure.
"""

import re
from dataclasses import dataclass

from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import DEFAULT_PAUSES, Pauses, pause_after, split_segments
from synthesis.text.validation import check_size

MIN_CLAUSE = 40
"""Characters from which on a part may end with a clause instead of a sentence."""
LONGEST = 600
"""Characters of a part at most; without an end of a sentence or clause, it ends with a word."""
_LOOK_AHEAD = 100
"""Characters after a part that can show whether it ends there."""
THINKING = re.compile(r"<think>(.*?)(</think>|\Z)", re.DOTALL | re.IGNORECASE)
"""What reasoning models write before their answer; a block without an end reaches to the end of the text."""
_THINKING_BEGUN = re.compile(r"<think>|<(?:t(?:h(?:i(?:n(?:k)?)?)?)?)?\Z", re.IGNORECASE)
# A sentence ends before white space and the first character of the next one, which shows whether "p.m." ends it.
_SENTENCE = re.compile(r"(?:[.!?…。！？]+[\"'”’)\]*_]*\s+|\n\s*\n\s*)(?=\S)|[。！？]")
# A clause ends between two words: a comma may be part of a date or a number.
_CLAUSE = re.compile(r"(?<=[^\W\d_])[,;:]\s+(?=[^\W\d_])|\s[–—-]\s+(?=[^\W\d_])")
_PAIRED = ("**", "__", "`", "~~")
_END_PREFIX = len("</think")
"""Characters at the end of an unfinished thought that can be the beginning of its end."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is spoken on its own."""

    text: str
    pause_s: float
    """Seconds of silence at speed 1 between this part and the next one."""


class IncrementalText:
    """Collects pieces, and returns the parts that are complete, in order, of at most ``longest`` characters each."""

    def __init__(
        self,
        language: str,
        *,
        longest: int = LONGEST,
        skip_thinking: bool = True,
        pauses: Pauses = DEFAULT_PAUSES,
    ) -> None:
        self._pauses = pauses
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
        if candidates := [*self._ends(seen, _SENTENCE, 1), *self._ends(seen, _CLAUSE, MIN_CLAUSE)]:
            # By the normalizer, which knows abbreviations, from the longer text. Once for all candidates: a text of
            # abbreviations has hundreds.
            words = normalize(seen, self._language)
            spoken = {word.end: word for word in reversed(words)}
            sentence_ends = [segment.words[-1] for segment in split_segments(words)]
            for end, is_sentence in candidates:
                last = spoken.get(len(seen[:end].rstrip()))
                if not is_sentence or last in sentence_ends:
                    return self._take(end, pause_after(last, self._pauses) if last is not None else 0.0)
        if len(ready) > self._longest:
            return self._take(ready.rfind(" ", 0, self._longest) + 1 or self._longest, 0.0)
        return None

    def _speakable(self) -> str:
        """Return the held text up to the beginning of an unfinished thought, and remove thoughts."""
        if not self._skip_thinking or "<" not in self._held:
            return self._held
        self._held = THINKING.sub(_without_thought, self._held)
        begun = _THINKING_BEGUN.search(self._held)
        return self._held[: begun.start()] if begun else self._held

    def _ends(self, text: str, pattern: re.Pattern[str], least: int) -> list[tuple[int, bool]]:
        """Return where ``pattern`` ends a part of at least ``least`` characters, the last first; with whether it
        ends a sentence. A part does not end between paired marks.
        """
        ends = [match.end() for match in pattern.finditer(text) if least <= match.end() <= self._longest]
        is_sentence = pattern is _SENTENCE
        return [
            (end, is_sentence) for end in reversed(ends) if not any(text.count(mark, 0, end) % 2 for mark in _PAIRED)
        ]

    def _take(self, end: int, pause_s: float) -> Part:
        part, self._held = self._held[:end], self._held[end:]
        return Part(part, pause_s)


class WholeDocument:
    """Collects pieces of a document that can be read only as a whole, of at most ``limit`` code points."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = ""

    def append(self, text: str) -> list[Part]:
        """Return nothing. Raises ``TextError`` ``text_too_long``, and then holds nothing."""
        self._held += text
        if len(self._held) > self._limit:
            held, self._held = self._held, ""
            check_size(held, self._limit)
        return []

    def flush(self) -> list[Part]:
        """Return the document."""
        held, self._held = self._held, ""
        return [Part(held, 0.0)] if held.strip() else []


def _without_thought(thought: re.Match[str]) -> str:
    """Return the replacement of a thought. An unfinished one stays, without its content, which can have any length."""
    return " " if thought[2] else f"<think>{thought[1][-_END_PREFIX:]}"
