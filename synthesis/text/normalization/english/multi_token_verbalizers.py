"""Verbalizes forms of several written words: dates, amounts, times, names with numerals."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synthesis.text.normalization.english import abbreviations, dates, quantities
from synthesis.text.normalization.english.numbers import (
    INTEGER,
    NUMBER,
    cardinal,
    digits,
    fraction,
    number,
    ordinal,
    year,
)
from synthesis.text.normalization.english.verbalizers import verbalize
from synthesis.text.normalization.semiotics import Class
from synthesis.text.normalization.tokenizer import Token
from synthesis.text.word_sets import word_set

GroupVerbalizer = Callable[[Sequence[Token], int], list[str] | None]


@dataclass(frozen=True, slots=True)
class Group:
    """The spoken forms of consecutive words, one per word, and their class."""

    spoken: list[str]
    semiotic_class: Class


_NUMBER = re.compile(NUMBER)
_INTEGER = re.compile(INTEGER)
_YEAR = re.compile(r"1\d{3}|20\d\d")
_HALF_DAY = re.compile(r"([aApP])\.?[mM]")
_FRACTION = re.compile(r"(\d{1,2})/(\d{1,2})")
_LAST_DIGITS = re.compile(r"\d{3}-\d{4}|\d{2,4}")
_TO_YEAR = word_set(
    "c ca ad a.d "
    "in since by from until till before after of year years early late mid circa during around to and spring "
    "summer autumn fall winter copyright"
)
_RELEASED = word_set(
    "version release python django node debian ubuntu fedora linux kernel postgresql java go php ruby rust chrome "
    "firefox windows macos ios android openssl git numpy torch"
)
_ROMAN_NUMBER = re.compile(r"(?!I$)[IVXLC]{1,7}|[ivxl]{1,7}[-–][ivxl]{1,7}|[ivx]{2,6}")
_MEASURED = re.compile(rf"([-+~±]?)({NUMBER}|\d+[-–]\d+)")
_HOUR = re.compile(r"\d{1,2}")
_HOURS = re.compile(r"\d{1,2}(?::\d\d)?[-–]\d{1,2}(?::\d\d)?")
_COUNTRY_CODE = re.compile(r"\+\d{1,3}")
_AREA_CODE = re.compile(r"\d{3}")
_RELEASE = re.compile(r"(\d{1,3})\.(\d{2})")
_OPERANDS = re.compile(r"[\w.,$%)(\]\[]+")


def _joined(tokens: Sequence[Token], at: int) -> bool:
    """Return whether another word follows the token at ``at`` without audible punctuation between."""
    return at + 1 < len(tokens) and not tokens[at].trail and not tokens[at].boundary


def _day(core: str) -> int | None:
    match = dates.DAY.fullmatch(core)
    return int(match[1]) if match and 1 <= int(match[1]) <= 31 else None


def _year_at(tokens: Sequence[Token], at: int) -> list[str]:
    """Return the year at ``at``, or ``None``."""
    if at < len(tokens) and _YEAR.fullmatch(tokens[at].core) and not tokens[at].lead:
        return [year(int(tokens[at].core))]
    return []


def _month_day(tokens: Sequence[Token], at: int) -> list[str] | None:
    dated = at + 1 < len(tokens) and tokens[at + 1].core[:1].isdigit()
    month = dates.month(tokens[at].core, dated=dated)
    if not month or at + 1 >= len(tokens) or tokens[at].boundary or tokens[at].trail not in ("", "."):
        return None
    following = tokens[at + 1]
    if (day := _day(following.core)) and not following.lead:
        if following.trail in ("", ",") and not following.boundary:
            return [month, ordinal(day), *_year_at(tokens, at + 2)]
        return [month, ordinal(day)]
    years = _year_at(tokens, at + 1)
    return [month, *years] if years else None


def _day_month(tokens: Sequence[Token], at: int) -> list[str] | None:
    day = _day(tokens[at].core)
    if not day or not _joined(tokens, at):
        return None
    month = dates.month(tokens[at + 1].core, dated=True)
    if not month:
        return None
    follows = tokens[at + 1].trail in ("", ".", ",") and not tokens[at + 1].boundary
    article = "" if at and tokens[at - 1].core.lower() == "the" else "the "
    return [f"{article}{ordinal(day)} of", month, *(_year_at(tokens, at + 2) if follows else [])]


def _money(tokens: Sequence[Token], at: int) -> list[str] | None:
    if not _joined(tokens, at):
        return None
    match, following = quantities.MONEY.fullmatch(tokens[at].core), tokens[at + 1].core
    if match and not match[5] and following in quantities.MAGNITUDES and len(following) > 1:
        return [f"{quantities.signed(match[1])}{number(match[4])}", f"{following} {quantities.currency(match[2], '2')}"]
    if _NUMBER.fullmatch(tokens[at].core) and len(following) == 1 and following in quantities.SIGNS:
        return [number(tokens[at].core), quantities.currency(following, tokens[at].core)]
    return None


def _measure(tokens: Sequence[Token], at: int) -> list[str] | None:
    match = _MEASURED.fullmatch(tokens[at].core)
    if not match or not _joined(tokens, at) or tokens[at + 1].lead:
        return None
    unit = quantities.unit(tokens[at + 1].core, match[2])
    return [verbalize(tokens[at].core)[0], unit] if unit else None


def _time(tokens: Sequence[Token], at: int) -> list[str] | None:
    if not _joined(tokens, at) or not (half := _HALF_DAY.fullmatch(tokens[at + 1].core)):
        return None
    match = dates.TIME.fullmatch(tokens[at].core)
    said = dates.time(match, half=True) if match else None
    if not said and (hour := _HOUR.fullmatch(tokens[at].core)):
        said = cardinal(int(hour[0]))
    if not said and _HOURS.fullmatch(tokens[at].core):
        said = verbalize(tokens[at].core)[0].replace(" o'clock", "")
    return [said, f"{half[1].upper()}M"] if said else None


def _before_number(tokens: Sequence[Token], at: int) -> list[str] | None:
    token = tokens[at]
    name = abbreviations.BEFORE_NUMBERS.get(token.core.lower())
    if (
        not name
        or token.trail not in (("",) if token.core in {"#", "§", "§§"} else (".",))
        or token.boundary
        or at + 1 >= len(tokens)
    ):
        return None
    following = tokens[at + 1]
    numbered = (
        following.core[:1].isdigit()
        or re.fullmatch(r"[A-Z]{1,3}-?\d[\w-]*", following.core)
        or _ROMAN_NUMBER.fullmatch(following.core)
    )
    return [name] if numbered and following.lead in ("", "(", "[") else None


def _mixed(tokens: Sequence[Token], at: int) -> list[str] | None:
    if not tokens[at].core.isdecimal() or not _joined(tokens, at):
        return None
    match = _FRACTION.fullmatch(tokens[at + 1].core)
    if not match or not 0 < int(match[1]) < int(match[2]):
        return None
    return [number(tokens[at].core), "and " + fraction(int(match[1]), int(match[2])).replace("one ", "a ", 1)]


def _operator(tokens: Sequence[Token], at: int) -> list[str] | None:
    """Verbalize an isolated operator between two operands: ``5 - 3``, ``10 – 20``, ``2 * x``."""
    sign = tokens[at].lead + tokens[at].core + tokens[at].trail
    if sign not in {"-", "–", "*", "x", "X", "/", "~"} or not 0 < at < len(tokens) - 1:
        return None
    left, right = tokens[at - 1], tokens[at + 1]
    if (
        left.trail
        or left.boundary
        or right.lead
        or not _OPERANDS.fullmatch(left.core)
        or not _OPERANDS.fullmatch(right.core)
    ):
        return None
    numbers = bool(_NUMBER.fullmatch(left.core) and re.match(r"\d", right.core))
    if sign in "*xX":
        return ["times"] if numbers or (sign == "*" and len(left.core) == 1) else None
    if sign == "/":
        return ["divided by" if numbers else "slash"]
    if not numbers:
        return None
    first, second = float(left.core.replace(",", "")), _NUMBER.match(right.core)
    return ["to" if second and first < float(second[0].replace(",", "")) else "minus"]


def _year(tokens: Sequence[Token], at: int) -> list[str] | None:
    """Verbalize a four-digit year, by its neighbors, or by a value close to the present with no noun after it."""
    core = tokens[at].core
    if not _YEAR.fullmatch(core):
        return None
    before = tokens[at - 1].core.lower() if at and not tokens[at - 1].boundary else ""
    after = tokens[at + 1].core if _joined(tokens, at) else ""
    counts = after.islower() and after.endswith("s") and after not in {"was", "is", "has", "as", "this", "its", "us"}
    if (before in _TO_YEAR or core >= "1900") and not counts:
        return [year(int(core))]
    return None


def _decade(tokens: Sequence[Token], at: int) -> list[str] | None:
    """Verbalize a decade without its century: seconds look the same, so ``'80s`` or ``the 80s`` is required."""
    match = dates.SHORT_DECADE.fullmatch(tokens[at].core)
    before = tokens[at - 1].core.lower() if at else ""
    if match and (
        tokens[at].lead.endswith("'")
        or before in {"the", "early", "late", "mid", "her", "his", "their", "my", "your", "our"}
    ):
        return [dates.decade(match)]
    return None


