"""Verbalizes money, percentages and units of measure in English."""

import re

from synthesis.text.normalization.english.numbers import NUMBER, cardinal, number, plural, quantity

SIGNS = "$£€¥₹₩₽₴₿¢"
_CURRENCIES = {
    "$": ("dollar", "cent"),
    "£": ("pound", "penny"),
    "€": ("euro", "cent"),
    "¥": ("yen", ""),
    "₹": ("rupee", "paisa"),
    "₩": ("won", ""),
    "₽": ("ruble", "kopeck"),
    "₴": ("hryvnia", "kopiyka"),
    "₿": ("bitcoin", ""),
    "¢": ("cent", ""),
}
_PLURALS = {"penny": "pence", "paisa": "paise", "yen": "yen", "won": "won", "foot": "feet", "inch": "inches"}
_PLURALS |= {"hertz": "hertz", "celsius": "celsius", "fahrenheit": "fahrenheit", "lux": "lux", "hryvnia": "hryvnias"}
MAGNITUDES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "mm": "million", "b": "billion",
    "B": "billion", "bn": "billion", "t": "trillion", "T": "trillion", "tn": "trillion", "thousand": "thousand",
    "million": "million", "billion": "billion", "trillion": "trillion", "hundred": "hundred",
}  # fmt: skip
_BARE = {
    "km": "kilometer", "cm": "centimeter", "mm": "millimeter", "nm": "nanometer", "μm": "micrometer",
    "um": "micrometer", "m": "meter", "mi": "mile", "ft": "foot", "yd": "yard", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "μg": "microgram", "lb": "pound", "lbs": "pound", "oz": "ounce", "l": "liter", "L": "liter",
    "ml": "milliliter", "mL": "milliliter", "s": "second", "sec": "second", "secs": "second", "ms": "millisecond",
    "μs": "microsecond", "us": "microsecond", "ns": "nanosecond", "min": "minute", "mins": "minute", "h": "hour",
    "hr": "hour", "hrs": "hour", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz",
    "W": "watt", "kW": "kilowatt", "MW": "megawatt", "kWh": "kilowatt hour", "Wh": "watt hour", "V": "volt",
    "kV": "kilovolt", "mV": "millivolt", "mA": "milliampere", "mAh": "milliampere hour", "kB": "kilobyte",
    "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "PB": "petabyte", "KiB": "kibibyte",
    "MiB": "mebibyte", "GiB": "gibibyte", "TiB": "tebibyte", "kbps": "kilobit per second", "kbit": "kilobit",
    "Mbit": "megabit", "Gbit": "gigabit", "Mbps": "megabit per second", "Gbps": "gigabit per second",
    "mph": "mile per hour", "kmh": "kilometer per hour", "kph": "kilometer per hour", "rpm": "revolution per minute",
    "dB": "decibel", "hPa": "hectopascal", "kPa": "kilopascal", "Pa": "pascal", "kJ": "kilojoule", "J": "joule",
    "N": "newton", "kcal": "kilocalorie", "cal": "calorie", "px": "pixel", "ha": "hectare", "°": "degree",
    "°C": "degree celsius", "°F": "degree fahrenheit", "Ω": "ohm", "kΩ": "kiloohm", "fps": "frame per second",
    "req": "request",
}  # fmt: skip
_PER = {"s": "second", "sec": "second", "h": "hour", "hr": "hour", "min": "minute", "m": "meter", "d": "day"}
_PER |= {"mo": "month", "yr": "year", "w": "week", "wk": "week", "kg": "kilogram", "km": "kilometer", "GB": "gigabyte"}
_POWERS = {"^2": "square ", "^3": "cubic ", "2": "square ", "3": "cubic "}
_UNIT = re.compile(r"([^\W\d]+|°[CF]?)(\^?[23])?(?:/([A-Za-z]+))?")
_MAGNITUDE = "(k|K|m|M|mn|mm|b|B|bn|t|T|tn)?"
MONEY = re.compile(rf"([-+~]?)(?:US|A|C)?([{SIGNS}])([-+]?)({NUMBER}){_MAGNITUDE}\+?(?:/([A-Za-z]+))?")
MONEY_AFTER = re.compile(rf"([-+~]?)({NUMBER})([{SIGNS}])")
SHORT = re.compile(rf"([-+~]?)({NUMBER})(k|K|M|bn)\+?")
PERCENT = re.compile(rf"([-+~±<>]?)({NUMBER})([%‰])")
MEASURE = re.compile(rf"([-+~±]?)({NUMBER})-?([^\W\d]+\^?[23]?(?:/[A-Za-z]+)?|°[CF]?)")
_SIGN_WORDS = {"-": "minus ", "+": "plus ", "~": "about ", "±": "plus or minus ", "<": "less than ", ">": "more than "}


