"""Money, measures, fractions and numbers."""

import re

from synthesis.text.normalization.english import dates
from synthesis.text.normalization.english.forms.context import (
    COUNTING,
    DASH,
    DECADE_BEFORE,
    END,
    NUM,
    SIGN,
    TABLE,
    UNIT,
    UNITS,
    UNTIL,
    VALUE,
    Context,
    Form,
    alternatives,
    following,
    form,
    in_pairs,
    noun_for,
    number,
    plain,
    signed,
)
from synthesis.text.normalization.english.numbers import cardinal, digits, fraction, ordinal, quantity, year
from synthesis.text.normalization.semiotics import Class
from synthesis.text.word_sets import word_set

_PER: dict[str, str] = TABLE["per"]
_CURRENCIES: dict[str, list[str]] = TABLE["currencies"]
_MAGNITUDES: dict[str, str] = TABLE["magnitudes"]
_PLACES = word_set("room section unit gate exit apartment apt suite ste row grade figure fig seat block building level")
_ALSO_WORDS = word_set("in us mo pt ac cal bar tok amp t d")
"""Units that are also words or other abbreviations."""
_COUNTED = word_set(
    "attempt step page part round day chapter question task test game set level batch epoch season slide item lesson "
    "module stage week phase lap run try iteration job worker shard node replica chunk file image photo card track"
)
_RATED = word_set("solid strong perfect rate rated rating score scored scores got give gave gets earned clear decent")
_AFTER_COUNT = word_set(
    "passed failed done complete completed tests correct tasks ready succeeded stars points votes users respondents "
    " responses checks files jobs workers steps questions attempts"
)
_MUSIC = word_set("time beat beats meter rhythm waltz signature measure groove")


def _say_number(text: str, context: Context) -> str:
    """Return a number; Indian groups are said in lakhs and crores in India."""
    text = plain(text)
    ungrouped = text.replace(",", "")
    if context.country == "in" and "." not in ungrouped and len(ungrouped) > 5:
        value = int(ungrouped[:15])
        crores, rest = divmod(value, 10_000_000)
        lakhs, rest = divmod(rest, 100_000)
        parts = [
            f"{cardinal(crores)} crore" if crores else "",
            f"{cardinal(lakhs)} lakh" if lakhs else "",
            cardinal(rest) if rest else "",
        ]
        return " ".join(filter(None, parts))
    return number(ungrouped) if "," not in text or "." in ungrouped else quantity(ungrouped)


_RELEASE = re.compile(r"[4-9](?:\.\d)?")
"""A version of the language PHP, whose name is also the code of a currency."""
_POWERED = word_set("km m dm cm mm ft mi yd in")
_SHAPES = {"2": "square ", "3": "cubic "}
_RAISED = {"2": "squared", "3": "cubed"}


def _per_words(text: str | None) -> str:
    """Return the words of ``/user/month``."""
    words = []
    for part in filter(None, (text or "").replace(" ", "").split("/")):
        name = part.rstrip("23^")
        power = part[len(name) :].lstrip("^")
        noun = UNITS[name][0] if name in UNITS else _PER.get(name, name)
        if name in _POWERED:
            words.append(f" per {_SHAPES.get(power, '')}{noun}")
        else:
            words.append(f" per {noun} {_RAISED.get(power, '')}".rstrip())
    return "".join(words)


def _money(match: re.Match[str], context: Context) -> str | None:
    forms = _CURRENCIES.get(match["currency"].rstrip(".")) or _CURRENCIES[match["currency"]]
    parts = match.groupdict()
    if match["currency"] == "PHP" and _RELEASE.fullmatch(match["value"]):
        return None
    sign = signed(parts.get("sign") or parts.get("inner"))
    value, until, magnitude = plain(match["value"]), parts.get("until"), parts.get("magnitude")
    attributive = context.previous in {"a", "an"} and following(match) not in {"", *COUNTING}
    adjective = bool(parts.get("hyphen")) or attributive or following(match) in {"bill", "bills", "note", "coin"}
    per = _per_words(parts.get("per"))
    scale = f" {_MAGNITUDES[magnitude]}" if magnitude else ""
    if until:
        return f"{sign}{_say_number(value, context)} to {_say_number(until, context)}{scale} {forms[1]}{per}"
    if magnitude:
        return f"{sign}{_say_number(value, context)}{scale} {forms[0] if adjective else forms[1]}{per}"
    return f"{sign}{_amount(value, forms[:1] * 2 + forms[2:] if adjective else forms, context)}{per}"


