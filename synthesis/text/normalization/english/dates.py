"""Verbalizes dates and times of day in English."""

import re

from synthesis.text.normalization.english.numbers import cardinal, digits, ordinal, year

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_SHORT = {name: month for month in MONTHS for name in (month.lower(), month[:3].lower())} | {"sept": "September"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMES = _SHORT | {day[:3].lower(): day for day in _DAYS}
_NAME = "|".join(name.capitalize() for name in _NAMES)
NAMES = re.compile(rf"({_NAME})\.?[-–]({_NAME})")
_NOON, _HOURS = 12, 24
_STAMP = r"[T_](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?"
ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}})(?:{_STAMP})?")
NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})")
TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([aApP])\.?[mM]\.?|(Z))?")
HOUR = re.compile(r"(\d{1,2})([aApP])\.?[mM]\.?")
RATIO = re.compile(r"(\d{1,5}):(\d{1,5})")
DAY_FIRST = frozenset(("gb", "au", "nz", "ie", "in", "za"))
"""Countries that write the day before the month."""
YEAR = re.compile(r"1[1-9]\d\d|20\d\d")
DECADE = re.compile(r"(1\d|20)([0-9]0)'?s")
SHORT_DECADE = re.compile(r"()([2-9]0)'?s")
DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")


_DATED = frozenset(("mar", "dec", "jan"))
_AMBIGUOUS = frozenset(("may", "march")) | _DATED


def month(text: str, *, dated: bool = False) -> str | None:
    """Return the month that ``text`` names. ``may`` and ``march`` need a capital, ``jan`` a neighboring number."""
    name = _SHORT.get(text.lower())
    return None if name and text.islower() and text in _AMBIGUOUS - (_DATED if dated else set()) else name


def _spoken_year(text: str) -> str:
    return year(int(text)) if len(text) > 2 else (f"oh {cardinal(int(text))}" if text < "10" else cardinal(int(text)))


def short_year(text: str) -> str:
    """Verbalize the last two digits of a year: ``05`` is ``oh five``."""
    return cardinal(int(text)) if text[0] != "0" else f"oh {cardinal(int(text))}" if text != "00" else "hundred"


def full_year(text: str) -> str:
    """Verbalize a year of four digits, or its last two."""
    return year(int(text)) if len(text) == len("1999") else short_year(text)


def _date(day: int, number: int, years: str) -> str | None:
    if not (1 <= number <= len(MONTHS) and 1 <= day <= 31):
        return None
    return f"{MONTHS[number - 1]} {ordinal(day)} {_spoken_year(years)}"


def iso(match: re.Match[str]) -> str | None:
    """Verbalize a match of ``ISO``: ``2024-12-25`` with an optional time."""
    years, _, months, days, hours, minutes, seconds, _ = match.groups()
    said = _date(int(days), int(months), years)
    if not said or not hours:
        return said
    at = clock(int(hours), int(minutes), seconds)
    return at and f"{said} {at}"


def numeric(match: re.Match[str], *, day_first: bool) -> str | None:
    """Verbalize a match of ``NUMERIC``: ``12/25/2024``; the country decides ambiguous orders of day and month."""
    first, second = int(match[1]), int(match[3])
    if match[2] == "." or (day_first and second <= len(MONTHS)) or first > len(MONTHS):
        first, second = second, first
    if first > len(MONTHS) >= second:
        first, second = second, first
    return _date(second, first, match[4])


def clock(hour: int, minute: int, seconds: str | None, *, exact_hour: str = "o'clock") -> str | None:
    """Verbalize a time of day, or return ``None`` for an invalid one."""
    if hour > _HOURS or minute >= 60 or int(seconds or 0) > 60:
        return None
    if minute == 0 and seconds is None:
        if hour == 0:
            return "midnight"
        return f"{cardinal(hour)} {exact_hour}".strip() if hour <= _NOON else f"{cardinal(hour)} hundred"
    minutes = "hundred" if minute == 0 else f"oh {cardinal(minute)}" if minute < 10 else cardinal(minute)
    said = f"{cardinal(hour)} {minutes}"
    if seconds is None:
        return said
    return f"{said} and {cardinal(int(seconds))} second{'' if int(seconds) == 1 else 's'}"


def time(match: re.Match[str], *, half: bool = False) -> str | None:
    """Verbalize a match of ``TIME``; ``half`` if AM or PM follows as a separate word."""
    hour, minute, seconds, parts, letter, _ = match.groups()
    said = clock(int(hour), int(minute), seconds, exact_hour="" if letter or half else "o'clock")
    if said and parts:
        said = f"{said.rpartition(' ')[0]} point {digits(parts)} seconds"
    return said and (f"{said} {letter.upper()}M" if letter else said)


def hour(match: re.Match[str]) -> str | None:
    """Verbalize a match of ``HOUR``: ``9am``."""
    return f"{cardinal(int(match[1]))} {match[2].upper()}M" if int(match[1]) <= _HOURS else None


def ratio(match: re.Match[str]) -> str:
    """Verbalize a match of ``RATIO``: ``16:9`` is ``sixteen to nine``."""
    return f"{cardinal(int(match[1]))} to {cardinal(int(match[2]))}"


def names(match: re.Match[str]) -> str:
    """Verbalize a match of ``NAMES``: ``Mon-Fri``."""
    return f"{_NAMES[match[1].lower()]} to {_NAMES[match[2].lower()]}"


def decade(match: re.Match[str]) -> str:
    """Verbalize a match of ``DECADE`` or ``SHORT_DECADE``: ``1990s`` is ``nineteen nineties``."""
    century, tens = match.groups()
    plural = {"00": "hundreds", "10": "tens"}.get(tens) or cardinal(int(tens)).removesuffix("y") + "ies"
    if century == "20" and tens == "00":
        return "two thousands"
    return f"{cardinal(int(century))} {plural}" if century else plural
