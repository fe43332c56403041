"""Roman numerals in English: which letters are one, and whether it is a cardinal or an ordinal."""

import re

from synthesis.text.normalization.english.numbers import cardinal, ordinal, year
from synthesis.text.normalization.english.spelling import spell
from synthesis.text.normalization.semiotics import Class
from synthesis.text.normalization.tables import read_table
from synthesis.text.word_sets import word_set

_TABLE = read_table("en")["rulers"]
_RULERS = word_set(_TABLE["names"])
_TITLES = word_set(_TABLE["titles"])
_NUMBERED = word_set(_TABLE["numbered"])
_ROMAN = re.compile(r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_RANGE = re.compile(r"([ivxl]{1,8})[-–]([ivxl]{1,8})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_OTHERWISE = word_set("I V X L C D M CD DC MD CV CC DM MC MI DI LI MM CM CL XL DVD LCD MIX CIV DIV DIM MILD")
"""Letters that mean something else more often."""
_YEARS = range(1500, 2100)
_MEDICAL = word_set("drip fluid fluids line bag needle therapy antibiotics pump catheter pole")
_NOT_NAMES = word_set("the a an in on at to of for and or but is are was were by with from as this that i he she it we")


def value_of(numeral: str) -> int:
    """Return the value of a Roman numeral in capitals."""
    values = [_VALUES[letter] for letter in numeral]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


def cardinal_of(numeral: str) -> str:
    """Return a Roman numeral in capitals as a cardinal."""
    return cardinal(value_of(numeral))


def is_range(core: str) -> bool:
    """Return whether ``core`` is a range of small Roman numerals, as in page numbers."""
    return bool(_RANGE.fullmatch(core))


def verbalize(core: str, previous: str, earlier: str, following: str) -> tuple[str, Class] | None:
    """Return the words and the class of a numeral after ``previous`` and ``earlier``; ``None`` if it is none there."""
    if match := _RANGE.fullmatch(core):
        sides = [side.upper() for side in match.groups()]
        valid = all(_ROMAN.fullmatch(side) for side in sides)
        return (" to ".join(map(cardinal_of, sides)), Class.RANGE) if valid else None
    if not _ROMAN.fullmatch(core):
        return None
    before = previous.lower()
    if core == "X" and before == "malcolm":
        return None
    if core == "IV" and (following.lower() in _MEDICAL or before in {"an", "the"}):
        return spell(core), Class.INITIALISM
    if before == "the" and earlier.lower() in _RULERS:
        return ordinal(value_of(core)), Class.ORDINAL
    if not previous and len(core) > len("III") and value_of(core) in _YEARS:
        return year(value_of(core)), Class.DATE
    if before in _RULERS or (earlier.lower() in _TITLES and previous[:1].isupper()):
        return (f"the {ordinal(value_of(core))}", Class.ORDINAL) if core != "I" or before in _RULERS else None
    if before in _NUMBERED:
        return cardinal_of(core), Class.CARDINAL
    named = previous[:1].isupper() and previous[1:].islower() and before not in _NOT_NAMES
    if named and core not in _OTHERWISE and len(core) > 1:
        return cardinal_of(core), Class.CARDINAL
    return None
