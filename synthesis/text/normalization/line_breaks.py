"""Detects which line breaks end sentences: those of lists, headings, logs and verse, but not of wrapped prose."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

_LINE = re.compile(r"(.*?)(\r\n|[\n\r\u2028\u2029]|$)", re.DOTALL)
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+")
_ITEM = re.compile(
    r"""[ \t]*(?:
    [-*+•‣◦▪·–—][ \t] | \d{1,3}[.)][ \t] | \[[ xX]\][ \t]     # list items
    | \#{1,6}[ \t] | \| | ``` | ~~~ | </?(?:h\d|li|p|div|tr|br|ul|ol|table)\b  # headings, tables, code, HTML
    | [-=*_~\#+]{3,}[ \t]*$)""",
    re.VERBOSE | re.IGNORECASE,
)
_LOG = re.compile(r"\[|\d{2,4}[-:/]\d\d|[A-Z]{4,}[: ]|[\w./-]+:\d+|[$>%#] ")
SHORT = 60
"""Prose is wrapped at longer lines; shorter lines that all start with a capital are verse, addresses or messages."""


def _deliberate(block: Sequence[str]) -> bool:
    """Return whether each line of a block without blank lines starts a new sentence."""
    if any(line.lstrip()[:1].islower() for line in block):
        return False
    return all(len(line) < SHORT for line in block[:-1]) or all(_LOG.match(line.lstrip()) for line in block)


def _blocks(lines: Sequence[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    """Yield runs of lines that are neither blank nor list items."""
    block: list[tuple[str, int]] = []
    for line, end in lines:
        if line.strip() and not _ITEM.match(line):
            block.append((line, end))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _fenced(lines: Sequence[tuple[str, int]]) -> set[int]:
    """Yield the line breaks inside fenced code blocks."""
    ends, inside = set(), False
    for line, end in lines:
        inside ^= line.lstrip().startswith("```")
        if inside:
            ends.add(end)
    return ends


def sentence_ends(text: str) -> frozenset[int]:
    """Return the positions of the line breaks that end a sentence."""
    if "\n" not in text and "\r" not in text and "\u2028" not in text:
        return frozenset()
    lines = [(_QUOTE.sub("", match[1]), match.end(1)) for match in _LINE.finditer(text)]
    ends = _fenced(lines)
    for (line, end), (below, _) in pairwise([*lines, ("", 0)]):
        if _ITEM.match(below) or (_ITEM.match(line) and not below.startswith(("  ", "\t"))):
            ends.add(end)
    for block in _blocks(lines):
        if len(block) > 1 and _deliberate([line for line, _ in block]):
            ends.update(end for _, end in block)
    return frozenset(ends)
