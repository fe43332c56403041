"""Detects which line breaks end sentences: those of lists, headings, logs and verse, but not of wrapped prose."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from synthesis.text.word_sets import word_set

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
"""Prose is wrapped at longer lines; shorter lines are verse, addresses, messages, lists or code."""
_JOINING = word_set(
    "a an the and or but nor so of on in to at by for from with as is are was were be been has have had do does did "
    "will would can could may might must shall should that which who whose this these those than then if when where "
    "while because not no it its their his her our your my into over under out up down off about also only just very "
    "more most all both each und oder der die das den dem ein eine ist sind war mit von zu im am auf für nicht es que "
    "de la el y o en los las un una con por para et le les des du une est dans pour il e di che per non"
)
"""Words that begin or end a line of wrapped prose, in several languages."""
_WORD = re.compile(r"[^\W\d_]+")
_WRAPPED = 36
"""Shorter lines that go on in small letters are lists; longer ones are prose that was wrapped, unless they are code."""
_CODE = re.compile(r"[=(){}\[\]<>|;\\/]|^\s*\S+:")
_KEY = re.compile(r"[\w.-]+:(?=\s)")
_SAMPLE = 40
"""Characters at each end of a line that are searched for its first and last word."""


def _continues(line: str, below: str) -> bool:
    """Return whether ``below`` continues the sentence of ``line``: by its first word, or by the last of ``line``."""
    start, end = below.strip()[:_SAMPLE], line.rstrip()[-_SAMPLE:]
    if not start[:1].islower() or _KEY.match(start):
        return False
    if len(line.strip()) >= _WRAPPED and not _CODE.search(line[:SHORT]) and not _CODE.search(below[:SHORT]):
        return True
    first, last = _WORD.match(start), _WORD.findall(end)
    if end[-1:] in {",", "-", "–"} or (end[-1:].isalpha() and last and last[-1].lower() in _JOINING):
        return True
    return bool(first and first[0].lower() in _JOINING)


def _ends_in(block: Sequence[tuple[str, int]]) -> Iterator[int]:
    """Yield the line breaks of a block without blank lines that start a new sentence."""
    texts = [line for line, _ in block]
    if all(_LOG.match(line.lstrip()) for line in texts):
        yield from (end for _, end in block)
    elif all(len(line) < SHORT for line in texts[:-1]):
        yield from (end for (line, end), (below, _) in pairwise(block) if not _continues(line, below))


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
        if len(block) > 1:
            ends.update(_ends_in(block))
    return frozenset(ends)
