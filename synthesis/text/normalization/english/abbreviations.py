"""English abbreviations: tables in ``data/en.toml``, and what a period after them means."""

import re

from synthesis.text.normalization.tables import read_table
from synthesis.text.word_sets import word_set

_TABLE = read_table("en")
_ALWAYS: dict[str, str] = _TABLE["abbreviations"]
_FINAL: dict[str, str] = _TABLE["final_abbreviations"]
BEFORE_NUMBERS: dict[str, str] = _TABLE["before_numbers"]
_BARE: dict[str, str] = _TABLE["bare"]
_STARTERS = word_set(_TABLE["words"]["starters"])
_ALSO_WORDS = word_set(_TABLE["words"]["also"])
_BEFORE_NAMES = word_set(_TABLE["words"]["before_names"])
"""Keys that are followed by names: only a word that begins sentences ends one after them."""
_NAMES = word_set(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August September "
    "October November December EST EDT CST CDT MST MDT PST PDT ET CT MT PT GMT UTC Eastern Pacific Central Mountain"
)
"""Capitalized words that continue a time or a date."""
_INITIAL = re.compile(r"[A-Z]")
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]")


def starts_sentence(word: str) -> bool:
    """Return whether ``word`` typically begins a sentence, and is not a name."""
    return word[:1].isupper() and word.lower() in _STARTERS


def may_start_sentence(word: str) -> bool:
    """Return whether ``word`` can begin a sentence after an abbreviation; ``""`` is the end of the text."""
    return not word or (word[0].isupper() and word not in _NAMES) or not (word[0].isalnum() or word[0] in ",$€£#%&+-~@")


def expand(core: str) -> str | None:
    """Return the expansion of an abbreviation written without a period, or ``None``."""
    return _BARE.get(core.lower())


def is_known(core: str) -> bool:
    """Return whether ``core`` with a period after it can be an abbreviation."""
    key = core.lower()
    return key in _ALWAYS or key in _FINAL or bool(_DOTTED.fullmatch(core))


def expand_with_period(core: str, following: str, previous: str) -> tuple[str, bool] | None:
    """Return the expansion of ``core`` with its period, and whether the period also ends a sentence; or ``None``.

    ``following`` and ``previous`` are the adjacent words, empty at the edge of a sentence.
    """
    key = core.lower()
    ends = not following or starts_sentence(following)
    if key in _BY_CONTEXT:
        return _by_context(core, following, previous, ends=ends)
    if key in _ALWAYS and (len(key) > 2 or core[0].isupper() or key in {"vs", "cf", "eg", "ie", "op", "qt"}):
        return _continued(core, following)
    if key in _FINAL and (key not in _ALSO_WORDS or following[:1].islower() or _is_short(key, core, following)):
        return _FINAL[key], ends if key in _BEFORE_NAMES else may_start_sentence(following)
    if _DOTTED.fullmatch(core):
        return " ".join(core.replace(".", "").upper()), ends
    if _INITIAL.fullmatch(core) and core != "I" and following[:1].isupper() and following.lower() not in _STARTERS:
        return core, False
    return None


_BY_CONTEXT = frozenset(("st", "dr", "c", "ca", "min", "v", "mo", "fl"))


def _by_context(core: str, following: str, previous: str, *, ends: bool) -> tuple[str, bool] | None:
    """Expand a key with several meanings by the words around it."""
    key, numbered, named = core.lower(), following[:1].isdigit(), following[:1].isupper()
    if key == "mo":
        return ("Missouri", ends) if core[0].isupper() else ("months", ends) if previous[-1:].isdigit() else None
    if key == "fl":
        return ("floor", ends) if previous[:1].isdigit() and previous[-2:] in {"st", "nd", "rd", "th"} else None
    if key == "st":
        return ("saint", False) if named and following.lower() not in _STARTERS else ("street", ends)
    if key == "dr":
        return ("drive", ends) if previous[:1].isupper() and ends else ("doctor", not following)
    if key == "min":
        counted = previous[-1:].isdigit()
        if counted:
            return "minutes", may_start_sentence(following)
        return ("minimum", False) if following[:1].islower() or numbered else None
    if key == "v":
        return ("versus", False) if previous[:1].isupper() and named else None
    return ("circa", False) if numbered else None


def _continued(core: str, following: str) -> tuple[str, bool] | None:
    """Expand a key after which a sentence does not end."""
    key = core.lower()
    numbered = following[:1].isdigit() and key in {"dep", "arr", "op"}
    if key in _ALSO_WORDS and not numbered and (core.islower() or not following[:1].isupper()):
        return None
    return _ALWAYS[key], not following


def _is_short(key: str, core: str, following: str) -> bool:
    """Return whether a key that is also a word is an abbreviation by its capital, or by a sign after it."""
    signed = bool(following) and not following[0].isalpha()
    return signed or (key in {"ave", "av", "inc", "co", "max"} and core[0].isupper())