def _amount(value: str, forms: list[str], context: Context) -> str:
    """Return an amount in units and subunits."""
    whole, point, cents = value.replace(",", "").partition(".")
    if not point or not cents.strip("0") or not forms[2] or len(cents) != 2:
        value = whole if point and not cents.strip("0") and len(cents) == 2 else value
        return f"{_say_number(value, context)} {noun_for(forms, value)}"
    minor = f"{cardinal(int(cents))} {forms[2] if int(cents) == 1 else forms[3]}"
    if not whole.strip("0"):
        return minor
    whole = whole.lstrip("0")
    return f"{_say_number(whole, context)} {noun_for(forms, whole)} and {minor}"


def _money_each(match: re.Match[str], context: Context) -> str:
    """Verbalize an amount that is part of an adjective: "a $2,000-a-month apartment"."""
    forms = _CURRENCIES[match["currency"]]
    return f"{_amount(plain(match['value']), forms[:1] * 2 + forms[2:], context)} {match['each']} {match['noun']}"


def _money_range(match: re.Match[str], context: Context) -> str | None:
    """Verbalize two amounts with subunits; whole ones share the name of the currency."""
    forms = _CURRENCIES[match["currency"]]
    sides = [(plain(match["value"]), match["scale1"]), (plain(match["until"]), match["scale2"])]
    if sides[0][1]:
        return " to ".join(f"{number(value)} {_MAGNITUDES[scale or 'M']} {forms[1]}" for value, scale in sides)
    if sides[1][1] or "." not in match["value"] + match["until"]:
        return None
    return " to ".join(_amount(value, forms, context) for value, _ in sides)


def _measure(match: re.Match[str], context: Context) -> str | None:
    parts = match.groupdict()
    unit, value, until = match["unit"], match["value"], parts.get("until")
    power = (parts.get("power") or "").replace("^", "")
    if power and unit not in _POWERED:
        return None
    forms = UNITS[unit]
    if unit == "s" and _is_decade(value, context):
        return None
    spaced = match.start("unit") > 0 and match.string[match.start("unit") - 1] == " "
    if unit in _ALSO_WORDS and not _may_be_unit(unit, match, spaced=spaced):
        return None
    noun_after = following(match) or (match.string[match.end() : match.end() + 1] == "." and _after_period(match))
    adjective = bool(parts.get("hyphen")) and bool(noun_after) and noun_after not in COUNTING
    noun = forms[0] if adjective else noun_for(forms, until or value)
    shape = _SHAPES.get(power, "")
    scale = f" {_MAGNITUDES[parts['magnitude']]}" if parts.get("magnitude") else ""
    if scale:
        noun = forms[1]
    said = f"{signed(parts.get('sign'))}{_say_number(value, context)}"
    if until:
        said += f" to {_say_number(until, context)}"
    return f"{said}{scale} {shape}{noun}{_per_words(parts.get('per'))}"


def _after_period(match: re.Match[str]) -> str:
    """Return the word in small letters after the period of an abbreviated unit: "a 20-min. walk"."""
    after = re.compile(r"\. ([a-z]{1,20})").match(match.string, match.end())
    return after[1] if after else ""


def _measure_of(match: re.Match[str], context: Context) -> str:
    """Verbalize a measure that is part of an adjective: "a 6-ft-tall fence"."""
    return f"{_say_number(match['value'], context)} {UNITS[match['unit']][0]} {match['noun']}"


def _is_decade(value: str, context: Context) -> bool:
    """Return whether a number before "s" is a decade: 1990s, or the 80s."""
    return bool(re.fullmatch(r"(?:1\d|20)\d0", value)) or (
        bool(re.fullmatch("[2-9]0", value)) and context.previous in DECADE_BEFORE
    )


def _may_be_unit(unit: str, match: re.Match[str], *, spaced: bool) -> bool:
    """Return whether letters that are also a word are a unit: "5 in tall", but not "5 in ten"."""
    if unit == "in":
        return following(match) in {"", "tall", "long", "wide", "deep", "high", "of", "x", "by"}
    if unit in {"ac", "t"}:
        return spaced
    return not spaced or unit in {"pt", "bar", "mo", "amp", "cal", "tok", "d"}


