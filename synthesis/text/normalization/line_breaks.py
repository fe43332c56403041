"""Which line ends are ends of sentences: those of lists, headings, logs and verse, not those of wrapped prose."""

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
"""Lines of prose are wrapped later than this; shorter ones that all begin afresh are verse, addresses or messages."""


def _deliberate(block: Sequence[str]) -> bool:
    """Whether every line of a block without blank lines begins something new."""
    if any(line.lstrip()[:1].islower() for line in block):
        return False
    return all(len(line) < SHORT for line in block[:-1]) or all(_LOG.match(line.lstrip()) for line in block)


def _blocks(lines: Sequence[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    """Runs of lines that are neither blank nor items."""
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
    """The ends of the lines of code between fences."""
    ends, inside = set(), False
    for line, end in lines:
        inside ^= line.lstrip().startswith("```")
        if inside:
            ends.add(end)
    return ends


def sentence_ends(text: str) -> frozenset[int]:
    """The positions of the line ends that end a sentence."""
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
