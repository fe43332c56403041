"""Dates and times of several words, or with ranges."""

import re

from synthesis.text.normalization.english import dates
from synthesis.text.normalization.english.forms.context import (
    DASH,
    UNIT,
    UNITS,
    Context,
    Form,
    following,
    form,
    noun_for,
    number,
)
from synthesis.text.normalization.english.numbers import cardinal, ordinal, quantity, year
from synthesis.text.normalization.english.spelling import spell
from synthesis.text.normalization.semiotics import Class
from synthesis.text.word_sets import word_set

_TO_DATE = word_set(
    "on by until till before after since due dated from through mon monday tue tues tuesday wed wednesday thu thur "
    "thurs thursday fri friday sat saturday sun sunday"
)


def _years(match: re.Match[str], context: Context) -> str | None:
    first, last = match["first"], match["last"]
    if len(last) == 2 and (int(last) <= int(first[2:]) and not (first[2:] == "99" and last == "00")):
        return None
    joined = " " if following(match) in {"season", "school", "academic", "fiscal", "financial", "tax"} else " to "
    return f"{year(int(first))}{joined}{year(int(last)) if len(last) == 4 else dates.short_year(last)}"


def _decades(match: re.Match[str], context: Context) -> str:
    return " to ".join(_decade(part) for part in (match["first"], match["last"]))


def _decade(text: str) -> str:
    text = text.replace("'", "").removesuffix("s")
    found = dates.DECADE.fullmatch(f"{text}s") or dates.SHORT_DECADE.fullmatch(f"{text}s")
    return dates.decade(found) if found else cardinal(int(text))


def _mid_decade(match: re.Match[str], context: Context) -> str:
    return f"{match[1].lower()} {_decade(match[2])}"


def _prefixed_year(match: re.Match[str], context: Context) -> str:
    return f"{match[1].lower()} {year(int(match[2]))}"


def _day_range(match: re.Match[str], context: Context) -> str | None:
    month = dates.month(match["month"])
    first, last = int(match["first"]), int(match["last"])
    if not month or not 1 <= first < last <= 31:
        return None
    link = "and" if last == first + 1 else "to"
    article = "" if context.previous == "the" else "the "
    return f"{article}{ordinal(first)} {link} {ordinal(last)} of {month}{_year_part(match)}"


def _month_range(match: re.Match[str], context: Context) -> str | None:
    month = dates.month(match["month"])
    first, last = int(match["first"]), int(match["last"])
    if not month or not 1 <= first < last <= 31:
        return None
    return f"{month} {ordinal(first)} to {ordinal(last)}{_year_part(match)}"


def _months_range(match: re.Match[str], context: Context) -> str | None:
    first, last = dates.month(match["month"]), dates.month(match["until"])
    days = [int(match["first"]), int(match["last"])]
    if not first or not last or not all(1 <= day <= 31 for day in days):
        return None
    return f"{first} {ordinal(days[0])} to {last} {ordinal(days[1])}{_year_part(match)}"


def _year_part(match: re.Match[str]) -> str:
    return f", {year(int(match['year']))}" if match["year"] else ""


def _dashed_date(match: re.Match[str], context: Context) -> str | None:
    month = dates.month(match["month"].capitalize())
    if not month or not 1 <= int(match["day"]) <= 31:
        return None
    return f"{month} {ordinal(int(match['day']))} {dates.full_year(match['year'])}"


def _stamp(match: re.Match[str], context: Context) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    seconds = match["second"] if match["second"] not in (None, "00") else None
    at = dates.clock(int(match["hour"]), int(match["minute"]), seconds)
    if not at:
        return None
    said = f"{dates.MONTHS[month - 1]} {ordinal(day)} {year(int(match['year']))}, {at}"
    zone = match["zone"]
    if not zone or zone == "Z":
        return said
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    sign = "plus" if zone[0] == "+" else "minus"
    rest = f" {cardinal(minutes)} minutes" if minutes else ""
    return f"{said}, {sign} {cardinal(hours)} hour{'' if hours == 1 else 's'}{rest}"