def _feet(match: re.Match[str], context: Context) -> str:
    feet, inches = match["feet"], match["inches"]
    said = f"{cardinal(int(feet))} {'foot' if feet == '1' else 'feet'}"
    return f"{said} {number(inches)} {'inch' if inches == '1' else 'inches'}" if inches else said


def _degrees(match: re.Match[str], context: Context) -> str | None:
    if context.previous in _PLACES:
        return None
    scale = "fahrenheit" if match["scale"] == "F" else "celsius"
    return f"{signed(match['sign'])}{number(match['value'])} degrees {scale}"


def _mixed_measure(match: re.Match[str], context: Context) -> str | None:
    numerator, denominator = int(match["numerator"]), int(match["denominator"])
    unit = match["unit"]
    if unit in {"in", "us", "mo", "ac", "cal", "bar", "tok", "pm", "amp", "s", "m"} or not denominator:
        return None
    part = fraction(numerator, denominator)
    if match["whole"]:
        return f"{cardinal(int(match['whole']))} and {part.replace('one ', 'a ', 1)} {UNITS[unit][1]}"
    noun = UNITS[unit][0]
    return f"{part} {noun}" if numerator >= denominator or numerator == 1 else f"{part} of a {noun}"


def _dimensions(match: re.Match[str], context: Context) -> str | None:
    sides = [side for side in (match["a"], match["b"], match["c"]) if side]
    unit = match["unit"]
    if not unit and " " in match[0]:
        return " times ".join(map(number, sides))
    said = " by ".join(_pair(side) if side.isdecimal() else number(side) for side in sides)
    if not unit:
        return said
    attributive = following(match) and following(match) not in COUNTING
    return f"{said} {UNITS[unit][0 if attributive else 1]}"


def _pair(text: str) -> str:
    """Return four digits in pairs, as in 1920 by 1080."""
    return year(int(text)) if re.fullmatch(r"1\d{3}|20[1-9]\d|20\d[1-9]", text) else number(text)


def _fraction(match: re.Match[str], context: Context) -> str | None:
    whole, top, bottom = match["whole"], int(match["top"]), int(match["bottom"])
    if not bottom:
        return f"{cardinal(top)} over zero"
    if match["top"][0] == "0" or match["bottom"][0] == "0":
        return f"{digits(match['top'])} slash {digits(match['bottom'])}"
    if not whole and re.fullmatch(r"1[89]\d\d|20\d\d", match["top"]) and len(match["bottom"]) in (2, 4):
        return f"{year(top)} {dates.full_year(match['bottom'])}"
    if following(match) == "mmhg" or context.previous == "pressure":
        return f"{in_pairs(match['top'])} over {cardinal(bottom)}"
    if following(match) in _MUSIC and not whole:
        return f"{cardinal(top)} {cardinal(bottom)}"
    if not whole and context.previous in _COUNTED:
        return f"{cardinal(top)} of {cardinal(bottom)}"
    rated = context.previous in _RATED or (context.previous == "a" and bottom in {5, 10, 100} and not following(match))
    if not whole and top <= bottom and (rated or following(match) in _AFTER_COUNT):
        return f"{cardinal(top)} out of {cardinal(bottom)}"
    part = fraction(top, bottom)
    sign = signed(match["sign"])
    if whole:
        return f"{sign}{quantity(whole)} and {part.replace('one ', 'a ', 1) if top == 1 else part}"
    return f"{sign}{part}"


def _hyphenated_fraction(match: re.Match[str], context: Context) -> str:
    """Verbalize a mixed number before a hyphen: "2 1/2-inch nails"."""
    part = fraction(int(match["top"]), int(match["bottom"])).replace("one ", "a ", 1)
    return f"{quantity(match['whole'])} and {part} {match['noun'].replace('-', ' ')}"


def _fractions(match: re.Match[str], context: Context) -> str | None:
    """Verbalize a range of fractions: "1/3 - 1/2 cup"."""
    values = list(map(int, match.groups()))
    if not values[1] or not values[3]:
        return None
    return f"{fraction(values[0], values[1])} to {fraction(values[2], values[3])}"


def _signed_range(match: re.Match[str], context: Context) -> str:
    return f"{signed(match[1])}{number(match[2])} to {signed(match[3])}{number(match[4])}"