def signed(sign: str) -> str:
    """Return the words of a sign before a number, with a trailing space."""
    return _SIGN_WORDS.get(sign, "")


def counted(noun: str, count: str) -> str:
    """Return ``noun`` in the grammatical number for ``count``, such as ``5`` or ``1``."""
    first, *rest = noun.split(" per ")
    if count != "1":
        head, _, last = first.rpartition(" ")
        if head == "degree":
            head, last = "degrees", last
        else:
            last = _PLURALS.get(last, plural(last))
        first = f"{head} {last}".strip()
    return " per ".join([first, *rest])


def unit(text: str, count: str) -> str | None:
    """Return the words of a written unit (``MB/s``, ``m^2``) after ``count``, or ``None`` if it is no unit."""
    match = _UNIT.fullmatch(text)
    if not match or match[1] not in _BARE:
        return None
    if (match[2] and match[1] not in {"m", "cm", "km", "mm", "ft", "mi", "yd"}) or (match[3] and match[3] not in _PER):
        return None
    words = counted(_POWERS.get(match[2], "") + _BARE[match[1]], count)
    return f"{words} per {_PER[match[3]]}" if match[3] else words


def currency(sign: str, count: str) -> str:
    """Return the currency's name for ``sign``."""
    return counted(_CURRENCIES[sign][0], count)


def amount(sign: str, value: str, magnitude: str = "") -> str:
    """Verbalize an amount of money: ``$``, ``3.50`` is ``three dollars and fifty cents``."""
    major, minor = _CURRENCIES[sign]
    whole, _, cents = value.replace(",", "").partition(".")
    whole = whole.lstrip("0") or "0"
    if magnitude:
        return f"{number(value)} {MAGNITUDES[magnitude]} {counted(major, '2')}"
    if not minor or len(cents) not in (0, 2):
        return f"{number(value)} {counted(major, value)}"
    if whole == "0" and int(cents or 0):
        return f"{cardinal(int(cents))} {counted(minor, str(int(cents)))}"
    said = f"{quantity(whole)} {counted(major, whole)}"
    return f"{said} and {cardinal(int(cents))} {counted(minor, str(int(cents)))}" if int(cents or 0) else said


def money(match: re.Match[str]) -> str:
    """Verbalize a match of ``MONEY``."""
    sign, currency_sign, inner, value, magnitude, per = match.groups()
    said = signed(sign or inner) + amount(currency_sign, value, magnitude or "")
    if not per:
        return said
    return f"{said} per {_PER.get(per, per)}"


def money_after(match: re.Match[str]) -> str:
    """Verbalize a match of ``MONEY_AFTER``: the currency sign after the number."""
    return signed(match[1]) + amount(match[3], match[2])


def short(match: re.Match[str]) -> str:
    """Verbalize a match of ``SHORT``: ``10k`` is ``ten thousand``, but ``4K`` is an image resolution."""
    if match[0] in {"2K", "4K", "5K", "8K"}:
        return f"{number(match[2])} K"
    return f"{signed(match[1])}{number(match[2])} {MAGNITUDES[match[3]]}"


def percent(match: re.Match[str]) -> str:
    """Verbalize a match of ``PERCENT``."""
    return f"{signed(match[1])}{number(match[2])} {'percent' if match[3] == '%' else 'per mille'}"


def measure(match: re.Match[str]) -> str | None:
    """Verbalize a match of ``MEASURE``, or return ``None`` if its letters are no unit."""
    said = unit(match[3], match[2])
    return said and f"{signed(match[1])}{number(match[2])} {said}"
