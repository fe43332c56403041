"""Verbalizes single written English words, with the most specific rules first."""

import re
from collections.abc import Callable
from functools import lru_cache, partial

from synthesis.text.normalization.english import abbreviations, dates, quantities, spelling, urls_and_paths
from synthesis.text.normalization.english.numbers import (
    INTEGER,
    NUMBER,
    cardinal,
    digits,
    fraction,
    natural,
    number,
    ordinal,
    quantity,
    year,
)
from synthesis.text.normalization.semiotics import Class

Verbalizer = tuple[Class, re.Pattern[str], Callable[[re.Match[str]], str | None]]

_CAREFUL = re.compile(r"[\d/@.:#$%&+=<>~^|\\_\[\](){}*?!,;\"`-]|[^\x00-\x7fÀ-ÖØ-öø-ÿŒœ]")
_ORDINAL = re.compile(r"(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:st|nd|rd|th)", re.IGNORECASE)
_VERSION = re.compile(r"(?:v(?:er(?:sion)?)?\.?)(\d+(?:\.\d+)*)", re.IGNORECASE)
_DOTTED = re.compile(r"\d+(?:\.\d+){2,}")
_SIGNED = re.compile(rf"([-+~±])({NUMBER})")
_COMPARED = re.compile(r"(->|=>|[<>=!~]=|[<>=≥≤≈~±+@§©√→−-])(?=[\w.$£€(\[])(.+)")
_FRACTION = re.compile(r"(\d{1,4})/(\d{1,4})")
_MIXED = re.compile(r"(\d+) (\d{1,2})/(\d{1,2})")
_PHONE = re.compile(r"(?:\+?\d{1,3}[-. ])?(?:\(\d{3}\)[-. ]?|\d{3}[-. ])?\d{3}[-.]\d{4}|\+\d[\d-]{5,}")
_NUMBERED = re.compile(rf"#({INTEGER})")
_HASHTAG = re.compile(r"#([^\W\d]\w*)")
_BY = re.compile(r"(\d+(?:\.\d+)?)[x×](\d+(?:\.\d+)?)(?:[x×](\d+))?")
_PRODUCT = re.compile(rf"({NUMBER})\*({NUMBER})")
_RANGE = re.compile(r"([$£€~]?\d[\d.,:/]*(?:[kKM]|[aApP][mM])?)(?:-|–|—)([$£€]?\d[\d.,:/]*)([^\W\d]+(?:/s)?|%|°[CF]?)?")
_HEX = re.compile(r"0[xX]([0-9a-fA-F]+)")
_SCIENTIFIC = re.compile(rf"([-+]?)({NUMBER})[eE]([-+]?)(\d+)")
_POWER = re.compile(r"([^^]*[^\W_])((?:\^-?\d+)+)")
_VARIABLES = re.compile("[b-df-hj-np-tv-xz]{2,3}")
"""Several variables that are multiplied, as in mc²."""
_BASE = 4
_CACHED = 100
"""Maximum characters of a cached word: longer ones would fill the memory."""


def _version(match: re.Match[str]) -> str:
    return f"version {_points(match[1])}"


def _points(text: str) -> str:
    return " point ".join(cardinal(int(part)) if len(part) < _BASE else natural(part) for part in text.split("."))


def _compared(match: re.Match[str]) -> str:
    sign, rest = match.groups()
    if sign in "-−":
        return f"{'minus' if rest[0].isdigit() else 'dash'} {_say(rest)}"
    if sign == "@" and "_" in rest:
        return f"at {' underscore '.join(map(spelling.verbalize_parts, rest.split('_')))}"
    return f"{'about' if '~' in sign else spelling.SYMBOLS[sign]} {_say(rest)}"


def _phone(match: re.Match[str]) -> str:
    plus = "plus " if match[0].startswith("+") else ""
    return plus + digits(match[0])


def _in_pairs(text: str) -> str:
    return cardinal(int(text)) if text[1:] == "00" else f"{cardinal(int(text[0]))} {dates.short_year(text[1:])}"


def _range(match: re.Match[str]) -> str | None:
    first, second, suffix = match[1], match[2].rstrip(".,:/"), match[3] or ""
    both_years = dates.YEAR.fullmatch(first) and dates.YEAR.fullmatch(second)
    if both_years and not suffix:
        return f"{year(int(first))} to {year(int(second))}"
    if first.isdecimal() and second.isdecimal() and len(first) == len(second) == _BASE - 1 and first > second:
        # A range does not fall: "747-400" is a model, "110-104" a result.
        return " ".join(_in_pairs(side) for side in (first, second))
    if first[0] in quantities.SIGNS and second[0].isdigit():
        return f"{_say(first[1:])} to {_say(first[0] + second)}"
    return f"{_say(first)} to {_say(second + suffix)}"


def _power(match: re.Match[str]) -> str | None:
    powers = " ".join(map(spelling.power, match[2].split("^")[1:]))
    if spelling.is_formula(match[1]):
        return None
    base = spelling.spell(match[1]) if _VARIABLES.fullmatch(match[1]) else _say(match[1])
    return f"{base} {powers}"


def _scientific(match: re.Match[str]) -> str:
    minus = "minus " if match[3] == "-" else ""
    return f"{quantities.signed(match[1])}{number(match[2])} times ten to the power of {minus}{quantity(match[4])}"


def _mixed(match: re.Match[str]) -> str:
    part = fraction(int(match[2]), int(match[3]))
    return f"{quantity(match[1])} and {part.replace('one ', 'a ', 1)}"


