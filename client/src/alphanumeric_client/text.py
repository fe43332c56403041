"""Prepares text for speech: removes terminal escape sequences, splits long texts, and coalesces floods of lines."""

import re
import threading
from collections.abc import Callable, Iterator

MAX_LENGTH = 1000
"""Characters of one text that a server accepts by default."""
_ESCAPE = re.compile(
    r"""(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]
    |(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)?
    |\x1b[ -/]*[0-~]""",
    re.VERBOSE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ENDS = (
    re.compile(r"\n\s*\n\s*"),
    re.compile(r"""[.!?…]["'”’)\]]*\s+|\n+"""),
    re.compile(r"[,;:]\s+"),
    re.compile(r"\s+"),
)
"""Where a text may be split, in order of preference."""


def plain(text: str) -> str:
    """Return the text without colors, control characters, and what a carriage return overwrote in its line."""
    text = _ESCAPE.sub("", text).replace("\r\n", "\n")
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    return _CONTROL.sub("", "\n".join(lines)).strip()


def pieces(text: str, limit: int) -> Iterator[str]:
    """Yield the parts of a text, each at most ``limit`` code points long, split at sentences where possible."""
    text = text.strip()
    while len(text) > limit:
        cut = _cut(text, limit)
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def _cut(text: str, limit: int) -> int:
    reach = text[: limit + 1]
    for pattern in _ENDS:
        ends = [match.end() for match in pattern.finditer(reach) if len(reach[: match.end()].rstrip()) <= limit]
        if ends and ends[-1] >= limit * 0.3:
            return ends[-1]
    return limit


class LineBuffer:
    """Lines between a thread that reads and one that speaks: of a flood, it keeps the first lines and a count."""

    def __init__(self, keep: int = 5, length: int = MAX_LENGTH // 2) -> None:
        """Create a buffer of ``keep`` lines; together at most ``length`` characters."""
        self._keep = keep
        self._length = length
        self._lines: list[str] = []
        self._more = 0
        self._ended = False
        self._changed = threading.Condition()

    def put(self, line: str) -> None:
        """Add a line. Lines without text are ignored."""
        line = plain(line)
        if not line:
            return
        with self._changed:
            if self._more or (self._lines and not self._fits(line)):
                self._more += 1
            else:
                self._lines.append(line[: self._length])
            self._changed.notify()

    def _fits(self, line: str) -> bool:
        return len(self._lines) < self._keep and sum(map(len, self._lines)) + len(line) <= self._length

    @property
    def ended(self) -> bool:
        """Whether no line follows."""
        with self._changed:
            return self._ended

    def end(self) -> None:
        """Report that no line follows."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def take(self, gather: Callable[[], None] = lambda: None) -> str | None:
        """Wait for a line, call ``gather``, and return all lines as one text; ``None`` at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._ended)
            if not self._lines:
                return None
        gather()
        with self._changed:
            lines, more = self._lines, self._more
            self._lines, self._more = [], 0
        if more:
            lines.append(f"and {more} more line{'' if more == 1 else 's'}.")
        return "\n".join(lines)

    def fill(self, readline: Callable[[], str]) -> None:
        """Add lines until ``readline`` returns an empty string."""
        try:
            while line := readline():
                self.put(line)
        finally:
            self.end()