def _month_day(match: re.Match[str], context: Context) -> str | None:
    """Verbalize ``12/25`` after a word such as "on"."""
    first, second = int(match[1]), int(match[2])
    if context.country in dates.DAY_FIRST:
        first, second = second, first
    if context.previous not in _TO_DATE or not (1 <= first <= 12 and 1 <= second <= 31):
        return None
    return f"{dates.MONTHS[first - 1]} {ordinal(second)}"


def _era(match: re.Match[str], context: Context) -> str:
    era = spell(match["era"].replace(".", ""))
    value = match["year"].replace(",", "")
    return f"{year(int(value)) if len(value) == 4 else quantity(value)} {era}"


def _hours(text: str, half: str | None) -> str | None:
    hour, _, minute = text.partition(":")
    if int(hour) > 24:
        return None
    suffix = f" {_half(half)}" if half else ""
    if not minute or int(minute) == 0:
        return f"{cardinal(int(hour))}{suffix}" if half or not minute else dates.clock(int(hour), 0, None)
    said = dates.clock(int(hour), int(minute), None, exact_hour="")
    return said and f"{said}{suffix}"


def _half(text: str) -> str:
    return f"{text[0].upper()}M"


def _time_range(match: re.Match[str], context: Context) -> str | None:
    first, last = _hours(match["first"], match["half1"]), _hours(match["last"], match["half2"])
    if first and match["half2"]:
        first = first.removesuffix(" o'clock")
    return f"{first} to {last}" if first and last else None


def _time(match: re.Match[str], context: Context) -> str | None:
    said = _hours(match["time"], match["half"])
    zone = match.groupdict().get("zone")
    return said and f"{said} {zone}" if zone else said


_DURATIONS = {"d": "day", "h": "hour", "hr": "hour", "m": "minute", "min": "minute", "s": "second", "sec": "second"}
_DURATION_PART = re.compile(r"(\d{1,4}) ?(d|hrs?|h|mins?|m|secs?|s)(?![a-z])")


def _duration(match: re.Match[str], context: Context) -> str | None:
    parts = _DURATION_PART.findall(match[0])
    names = [_DURATIONS[unit.removesuffix("s") or "s"] for _, unit in parts]
    order = [("day", "hour", "minute", "second").index(name) for name in names]
    if len(parts) < 2 or order != sorted(set(order)):
        return None
    return " ".join(
        f"{cardinal(int(count))} {name}{'' if int(count) == 1 else 's'}"
        for (count, _), name in zip(parts, names, strict=True)
    )


def _countdown(match: re.Match[str], context: Context) -> str:
    sign = "minus" if match[1] in "-–−" else "plus"
    unit = f" {noun_for(UNITS[match['unit']], match[2])}" if match["unit"] else ""
    return f"T {sign} {number(match[2])}{unit}"


def _quarter(match: re.Match[str], context: Context) -> str:
    said = f"{match[1].upper()} {cardinal(int(match[2]))}"
    return f"{said} {year(int(match[3]))}" if match[3] else said


def _zone(match: re.Match[str], context: Context) -> str:
    minutes = f" {number(match[4])}" if match[4] and match[4] != "00" else ""
    sign = "plus" if match[2] == "+" else "minus"
    return f"{match[1]} {sign} {cardinal(int(match[3]))}{minutes}"


def _military(match: re.Match[str], context: Context) -> str:
    hour = f"oh {cardinal(int(match['hour'][1]))}" if match["hour"][0] == "0" else cardinal(int(match["hour"]))
    minute = "hundred" if match["minute"] == "00" else cardinal(int(match["minute"]))
    return f"{hour} {minute} hours"


_MONTH = r"(?P<month>[A-Z][a-z]{2,8})\b\.?"
_HALF = r"[aApP]\.?[mM]\b\.?"
_CLOCK = r"\d{1,2}(?::\d\d)?"