def _fraction(match: re.Match[str]) -> str:
    return fraction(int(match[1]), int(match[2]))


def _by(match: re.Match[str]) -> str:
    return " by ".join(natural(side) if side.isdecimal() else number(side) for side in match.groups() if side)


def _with_digits(*, day_first: bool) -> tuple[Verbalizer, ...]:
    return (
        (Class.CARDINAL, re.compile(NUMBER), lambda m: number(m[0])),
        (Class.MONEY, quantities.MONEY, quantities.money),
        (Class.MONEY, quantities.MONEY_AFTER, quantities.money_after),
        (Class.MEASURE, quantities.PERCENT, quantities.percent),
        (Class.ORDINAL, _ORDINAL, lambda m: ordinal(int(m[1].replace(",", "")))),
        (Class.TIME, dates.TIME, dates.time),
        (Class.TIME, dates.HOUR, dates.hour),
        (Class.SCORE, dates.RATIO, dates.ratio),
        (Class.DATE, dates.ISO, dates.iso),
        (Class.DATE, dates.NUMERIC, partial(dates.numeric, day_first=day_first)),
        (Class.DATE, dates.DECADE, dates.decade),
        (Class.FRACTION, _FRACTION, _fraction),
        (Class.FRACTION, _MIXED, _mixed),
        (Class.ELECTRONIC, urls_and_paths.ADDRESS, urls_and_paths.address),
        (Class.VERSION, _VERSION, _version),
        (Class.VERSION, _DOTTED, lambda m: _points(m[0])),
        (Class.CARDINAL, _NUMBERED, lambda m: f"number {number(m[1])}"),
        (Class.TELEPHONE, _PHONE, _phone),
        (Class.CARDINAL, _SIGNED, lambda m: quantities.signed(m[1]) + number(m[2])),
        (Class.CARDINAL, quantities.SHORT, quantities.short),
        (Class.MEASURE, quantities.MEASURE, quantities.measure),
        (Class.RANGE, _RANGE, _range),
        (Class.MEASURE, _BY, _by),
        (Class.FORMULA, _PRODUCT, lambda m: f"{number(m[1])} times {number(m[2])}"),
        (Class.SERIAL, _HEX, lambda m: f"hex {spelling.spell_code(m[1], 16)}"),
        (Class.DECIMAL, _SCIENTIFIC, _scientific),
        (Class.SERIAL, urls_and_paths.HASH, urls_and_paths.hashed),
    )


_ALWAYS: tuple[Verbalizer, ...] = (
    (Class.ELECTRONIC, _HASHTAG, lambda m: f"hashtag {spelling.verbalize_parts(m[1])}"),
    (Class.DATE, dates.NAMES, dates.names),
    (Class.ELECTRONIC, urls_and_paths.URL, urls_and_paths.url),
    (Class.ELECTRONIC, urls_and_paths.EMAIL, urls_and_paths.email),
    (Class.ELECTRONIC, urls_and_paths.REMOTE, urls_and_paths.remote),
    (Class.ELECTRONIC, urls_and_paths.HOST, urls_and_paths.host),
    (Class.ELECTRONIC, urls_and_paths.LOCAL, urls_and_paths.host),
    (Class.ELECTRONIC, urls_and_paths.FILE, urls_and_paths.file),
    (Class.ELECTRONIC, urls_and_paths.PATH, urls_and_paths.path),
    (Class.VERBATIM, re.compile(r"\$([A-Za-z_]\w{0,40})"), lambda m: f"dollar {spelling.verbalize_parts(m[1])}"),
    (Class.FORMULA, _COMPARED, _compared),
    (Class.FORMULA, _POWER, _power),
)
_MONTH_FIRST, _DAY_FIRST = (_with_digits(day_first=False) + _ALWAYS, _with_digits(day_first=True) + _ALWAYS)
_DIGIT = re.compile(r"\d")


def verbalize(core: str, *, day_first: bool = False) -> tuple[str, Class]:
    """Return the spoken words and the class of ``core``, a written word without surrounding symbols.

    The words are empty if it has no sound.
    """
    return _read(core, day_first) if len(core) <= _CACHED else _read.__wrapped__(core, day_first)


def _say(core: str) -> str:
    return verbalize(core)[0]


@lru_cache(maxsize=4096)
def _read(core: str, day_first: bool) -> tuple[str, Class]:  # noqa: FBT001 - positional, as the cache is called often
    if not core or core in spelling.SYMBOLS:
        return spelling.SYMBOLS.get(core, ""), Class.SYMBOL
    said = abbreviations.expand(core)
    if said is not None:
        return said, Class.ABBREVIATION
    if not _CAREFUL.search(core):
        said = spelling.normalize_word(core)
        spelled = len(core) > 1 and core.isupper() and not said.islower()
        return said, Class.INITIALISM if spelled else Class.WORD
    numeric = _DAY_FIRST if day_first else _MONTH_FIRST
    for semiotic_class, pattern, reader in numeric if _DIGIT.search(core) else _ALWAYS:
        match = pattern.fullmatch(core)
        said = match and reader(match)
        if said:
            decimal = semiotic_class == Class.CARDINAL and "point" in said
            return " ".join(said.split()), Class.DECIMAL if decimal else semiotic_class
    if "-" in core and not spelling.is_formula(core):
        parts = [verbalize(part)[0] for part in core.split("-") if part]
        return " ".join(filter(None, parts)), Class.SERIAL if _DIGIT.search(core) else Class.WORD
    semiotic_class = Class.SERIAL if _DIGIT.search(core) else Class.VERBATIM
    return spelling.verbalize_parts(core), semiotic_class
