"""Replaces markup (terminal escapes, Markdown, HTML) with placeholders; the words keep their positions."""

import html
import re
from collections.abc import Callable

from synthesis.text.word_sets import word_set

GONE = "\0"
"""Replaces a removed character; the text on both sides forms one word."""
CUT = "\x1e"
"""Replaces a removed character that ended a sentence (the end of an HTML block)."""

# Possessive quantifiers (``*+``) do not backtrack, which keeps the time linear in the length of the text.
Rule = tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]]

ESCAPE = re.compile(
    r"""(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]                                  # control sequences: colors, cursor
    |(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)  # strings: titles, links
    |\x1b[ -/]*[0-~]                                                      # the short ones""",
    re.VERBOSE,
)
_INLINE = word_set(
    "a abbr b bdi big button cite code data del em font i ins kbd label mark q s samp small span strike strong sub "
    "sup time tt u var"
)
_BLOCK = word_set(
    "article aside audio blockquote body br caption center dd details div dl dt figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 head header hr html iframe img input li link main meta nav ol option p pre section select source "
    "summary svg table tbody td textarea tfoot th thead title tr ul video"
)
_TAG = re.compile(
    rf"""</?({"|".join(sorted(_INLINE | _BLOCK))})
    (?:\s++[A-Za-z_:@][\w:.-]*+(?:\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=]++))?+)*+\s*+/?>""",
    re.VERBOSE | re.IGNORECASE,
)


def _gone(match: re.Match[str]) -> str:
    return GONE * len(match[0])


def _tag(match: re.Match[str]) -> str:
    ends_block = match[1].lower() in _BLOCK
    return (CUT if ends_block else GONE) + GONE * (len(match[0]) - 1)


def _entity(match: re.Match[str]) -> str:
    char = html.unescape(match[0])
    return char.ljust(len(match[0]), GONE) if len(char) == 1 and (char.isprintable() or char == "\xa0") else match[0]


def _text_of_link(match: re.Match[str]) -> str:
    before, after = match.start(1) - match.start(), match.end() - match.end(1)
    return GONE * before + match[1] + GONE * after


def _cells(match: re.Match[str]) -> str:
    row = match[0].rstrip()
    return row[:-1].replace("|", GONE, 1).replace("|", ",") + GONE + match[0][len(row) :]


_TARGET = r"(?=\)|[^()\s]*[/.:#@])(?:[^()\s]|\([^()\s]*\))*"
_RULER = r"^[ \t>]*+(?:[-=*_~#+] ?){3,}+$|^[ \t]*+\|?+(?:[ \t]*+:?-++:?[ \t]*+\|)++[ \t:-]*+$"
_STARS = r"(?<!\d)\*\*+|\*\*+(?!\d)|(?<=[^\s\w*])\*|\*(?=[^\s\w*])|(?<!\S)\*(?=\S)|(?<=\S)\*(?!\S)"
_RULES: tuple[Rule, ...] = (
    ("-->", re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL), _gone),
    ("</", re.compile(r"<(script|style)\b[^<>]*>(?:(?!<\1).)*?</\1\s*>", re.DOTALL | re.IGNORECASE), _gone),
    ("<", _TAG, _tag),
    ("&", re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"), _entity),
    ("![", re.compile(r"!\[([^\[\]\n]*)\]\([^()\n]*\)"), _text_of_link),
    ("](", re.compile(rf"\[([^\[\]\n]*)\]\({_TARGET}(?:\s\"[^\"\n]*\")?\)"), _text_of_link),
    ("][", re.compile(r"(?<![\w\])])\[([^\[\]\n]+)\]\[[^\[\]\n]*\]"), _text_of_link),
    ("[^", re.compile(r"\[\^[\w-]+\]:?"), _gone),
    ("```", re.compile(r"^[ \t]*```[^\n`]*$", re.MULTILINE), _gone),
    ("~~", re.compile(r"^[ \t]*~~~[^\n~]*$|~~", re.MULTILINE), _gone),
    ("", re.compile(_RULER, re.MULTILINE), _gone),
    ("|", re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE), _cells),
    (">", re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE), _gone),
    ("#", re.compile(r"^[ \t]*#{1,6}(?=[ \t])|[ \t]#+[ \t]*$", re.MULTILINE), _gone),
    ("", re.compile(r"^[ \t\0]*(?:[-*+•‣◦▪·–—][ \t]+)(?:\[[ xX]\](?=\s))?", re.MULTILINE), _gone),
    ("`", re.compile(r"`+"), _gone),
    ("*", re.compile(_STARS), _gone),
    ("_", re.compile(r"(?<!\w)_++(?=[^\W_])|(?<=[^\W_])(?:__++|_(?!\w))"), _gone),
    ("\u20e3", re.compile("[0-9#*]\ufe0f?\u20e3"), _gone),
)  # fmt: skip


def strip_markup(text: str) -> str:
    """Return ``text`` with its markup replaced, at the same length, so that positions remain valid."""
    text = ESCAPE.sub(_gone, text)
    for trigger, pattern, replace in _RULES:
        if trigger in text:
            text = pattern.sub(replace, text)
    return text