def _phone(tokens: Sequence[Token], at: int) -> list[str] | None:
    token = tokens[at]
    in_brackets = token.lead == "(" and token.trail == ")"
    if not _COUNTRY_CODE.fullmatch(token.core) and not (in_brackets and _AREA_CODE.fullmatch(token.core)):
        return None
    said, place = ["plus " * token.core.startswith("+") + digits(token.core)], at + 1
    while place < len(tokens) and _LAST_DIGITS.fullmatch(tokens[place].core) and not tokens[place - 1].boundary:
        said.append(digits(tokens[place].core))
        place += 1
        if tokens[place - 1].punctuation:
            break
    return said if len(said) > 1 else None


def _release(tokens: Sequence[Token], at: int) -> list[str] | None:
    """Verbalize a software version after a product name: ``Python 3.11``."""
    match = _RELEASE.fullmatch(tokens[at].core)
    if not match or not at or tokens[at - 1].trail or tokens[at - 1].core.lower() not in _RELEASED:
        return None
    return [f"{cardinal(int(match[1]))} point {digits(match[2]) if match[2] < '10' else cardinal(int(match[2]))}"]


# First the forms that begin with a word that contains a digit, then the others.
_NUMERIC: tuple[tuple[GroupVerbalizer, Class], ...] = (
    (_day_month, Class.DATE), (_money, Class.MONEY), (_time, Class.TIME), (_phone, Class.TELEPHONE),
    (_measure, Class.MEASURE), (_mixed, Class.FRACTION), (_year, Class.DATE), (_decade, Class.DATE),
    (_release, Class.VERSION),
)  # fmt: skip
_ALONE: tuple[tuple[GroupVerbalizer, Class], ...] = ((_year, Class.DATE), (_release, Class.VERSION))
_VERBAL: tuple[tuple[GroupVerbalizer, Class], ...] = (
    (_month_day, Class.DATE), (_before_number, Class.ABBREVIATION), (_operator, Class.SYMBOL),
)  # fmt: skip
_DIGIT = re.compile(r"\d")


def _can_start_group(core: str) -> bool:
    """Return whether a word of letters can begin a group; most cannot, which saves the search."""
    return bool(dates.month(core, dated=True) or core.lower() in abbreviations.BEFORE_NUMBERS)


def verbalize_group(tokens: Sequence[Token], at: int) -> Group | None:
    """Return the words from ``at`` on that form a group; ``None`` if there is no group."""
    core = tokens[at].core
    if core[:1].isalpha() and core not in "xX" and not _can_start_group(core):
        return None
    verbalizers = _NUMERIC if _DIGIT.search(core) else _VERBAL
    if core.isdecimal() and not tokens[at].lead and (at + 1 == len(tokens) or tokens[at + 1].core.isdecimal()):
        # Before another number or at the end, most forms cannot begin: this saves time in tables of numbers.
        verbalizers = _ALONE
    for verbalizer, semiotic_class in verbalizers:
        if said := verbalizer(tokens, at):
            return Group(said, semiotic_class)
    return None
