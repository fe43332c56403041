"""English abbreviations and initialisms."""

import re

from synthesis.text.word_sets import word_set

# Written with a period; none of these ends a sentence by itself.
_ALWAYS = {
    "dr": "doctor", "mr": "mister", "mrs": "missus", "ms": "miz", "prof": "professor", "gen": "general",
    "rev": "reverend", "hon": "honorable", "capt": "captain", "lt": "lieutenant", "sgt": "sergeant",
    "col": "colonel", "sen": "senator", "gov": "governor", "pres": "president", "st": "saint", "mt": "mount",
    "ft": "fort", "e.g": "for example", "eg": "for example", "i.e": "that is", "ie": "that is", "cf": "compare",
    "viz": "namely", "vs": "versus", "approx": "approximately", "ca": "circa", "c": "circa", "esp": "especially",
    "incl": "including", "excl": "excluding", "resp": "respectively", "w.r.t": "with respect to",
    "a.k.a": "also known as", "aka": "also known as",
}  # fmt: skip
# These may end a sentence: a capital letter after them decides.
_FINAL = {
    "etc": "et cetera", "et al": "and others", "al": "al", "jr": "junior", "sr": "senior", "inc": "incorporated",
    "ltd": "limited", "co": "company", "corp": "corporation", "dept": "department", "est": "established",
    "ave": "avenue", "blvd": "boulevard", "rd": "road", "min": "minutes", "max": "maximum", "misc": "miscellaneous",
    "temp": "temperature", "avg": "average", "ext": "extension", "tel": "telephone", "govt": "government",
    "assn": "association", "bros": "brothers", "ed": "edition", "jan": "January", "feb": "February", "apr": "April",
    "aug": "August", "sept": "September", "oct": "October", "nov": "November", "dec": "December", "mon": "Monday",
    "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "thurs": "Thursday", "fri": "Friday",
    "sat": "Saturday", "sun": "Sunday", "u.s": "US", "u.k": "UK", "u.n": "UN", "u.s.a": "USA", "e.u": "EU",
    "a.m": "AM", "p.m": "PM", "d.c": "DC", "ph.d": "PhD", "b.c": "BC", "a.d": "AD", "q.e.d": "QED", "r.i.p": "RIP",
    "p.s": "PS",
}  # fmt: skip
BEFORE_NUMBERS = {
    "no": "number", "nos": "numbers", "nr": "number", "p": "page", "pp": "pages", "vol": "volume", "fig": "figure",
    "figs": "figures", "ch": "chapter", "sec": "section", "eq": "equation", "art": "article", "pt": "part",
    "ln": "line", "ver": "version", "ref": "reference", "#": "number", "§": "section", "op": "opus", "tab": "table",
    "rev": "revision",
}  # fmt: skip
_WITHOUT_POINT = {
    "vs": "versus", "e.g": "for example", "i.e": "that is", "etc": "et cetera", "approx": "approximately",
    "w/": "with", "w/o": "without", "b/c": "because", "mr": "mister", "mrs": "missus", "n/a": "not applicable",
    "a.m": "AM", "p.m": "PM", "aka": "also known as", "i/o": "I O", "y/n": "yes or no", "c++": "C plus plus",
    "c#": "C sharp", "f#": "F sharp", ".net": "dot net", "and/or": "and or", "24/7": "twenty four seven",
    "9/11": "nine eleven", "50/50": "fifty fifty", "r&d": "R and D", "q&a": "Q and A", "at&t": "AT and T",
    "ok": "okay", "saas": "sass", "paas": "pass",
}  # fmt: skip
_STARTERS = word_set(
    "the a an this that these those it he she we they i you there then but and so if when while in on at for "
    "after before our his her its their my your what who why how where is are was were do does did no yes now "
    "here"
)
_ALSO_WORDS = word_set("al co ed est min max mon wed fri sat sun temp tel inc ext ave")
_INITIAL = re.compile(r"[A-Z]")
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]")


def starts_sentence(word: str) -> bool:
    """Return whether ``word`` typically begins a sentence, and is not a name."""
    return word[:1].isupper() and word.lower() in _STARTERS


def expand(core: str) -> str | None:
    """Return the expansion of an abbreviation written without a period, or ``None``."""
    return _WITHOUT_POINT.get(core.lower())


def expand_with_period(core: str, following: str, previous: str) -> tuple[str, bool] | None:
    """Return the expansion of ``core`` with its period, and whether the period also ends a sentence; or ``None``.

    ``following`` and ``previous`` are the adjacent words, empty at the edge of a sentence.
    """
    key = core.lower()
    ends = not following or starts_sentence(following)
    if key == "st" and not (following[:1].isupper() and following.lower() not in _STARTERS):
        return "street", ends
    if key == "dr" and previous[:1].isupper() and ends:
        return "drive", ends
    if key in {"c", "ca"}:
        return ("circa", False) if following[:1].isdigit() else None
    if key in _ALWAYS and (len(key) > 2 or core[0].isupper() or key in {"vs", "cf", "eg", "ie"}):
        return _ALWAYS[key], not following
    if key in _FINAL and (key not in _ALSO_WORDS or (following and not following[0].isupper())):
        return _FINAL[key], not following or (following[0].isupper() and (ends or key == "etc"))
    if _DOTTED.fullmatch(core):
        return " ".join(core.replace(".", "").upper()), ends
    if _INITIAL.fullmatch(core) and core != "I" and following[:1].isupper() and following.lower() not in _STARTERS:
        return core, False
    return None