def _grouped_by_points(match: re.Match[str], context: Context) -> str:
    return quantity(match[0].replace(".", ""))


def _decimal_comma(match: re.Match[str], context: Context) -> str:
    return number(match[0].replace(",", "."))


_DIRECTIONS = {"N": "north", "S": "south", "E": "east", "W": "west"}


def _bearing(match: re.Match[str], context: Context) -> str:
    return f"{signed(match['sign'])}{number(match['value'])} degrees {_DIRECTIONS[match['direction']]}"


def _used(match: re.Match[str], context: Context) -> str:
    """Verbalize a part of a capacity: "7.8/16 GB"."""
    noun = noun_for(UNITS[match["unit"]], match["value"])
    return f"{number(match['part'])} of {_say_number(match['value'], context)} {noun}"


def _scientific(match: re.Match[str], context: Context) -> str:
    power = match["power"]
    exponent = f"minus {quantity(power[1:])}" if power.startswith("-") else quantity(power)
    unit = f" {UNITS[match['unit']][1]}" if match["unit"] else ""
    per = _per_words(match["per"])
    return f"{signed(match['sign'])}{number(match['value'])} times ten to the power of {exponent}{unit}{per}"


_COMPANY = word_set(
    "tape tapes company co corp corporation stock mask masks respirator respirators adhesive adhesives film films "
    "filter filters product products brand sandpaper vinyl patent patents scotch command"
)
"""What the company 3M makes: without such a word, "3M" is three million."""


def _company(match: re.Match[str], context: Context) -> str | None:
    return f"three M{match[1] or ''}" if match[1] or following(match) in _COMPANY else None


def _scaled(match: re.Match[str], context: Context) -> str:
    return f"{signed(match['sign'])}{_say_number(match['value'], context)} {_MAGNITUDES[match['magnitude']]}"


_CURRENCY = rf"(?P<currency>{alternatives(_CURRENCIES)})"
_MAGNITUDE = rf"(?:(?P<hyphen>-)| )?(?P<magnitude>{alternatives(_MAGNITUDES)})(?![A-Za-z])"
_PER_PATTERN = rf"(?P<per>(?: ?/ ?(?:{alternatives({*UNITS, *_PER})})(?:\^?[23])?(?![A-Za-z])){{1,3}})?"

