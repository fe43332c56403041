"""``<say-as interpret-as="...">``: the words of a text whose class the author names.

Classes that the classifier recognizes by their form (times, money, measures ...) are read as usual.
"""

import re
from collections.abc import Callable

from synthesis.text.normalization.english import numbers, spelling
from synthesis.text.normalization.languages import primary
from synthesis.text.normalization.localized.verbalizer import verbalizer

MAX_DIGITS = 15
"""Maximum digits of a number that is read as one; longer ones are read digit by digit."""
_GROUPS = re.compile(r"(?<=\d)[ ,.'\u00a0\u202f](?=\d{3}(?!\d))")
_INTEGER = re.compile(r"\s*([+-]?)\s*(\d{1,40})(?:st|nd|rd|th|\.|º|ª)?\s*")
_DATE_ORDERS = ("mdy", "dmy", "ymd", "ydm", "md", "dm", "ym", "my")


def say_as(text: str, interpret_as: str, date_format: str, language: str) -> str:
    """Return the text to read for ``text``; unknown classes, and texts that do not fit the class, are unchanged.

    ``interpret_as`` is a class of SSML or of ``Class``, and ``date_format`` the order of a date, such as ``dmy``.
    """
    if interpret_as == "date":
        return _date(text, date_format)
    say = _CLASSES.get(interpret_as)
    return say(text, language) or text if say else text


def _integer(text: str) -> tuple[str, str]:
    """Return the sign and the digits of a number, both empty if it is none."""
    match = _INTEGER.fullmatch(_GROUPS.sub("", text))
    return (match[1], match[2]) if match else ("", "")


def _cardinal(text: str, language: str) -> str:
    sign, digits = _integer(text)
    if not digits:
        return ""
    if len(digits) > MAX_DIGITS:
        return _digits(digits, language)
    is_english = primary(language) == "en"
    said = numbers.cardinal(int(digits)) if is_english else verbalizer(language).cardinal(digits.lstrip("0") or "0")
    if sign == "-":
        return f"{'minus' if is_english else verbalizer(language).symbol('-', between_numbers=True)} {said}"
    return said


def _ordinal(text: str, language: str) -> str:
    sign, digits = _integer(text)
    if not digits or sign or len(digits) > MAX_DIGITS or not int(digits):
        return ""
    if primary(language) == "en":
        return numbers.ordinal(int(digits))
    return verbalizer(language).default_ordinal(int(digits))


def _digits(text: str, language: str) -> str:
    return numbers.digits(text) if primary(language) == "en" else verbalizer(language).digits(text)


def _telephone(text: str, language: str) -> str:
    groups = ", ".join(_digits(group, language) for group in re.findall(r"\d+", text))
    plus = "plus " if primary(language) == "en" else f"{verbalizer(language).symbol('+')} "
    return (plus.lstrip() if text.lstrip().startswith("+") else "") + groups


def _characters(text: str, language: str) -> str:
    return ", ".join(filter(None, (_character(char, language) for char in text if not char.isspace())))


def _character(char: str, language: str) -> str:
    is_english = primary(language) == "en"
    if char.isdecimal():
        return _digits(char, language)
    if char.isalpha():
        return spelling.spell(char) if is_english else char.upper()
    return spelling.SYMBOLS.get(char, _PUNCTUATION.get(char, "")) if is_english else verbalizer(language).symbol(char)


_PUNCTUATION = {".": "dot", ",": "comma", "-": "dash", "_": "underscore", ":": "colon", ";": "semicolon", "#": "hash"}


def _date(text: str, order: str) -> str:
    """Return a date in figures in the order of ISO 8601, which is read the same in all languages."""
    parts = re.findall(r"\d+", text)
    if order not in _DATE_ORDERS or len(parts) != len(order) or re.search(r"[^\W\d_]", text):
        return text
    by_field = dict(zip(order, parts, strict=True))
    if any(len(part) > 4 for part in parts) or len(by_field.get("y", "2000")) not in {2, 4}:
        return text
    month, day = by_field.get("m", ""), by_field.get("d", "")
    if not 1 <= int(month) <= 12 or (day and not 1 <= int(day) <= 31):
        return text
    if "y" not in by_field or not day:
        return text
    year = by_field["y"]
    year = year if len(year) == 4 else f"{'19' if int(year) >= 70 else '20'}{year}"
    return f"{year}-{int(month):02}-{int(day):02}"


_CLASSES: dict[str, Callable[[str, str], str]] = {
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
    "digits": _digits,
    "telephone": _telephone,
    "characters": _characters,
    "spell-out": _characters,
    "letters": _characters,
    "verbatim": _characters,
    "serial": _characters,
    "initialism": _characters,
}
