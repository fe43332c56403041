"""Pronunciations, pauses, and parts of plain text that are not read as written.

``[[ipa]]``, ``[word](/ipa/)`` and ``[pause 1s]``; blocks of code, tables, web addresses, emoji and ``<think>`` blocks
by the options. Takes time linear in the length of the text.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain

from synthesis.text.annotation.annotated_text import NO_SOURCE, AnnotatedText, Builder
from synthesis.text.annotation.ipa import MAX_LENGTH, decomposed, is_transcription
from synthesis.text.annotation.reading_options import ReadingOptions, Treatment
from synthesis.text.annotation.ssml import parse_pause
from synthesis.text.incremental import THINKING
from synthesis.text.normalization.languages import primary

# The text of a link with an address has no IPA: see ``is_transcription``.
_INLINE = re.compile(
    rf"\[\[(?P<alone>[^\[\]\n]{{1,{MAX_LENGTH}}})\]\]"
    rf"|\[(?P<word>[^\[\]\n]{{1,100}})\]\(/(?P<ipa>[^()/\n]{{1,{MAX_LENGTH}}})/\)"
    r"|\[pause[ :](?P<pause>[^\[\]\n]{1,12})\]"
)
_LINE = re.compile(r"[^\n]*\n?")
_FENCE = re.compile(r"[ \t]{0,3}(```+|~~~+)")
_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*")
_URL = re.compile(r"(?<![\w@/])(?:https?|ftp)://(?:[^\s/@<>()\[\]]{0,80}@)?([^\s/:?#<>()\[\]]{1,253})[^\s<>()\[\]]*")
_TRAILING = ".,;:!?\"'"
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u231b\u23e9-\u23f3])"
    "(?:[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d[\U0001f300-\U0001faff\u2600-\u27bf])*"
)
_MODIFIERS = re.compile("[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d.?")
_PARAGRAPH = "\n\n"


@dataclass(frozen=True, slots=True)
class _Cut:
    """A range of the source that is not read as written."""

    start: int
    end: int
    text: str
    phonemes: str = ""
    pause_s: float | None = None


def parse_inline(source: str, options: ReadingOptions, language: str) -> AnnotatedText | None:
    """Return ``source`` with its inline annotations and treated parts, ``None`` if it has neither.

    ``[pause 1s]`` is one only by the options. IPA needs a symbol outside ASCII, so that ``[[Home]]`` of a wiki and
    links to ``/docs/`` remain text.
    """
    cuts = sorted(_cuts(source, options, language), key=lambda cut: (cut.start, -cut.end))
    if not cuts:
        return None
    builder = Builder(source)
    done = 0
    for cut in cuts:
        if cut.start < done:
            continue
        builder.keep(done, cut.start)
        if cut.pause_s is not None:
            builder.pause(cut.pause_s)
        builder.replace(cut.start, cut.end, cut.text, phonemes=cut.phonemes)
        done = cut.end
    builder.keep(done, len(source))
    return builder.build()


def _cuts(source: str, options: ReadingOptions, language: str) -> Iterator[_Cut]:
    finders: list[Iterator[_Cut]] = []
    if "[" in source:
        finders.append(_annotations(source, pauses=options.pauses))
    if options.treats_parts:
        say = _announcements(primary(language))
        if options.thinking != Treatment.READ and "<" in source:
            finders.append(_thoughts(source, _instead(say, options.thinking, "thinking")))
        if options.code != Treatment.READ:
            finders.append(_code(source, _instead(say, options.code, "code")))
        if options.tables != Treatment.READ and "|" in source:
            finders.append(_tables(source, _instead(say, options.tables, "table")))
        if options.urls != Treatment.READ and "://" in source:
            finders.append(_urls(source, say("url") if options.urls == Treatment.ANNOUNCE else ""))
        if options.emoji != Treatment.SKIP and not source.isascii():
            finders.append(
                _emoji(source, say("emoji"), read=options.emoji == Treatment.READ and primary(language) == "en")
            )
    return chain.from_iterable(finders)


def _instead(say: Callable[[str], str], treatment: Treatment, part: str) -> str:
    """Return the text of a paragraph instead of a part."""
    said = say(part) if treatment == Treatment.ANNOUNCE else ""
    return f"{_PARAGRAPH}{said}.{_PARAGRAPH}" if said else _PARAGRAPH


def _annotations(source: str, *, pauses: bool) -> Iterator[_Cut]:
    for match in _INLINE.finditer(source):
        ipa = match["alone"] or match["ipa"]
        if match["pause"]:
            seconds = parse_pause(match["pause"]) if pauses else None
            if seconds is not None:
                yield _Cut(match.start(), match.end(), " ", pause_s=seconds)
        elif is_transcription(ipa):
            phonemes = decomposed(ipa)
            if match["word"]:
                # The brackets have no text: punctuation after them belongs to the word.
                start, end = match.span("word")
                yield _Cut(match.start(), start, "")
                yield _Cut(start, end, match["word"], phonemes)
                yield _Cut(end, match.end(), "")
            else:
                yield _Cut(match.start(), match.end(), NO_SOURCE, phonemes)


def _thoughts(source: str, instead: str) -> Iterator[_Cut]:
    for match in THINKING.finditer(source):
        yield _Cut(match.start(), match.end(), instead)


def _code(source: str, instead: str) -> Iterator[_Cut]:
    """Find fenced blocks of code; one without an end reaches to the end of the text."""
    if "```" not in source and "~~~" not in source:
        return
    start, fence = -1, ""
    for line in _LINE.finditer(source):
        found = _FENCE.match(line[0])
        if found is None:
            continue
        if start < 0:
            start, fence = line.start(), found[1]
        elif found[1].startswith(fence) and not line[0][found.end() :].strip():
            yield _Cut(start, line.end(), instead)
            start = -1
    if start >= 0:
        yield _Cut(start, len(source), instead)


def _tables(source: str, instead: str) -> Iterator[_Cut]:
    """Find two or more rows of a table in a row."""
    start, end, rows = 0, 0, 0
    for line in _LINE.finditer(source):
        if _ROW.fullmatch(line[0].rstrip("\n")):
            start, end, rows = (start if rows else line.start()), line.end(), rows + 1
            continue
        if rows > 1:
            yield _Cut(start, end, instead)
        rows = 0
    if rows > 1:
        yield _Cut(start, end, instead)


def _urls(source: str, link: str) -> Iterator[_Cut]:
    for match in _URL.finditer(source):
        address = match[0].rstrip(_TRAILING)
        text = f"{link} {match[1].rstrip(_TRAILING)}" if link else " "
        yield _Cut(match.start(), match.start() + len(address), text)


def _emoji(source: str, announcement: str, *, read: bool) -> Iterator[_Cut]:
    """Find emoji; their names are known in English only, other languages announce them."""
    for match in _EMOJI.finditer(source):
        name = _name(match[0]) if read else ""
        said = name or announcement
        if said:
            yield _Cut(match.start(), match.end(), f" {said} ")


def _name(emoji: str) -> str:
    """Return the English name of an emoji: the one of its first symbol, which is the base of a sequence."""
    symbols = _MODIFIERS.sub("", emoji)
    return unicodedata.name(symbols[:1], "").lower().replace("-", " ")


def _announcements(language: str) -> Callable[[str], str]:
    """Return a function from a part to its announcement, which is empty in languages without a table."""
    table = _table().get(language, {})
    return lambda part: table.get(part, "")


@cache
def _table() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("announcements.toml").read_text("utf-8")
    return tomllib.loads(text)