FORMS: tuple[Form, ...] = (
    form(
        Class.DATE,
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<"
        r"second>\d\d)(?:[.,]\d{1,9})?)?(?P<zone>Z|[+-]\d\d:?\d\d)",
        _stamp,
    ),
    form(
        Class.DATE,
        rf"(?P<first>\d{{1,2}})(?:st|nd|rd|th)?{DASH}(?P<last>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?"
        rf"{_MONTH}(?:,? (?P<year>[12]\d{{3}}))?",
        _day_range,
    ),
    form(
        Class.DATE,
        rf"{_MONTH} (?P<first>\d{{1,2}})(?:st|nd|rd|th)?{DASH}(?P<last>\d{{1,2}})(?:st|nd|rd|th)?(?"
        rf":,? (?P<year>[12]\d{{3}}))?",
        _month_range,
    ),
    form(
        Class.DATE,
        rf"{_MONTH} (?P<first>\d{{1,2}}){DASH}(?P<until>[A-Z][a-z]{{2,8}})\b\.? (?P<last>\d{{1,2}})"
        rf"(?:,? (?P<year>[12]\d{{3}}))?",
        _months_range,
    ),
    form(
        Class.DATE,
        r"(?P<day>\d{1,2})[-/ ](?P<month>[A-Za-z]{3})[-/ ](?P<year>\d{4}|\d{2})",
        lambda m, c: _dashed_date(m, c) if " " not in m[0] else None,
    ),
    form(Class.DATE, r"(?P<first>(?:1\d|20)\d0)'?s(?:-|–| to )(?P<last>'?\d{2}|(?:1\d|20)\d0)'?s", _decades),
    form(Class.DATE, r"([Mm]id|[Ee]arly|[Ll]ate|[Pp]ost|[Pp]re)-'?((?:1\d|20)?\d0)'?s", _mid_decade),
    form(Class.DATE, r"([Mm]id|[Ee]arly|[Ll]ate|[Pp]ost|[Pp]re)-(1\d{3}|20\d\d)", _prefixed_year),
    form(Class.DATE, r"(?P<first>1[1-9]\d\d|20\d\d)[-–](?P<last>1[1-9]\d\d|20\d\d|\d\d)", _years),
    form(Class.DATE, r"(?P<year>\d{1,4}|\d{1,2},\d{3}) ?(?P<era>BCE|BC|AD|CE|B\.C\.E\.|B\.C\.|A\.D\.|C\.E\.)", _era),
    form(Class.DATE, r"(\d{1,2})/(\d{1,2})", _month_day),
    form(Class.DATE, r"([QH])([1-4])(?: |/|-)?(?:(20\d\d))?", _quarter),
    form(
        Class.TIME,
        rf"(?P<first>{_CLOCK}) ?(?P<half1>{_HALF})?{DASH}(?P<last>{_CLOCK}) ?(?P<half2>{_HALF})",
        _time_range,
    ),
    form(Class.TIME, rf"(?P<first>\d{{1,2}}:\d\d)(?P<half1>){DASH}(?P<last>\d{{1,2}}:\d\d)(?P<half2>)", _time_range),
    form(
        Class.TIME,
        rf"(?P<time>{_CLOCK}) ?(?P<half>{_HALF})(?: \(?(?P<zone>[ECMP][SD]?T|GMT|UTC|BST|CES?T|IST|JST)\b\)?)?",
        _time,
    ),
    form(
        Class.TIME, r"\d{1,4} ?(?:d|hrs?|h|mins?|m)(?: ?\d{1,4} ?(?:hrs?|h|mins?|m|secs?|s)){1,3}(?![a-z])", _duration
    ),
    form(Class.TIME, rf"T ?([-–+])(\d{{1,4}})(?: ?{UNIT})?", _countdown),
    form(Class.TIME, r"(UTC|GMT)([+-])(\d{1,2})(?::(\d\d))?", _zone),
    form(Class.TIME, r"(?P<hour>[01]\d|2[0-4])(?P<minute>\d\d) ?(?:hours|hrs)", _military),
)
