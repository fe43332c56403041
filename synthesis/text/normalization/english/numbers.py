"""Verbalizes numbers in English."""

import re
import sys
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec
from typing import Any

_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion")
_LIMIT = 10 ** (3 * len(_SCALES))
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_PARTS = {2: "half", 4: "quarter"}
_LARGEST_DENOMINATOR = 1000
INTEGER = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
NUMBER = rf"(?:{INTEGER}(?:\.\d+)?|\.\d+)"
_LONGEST_CARDINAL = 6
_LONGEST_CODE = 7


@cache
def _english() -> Any:
    """Import num2words' English module alone: the package itself imports sixty languages, 4 MB that are never freed."""
    spec = find_spec("num2words")
    if spec is None or "num2words" in sys.modules:
        from num2words import CONVERTER_CLASSES

        return CONVERTER_CLASSES["en"]
    # A bare package during the import of its one language; a later regular import loads all of it.
    sys.modules["num2words"] = module_from_spec(spec)
    try:
        from num2words.lang_EN import Num2Word_EN
    finally:
        del sys.modules["num2words"]
    return Num2Word_EN()


@lru_cache(maxsize=1024)
def _library(value: int, to: str) -> str:
    return str(getattr(_english(), f"to_{to}")(value)).replace("-", " ").replace(",", "")


def cardinal(value: int) -> str:
    """Return ``value`` as words: 42 is ``forty two``. Numbers beyond the named scales are read digit by digit."""
    if value < 0:
        return f"minus {cardinal(-value)}"
    if value < 100:
        # num2words takes 30 us per number: it is called only for the few numbers that compose all others.
        return _library(value, "cardinal")
    if value < 1000:
        hundreds, rest = divmod(value, 100)
        return f"{cardinal(hundreds)} hundred{f' and {cardinal(rest)}' if rest else ''}"
    if value >= _LIMIT:
        return digits(str(value))
    groups: list[str] = []
    for scale in _SCALES:
        value, group = divmod(value, 1000)
        if group:
            linked = "and " if not scale and group < 100 and value else ""
            groups.append(f"{linked}{cardinal(group)} {scale}".rstrip())
        if not value:
            break
    return " ".join(reversed(groups))


def ordinal(value: int) -> str:
    """Return ``value`` as an ordinal: 22 is ``twenty second``."""
    rest = value % 100
    if value >= 100 and rest == 0:
        return f"{cardinal(value)}th"
    head = f"{cardinal(value)} ".removesuffix(f"{cardinal(rest)} ") if value >= 100 else ""
    return head + _library(rest, "ordinal")


def digits(text: str) -> str:
    """Return each digit of ``text`` as a word."""
    return " ".join(_DIGITS[int(char)] for char in text if char.isdigit())


def year(value: int) -> str:
    """Verbalize a year, or a four-digit number read like one: 1905 is ``nineteen oh five``."""
    century, rest = divmod(value, 100)
    if not 1000 <= value <= 2999 or value % 1000 < 10:
        return cardinal(value)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def quantity(text: str) -> str:
    """Verbalize digits of any length: ``int`` raises ``ValueError`` for more than a few thousand."""
    significant = text.lstrip("0")
    if len(significant) > 3 * len(_SCALES):
        return digits(significant)
    return cardinal(int(significant or 0))


def number(text: str) -> str:
    """Verbalize a written number with commas, a decimal point and leading zeros: ``1,234.50``."""
    whole, point, decimals = text.replace(",", "").partition(".")
    if point:
        return f"{quantity(whole)} point {digits(decimals)}" if whole else f"point {digits(decimals)}"
    return integer(whole) if "," not in text else quantity(whole)


def integer(text: str) -> str:
    """Verbalize digits: a quantity if short or round, else single digits, as in a code."""
    if len(text) > 1 and text.startswith("0"):
        return digits(text)
    if len(text) <= _LONGEST_CARDINAL or (len(text) <= 3 * len(_SCALES) and text.endswith("000")):
        return cardinal(int(text))
    return digits(text)


def natural(text: str) -> str:
    """Verbalize an integer in running text: four digits in pairs (1080 is ``ten eighty``)."""
    return year(int(text)) if re.fullmatch(r"1\d{3}|20[1-9]\d|20\d[1-9]", text) else number(text)


def plural(word: str) -> str:
    """Return the plural of a regular English noun."""
    if word.endswith("y") and word[-2] not in "aeo":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch")) else "s")


def fraction(numerator: int, denominator: int) -> str:
    """Verbalize a fraction: ``3/4`` is ``three quarters``, ``12/25`` ``twelve twenty fifths``."""
    if numerator == 0 or not 2 <= denominator <= _LARGEST_DENOMINATOR or numerator > _LARGEST_DENOMINATOR:
        return f"{cardinal(numerator)} over {cardinal(denominator)}"
    part = _PARTS.get(denominator) or ordinal(denominator)
    if numerator == 1:
        return f"one {part}"
    return f"{cardinal(numerator)} {'halves' if denominator == 2 else plural(part)}"