FORMS: tuple[Form, ...] = (
    form(Class.SERIAL, r"3M('s)?", _company),
    form(Class.DECIMAL, rf"{SIGN}{VALUE} ?[x×*] ?10\^(?P<power>-?\d{{1,4}})(?: ?{UNIT})?{_PER_PATTERN}", _scientific),
    form(
        Class.MONEY,
        rf"{_CURRENCY}{VALUE}(?P<scale1>[kKMmB]|bn)?{DASH}(?:{alternatives(_CURRENCIES)})?(?P<until>{NUM})"
        r"(?P<scale2>[kKMmB]|bn)?",
        _money_range,
        end=rf"{END}(?! (?:million|billion))",
    ),
    form(Class.MONEY, rf"{SIGN}{_CURRENCY} ?(?P<inner>[-+])?{VALUE}{UNTIL}(?:{_MAGNITUDE})?\+?{_PER_PATTERN}", _money),
    form(Class.MONEY, rf"{_CURRENCY}{VALUE}-(?P<each>an?|per)-(?P<noun>[a-z]{{1,20}})", _money_each),
    form(
        Class.MONEY,
        rf"{SIGN}{_CURRENCY}{VALUE}(?:{_MAGNITUDE})?{DASH}(?:{alternatives(_CURRENCIES)})(?P<until>{NUM})",
        _money,
    ),
    form(Class.MONEY, rf"{SIGN}{VALUE}{UNTIL}(?:{_MAGNITUDE})? ?{_CURRENCY}{_PER_PATTERN}", _money),
    form(
        Class.MEASURE,
        r"(?P<feet>\d{1,3}) ?(?:'|ft\.?) ?(?P<inches>\d{1,2}(?:\.\d)?) ?(?:\"|''|in\.?)",
        _feet,
        end=r"(?![^\W_])",
    ),
    form(Class.MEASURE, r"(?P<feet>\d{1,3})'(?P<inches>\d{1,2})(?:\"|'')?", _feet),
    form(
        Class.MEASURE,
        rf"(?P<whole>\d{{1,5}} )?(?P<numerator>\d{{1,3}})/(?P<denominator>\d{{1,3}})[ -]?{UNIT}",
        _mixed_measure,
    ),
    form(
        Class.MEASURE,
        rf"(?P<a>{NUM})(?: [x×] |[x×])(?P<b>{NUM})(?:(?: [x×] |[x×])(?P<c>{NUM}))?(?: ?{UNIT})?",
        _dimensions,
    ),
    form(Class.MEASURE, rf"(?P<part>\d{{1,6}}\.\d{{1,3}}) ?/ ?{VALUE} ?{UNIT}", _used),
    form(Class.MEASURE, rf"{VALUE}-{UNIT}-(?P<noun>[a-z]{{2,20}})", _measure_of),
    form(Class.MEASURE, rf"{SIGN}{VALUE} ?° ?(?P<direction>[NSEW])", _bearing),
    form(Class.MEASURE, r"(\d{1,4}\.\d{1,2}) K", lambda m, c: f"{number(m[1])} kelvin"),
    form(
        Class.MEASURE, rf"{SIGN}(?P<value>\d{{1,3}}(?:\.\d{{1,2}})?) ?(?P<scale>[FC])(?=[ .,;!?)]|$)", _degrees, end=""
    ),
    form(
        Class.MEASURE,
        rf"{SIGN}{VALUE}{UNTIL}(?: ?(?P<magnitude>(?:k|K|M)(?= )|million|billion|thousand))? ?(?P<h"
        rf"yphen>-)?{UNIT}(?P<power>\^?[23])?{_PER_PATTERN}",
        _measure,
    ),
    form(Class.RANGE, r"(\d{1,2})/(\d{1,2}) ?[-–] ?(\d{1,2})/(\d{1,2})", _fractions),
    form(
        Class.FRACTION,
        r"(?P<whole>\d{1,4}) (?P<top>\d{1,2})/(?P<bottom>[1-9]\d?)-(?P<noun>[a-z]{2,20}(?:-[a-z]{2,20}){0,3})",
        _hyphenated_fraction,
    ),
    form(
        Class.FRACTION,
        r"(?P<sign>[-+])?(?:(?P<whole>\d{1,9}) )?(?P<top>\d{1,4})/(?P<bottom>\d{1,4})",
        _fraction,
        end=r"(?![^\W_]|/|\.\d)",
    ),
    form(Class.RANGE, rf"({NUM})%{DASH}({NUM})%", lambda m, c: f"{number(m[1])} to {number(m[2])} percent"),
    form(Class.RANGE, r"#(\d{1,4})[-–](\d{1,4})", lambda m, c: f"number {number(m[1])} to {number(m[2])}"),
    form(Class.RANGE, r"A[-–]([C-Z])", lambda m, c: f"eh to {m[1]}"),
    form(
        Class.CARDINAL,
        r"(?P<sign>[-~])?(?P<value>\d{1,3}(?:\.\d{1,2})?)(?P<magnitude>[BT])(?= (?:[a-z]{3,20}s|people)\b)",
        _scaled,
    ),
    form(Class.FRACTION, r"(\d{1,3})/(\d{1,3})(?:th|ths|nds|rds|rd)", lambda m, c: fraction(int(m[1]), int(m[2]))),
    form(
        Class.ORDINAL,
        r"(\d{1,3})(?:st|nd|rd|th)/(\d{1,3})(?:st|nd|rd|th)",
        lambda m, c: f"{ordinal(int(m[1]))} {ordinal(int(m[2]))}",
    ),
    form(Class.RANGE, rf"([-–])?({NUM}) ?[-–] ?([-–])({NUM})", _signed_range),
    form(
        Class.CARDINAL,
        r"(?P<value>\d{1,2}(?:,\d{2}){1,4},\d{3})",
        lambda m, c: _say_number(m["value"], c),
    ),
    form(Class.CARDINAL, r"\d{1,3}(?:\.\d{3}){2,5}", _grouped_by_points),
    form(Class.DECIMAL, r"\d{1,9},\d{1,2}", _decimal_comma),
    form(
        Class.CARDINAL,
        rf"{SIGN}(?P<value>{NUM})(?: |-)(?P<magnitude>million|billion|trillion|thousand|hundred|lakh|crore|dozen)",
        _scaled,
    ),
)
