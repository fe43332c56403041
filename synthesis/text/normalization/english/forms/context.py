"""What the rules of English forms share: their context, common parts of their patterns, and units.

Each rule has a class and a pattern on a window (a word and those that follow it). The function of a rule
returns the spoken words, or ``None`` if the values or the context say that it is something else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from synthesis.text.normalization.english import dates, numbers
from synthesis.text.normalization.english.numbers import cardinal
from synthesis.text.normalization.semiotics import Class
from synthesis.text.normalization.tables import read_table
from synthesis.text.word_sets import word_set

TABLE = read_table("en")
UNITS: dict[str, list[str]] = TABLE["units"]
DECADE_BEFORE = word_set("the early late mid ' her his their my your our")
COUNTING = word_set("and or to the a of in at on for with by is was were are as than from but not if when while per")


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a form."""

    previous: str
    """The word before in lower case, without punctuation; empty at the start of a sentence."""
    before: str
    """The word before that."""
    country: str
    address: bool
    """Whether a street was named shortly before."""


Verbalizer = Callable[[re.Match[str], Context], str | None]


@dataclass(frozen=True, slots=True)
class Form:
    """A rule: a class, a pattern, and how a match is said."""

    semiotic_class: Class
    pattern: re.Pattern[str]
    say: Verbalizer


@dataclass(frozen=True, slots=True)
class Said:
    """The result of a rule."""

    semiotic_class: Class
    length: int
    spoken: str


NUM = (
    r"(?:\d{1,9},\d{1,2}(?![\d,])|\d{1,3}(?:\.\d{3}){1,5},\d{1,2}(?!\d)|\d{1,3}(?:,\d{2,3}){0,6},\d{3}(?!\d)"
    r"|\d{1,25})(?:\.\d{1,25})?|\.\d{1,25}"
)
END = r"(?![^\W_]|[.,:]\d|[-–/]\d)"
DASH = r"(?: ?[-–—] ?| to )"


_EUROPEAN = re.compile(r"\d{1,9},\d{1,2}|\d{1,3}(?:\.\d{3}){1,5},\d{1,2}")


def plain(text: str) -> str:
    """Return a number with European separators (1.000,50 or 7,5) with English ones."""
    return text.replace(".", "").replace(",", ".") if _EUROPEAN.fullmatch(text) else text


def number(text: str) -> str:
    """Verbalize a written number, whatever its separators are."""
    return numbers.number(plain(text))


def alternatives(words: object) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))  # type: ignore[call-overload]


_NEXT_WORD = re.compile(r" ([A-Za-z']{1,20})")


def following(match: re.Match[str]) -> str:
    """Return the word directly after a match, in lower case; empty if there is punctuation before it, or none."""
    after = _NEXT_WORD.match(match.string, match.end())
    return after[1].lower() if after else ""


def signed(sign: str | None) -> str:
    return {
        "-": "minus ",
        "–": "minus ",
        "+": "plus ",
        "±": "plus or minus ",
        "~": "about ",
        "<": "less than ",
        ">": "more than ",
    }.get(sign or "", "")


def noun_for(forms: list[str], value: str) -> str:
    return forms[0] if value.replace(",", "") in {"1", "1.0"} and value == "1" else forms[1]


def in_pairs(text: str) -> str:
    """Return a number as it is said in names: 8601 is "eighty six oh one", 747 is "seven forty seven"."""
    if len(text) == 4 and text[1:3] == "00":
        return number(text)
    if len(text) == 3 and text[1:] != "00":
        return f"{cardinal(int(text[0]))} {dates.short_year(text[1:])}"
    if len(text) == 4 and text[1:] != "000":
        head = cardinal(int(text[:2]))
        return f"{head} {dates.short_year(text[2:])}"
    if len(text) == 5 and text[2:] != "000" and text[2:].endswith("00"):
        return f"{cardinal(int(text[:2]))} {cardinal(int(text[2]))} hundred"
    return number(text)


UNIT = rf"(?P<unit>{alternatives(UNITS)})"
SIGN = r"(?P<sign>[-+±~<>]|–(?=\d))?"
VALUE = rf"(?P<value>{NUM})"
UNTIL = rf"(?:{DASH}(?P<until>{NUM}))?"


def form(semiotic_class: Class, pattern: str, say: Verbalizer, *, end: str = END) -> Form:
    return Form(semiotic_class, re.compile(pattern + end), say)
