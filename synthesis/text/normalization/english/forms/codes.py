"""Telephone numbers, addresses, serial numbers, standards and chemical formulas."""

import re

from synthesis.text.normalization.english.forms.context import (
    TABLE,
    Context,
    Form,
    alternatives,
    form,
    in_pairs,
    number,
)
from synthesis.text.normalization.english.numbers import cardinal, digits, year
from synthesis.text.normalization.english.spelling import spell
from synthesis.text.normalization.semiotics import Class
from synthesis.text.word_sets import word_set

_PHONE_WORDS = word_set(TABLE["telephone"]["before"])
_CODES = word_set(TABLE["telephone"]["codes"])
_SERVICES = word_set(TABLE["telephone"]["services"])
_STREETS: dict[str, str] = TABLE["streets"]
_STATES: dict[str, str] = TABLE["states"]
_STATE_NAMES = frozenset(name.lower() for name in _STATES.values())
_BOOKS: dict[str, str] = TABLE["books"]
_STANDARDS = word_set(TABLE["standards"]["names"])
_MODELS = word_set(TABLE["standards"]["models"])
_ZIP = word_set("zip zipcode postcode")


def _groups(match: re.Match[str], context: Context) -> str:
    """Return the digits of a telephone number, with a pause between its groups."""
    text = match["number"]
    plus = "plus " if text.startswith("+") else ""
    said = ", ".join(
        digits(group) if group[0].isdigit() else _letters(group) for group in re.findall(r"\d+|[A-Za-z]+", text)
    )
    extension = match.groupdict().get("extension")
    return f"{plus}{said}" + (f", extension {digits(extension)}" if extension else "")


def _letters(text: str) -> str:
    return text.lower() if len(text) > 3 and re.search("[AEIOU]", text.upper()) else spell(text)


def _phone_after_word(match: re.Match[str], context: Context) -> str | None:
    count = sum(map(str.isdigit, match["number"]))
    if context.previous not in _PHONE_WORDS or count < 3:
        return None
    if (
        count <= 4
        and match["number"].isdigit()
        and context.previous not in {"extension", "ext", "dial", "fax", "phone"}
    ):
        return digits(match["number"]) if match["number"] in _SERVICES else None
    return _groups(match, context)


def _coded(match: re.Match[str], context: Context) -> str:
    return ", ".join(digits(group) for group in re.findall(r"\d+", match[0]))


def _standard(match: re.Match[str], context: Context) -> str | None:
    if context.previous.split("/")[0] not in _STANDARDS:
        return None
    text, part, edition = match["number"], match["part"], match["edition"]
    said = in_pairs(text)
    if part:
        said += f" {'dot' if match['joint'] == '.' else 'part'} {number(part)}"
    return f"{said}, {year(int(edition))}" if edition else said


def _is_in_state(context: Context) -> bool:
    """Return whether a number follows a state with its name: "Houston, Texas 77002"."""
    return bool(context.before) and context.previous in _STATE_NAMES


def _model(match: re.Match[str], context: Context) -> str | None:
    is_flight = context.before == "flight" and len(context.previous) == 2  # The code of an airline.
    return in_pairs(match[0]) if is_flight or context.previous in _MODELS else None


def _street_number(match: re.Match[str], context: Context) -> str | None:
    if context.previous in _PHONE_WORDS:
        return None
    return f"{street_number(match['house'])} {spell(match['letter'] or '')}"


def street_number(text: str) -> str:
    """Return a house number: 742 is "seven forty two", 1600 "sixteen hundred", 2788 "twenty seven eighty eight"."""
    if len(text) == 5:
        return digits(text)
    return cardinal(int(text)) if int(text) % 100 == 0 and len(text) == 3 else in_pairs(text)


def _zip_code(match: re.Match[str], context: Context) -> str | None:
    state = match["state"]
    if state not in _STATES:
        return None
    said = _STATES[state] if context.address else spell(state)
    code = digits(match["zip"])
    return f"{said} {code}" + (f", {digits(match['plus'])}" if match["plus"] else "")


def _verses(match: re.Match[str], context: Context) -> str | None:
    book = _BOOKS.get(match["book"].lower().rstrip("."))
    if not book:
        return None
    nth = {"1": "first ", "2": "second ", "3": "third "}.get(match["nth"] or "", "")
    said = f"{nth}{book} {cardinal(int(match['chapter']))} {cardinal(int(match['verse']))}"
    return f"{said} to {cardinal(int(match['last']))}" if match["last"] else said


def _ipv6(match: re.Match[str], context: Context) -> str | None:
    text = match[0]
    if text.count(":") < 2 or ("::" not in text and text.count(":") != 7):
        return None
    if not re.search("[0-9a-f]", text, re.IGNORECASE):
        return None
    signs = {"::": "double colon", ":": ","}
    parts = [
        signs.get(part) or " ".join(_digit_or_letter(char) for char in part)
        for part in re.split("(::|:)", text)
        if part
    ]
    return " ".join(parts).replace(" ,", ",")


def _digit_or_letter(char: str) -> str:
    return digits(char) if char.isdigit() else spell(char)


_ELEMENTS = word_set(
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb "
    "Mo Ag Cd In Sn Sb Te I Xe Cs Ba La W Os Ir Pt Au Hg Tl Pb Bi Rn Ra U Th Pu"
)
_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d*)")


def _chemical(match: re.Match[str], context: Context) -> str | None:
    atoms = _ELEMENT.findall(match["formula"])
    if any(symbol not in _ELEMENTS for symbol, _ in atoms) or "".join(a + b for a, b in atoms) != match["formula"]:
        return None
    charge, text = match["charge"] or "", match["formula"]
    has_digits = any(map(str.isdigit, text))
    if (
        not charge
        and not has_digits
        and (
            len(atoms) < 2
            or text.isupper()
            or not any(len(symbol) == 1 or symbol in {"Cl", "Br"} for symbol, _ in atoms)
        )
    ):
        return None
    if len(atoms) == 1 and not charge:
        return None
    said = " ".join(f"{spell(symbol)} {number(count) if count else ''}".strip() for symbol, count in atoms)
    return said + "".join(
        f" {digits(char) if char.isdigit() else 'plus' if char == '+' else 'minus'}" for char in charge if char != "^"
    )


def _covid(match: re.Match[str], context: Context) -> str:
    return f"{match[1].lower()} {number(match[2])}"


def _ordered(match: re.Match[str], context: Context) -> str:
    """Verbalize ``#A-10293``: a number sign before a code."""
    return f"number {code(match[1])}"


def code(text: str) -> str:
    """Return a code: letters by name, short digit groups as numbers, long ones digit by digit."""
    said = []
    for part in re.findall(r"\d+|[A-Za-z]+", text):
        if part[0].isdigit():
            said.append(digits(part).replace("zero", "oh") if len(part) > 3 else number(part))
        else:
            said.append(spell(part) if part.isupper() or len(part) < 3 else part)
    return " ".join(said)


def _lettered(match: re.Match[str], context: Context) -> str:
    """Verbalize letters with a number: "A320" is "A three twenty"; small letters after it are a word: "A320neo"."""
    suffix = match[3] if match[3].islower() else spell(match[3])
    return f"{spell(match[1])} {in_pairs(match[2])} {suffix}"


def _processor(match: re.Match[str], context: Context) -> str:
    return f"{match[1]} {cardinal(int(match[2]))} {in_pairs(match[3])} {spell(match[4])}".strip()


def _models(match: re.Match[str], context: Context) -> str:
    """Verbalize several of a model: "F-16s" is "F sixteens"."""
    said = in_pairs(match[2])
    plural = f"{said[:-1]}ies" if said.endswith("y") else f"{said}es" if said.endswith("x") else f"{said}s"
    return f"{spell(match[1]) if match[1].isupper() else match[1]} {plural}"


def _short_code(match: re.Match[str], context: Context) -> str | None:
    """Verbalize the number of a text message service: "Text 741741"."""
    return digits(match[0]) if context.previous == "text" else None


def _place(match: re.Match[str], context: Context) -> str | None:
    """Verbalize a line and a column: "line 42:7"."""
    return f"{number(match[1])} column {number(match[2])}" if context.previous in {"line", "lines"} else None


_LINES = frozenset(("240", "360", "480", "576", "720", "1080", "1440", "2160", "4320"))
"""Lines of video formats."""
_STREET_NAME = r"(?:[NSEW]{1,2}\.? |North |South |East |West )?(?:(?:[A-Z][a-z'.]+|\d{1,3}(?:st|nd|rd|th)) ){1,4}"
_STREET_WORD = alternatives({name.capitalize() for name in _STREETS})
_PHONE = Class.TELEPHONE

FORMS: tuple[Form, ...] = (
    form(
        _PHONE,
        r"(?P<number>(?:\+?1[-. ]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4})(?:,? ?(?:x|[Ee]xt\."
        r"?|extension) ?(?P<extension>\d{1,6}))?",
        _groups,
    ),
    form(_PHONE, r"(?P<number>\+\d{1,3}(?:(?:[ .-]|\) ?| ?\()\(?\d{1,5}){2,6})", _groups),
    form(_PHONE, r"(?P<number>\+\d{7,15})", _groups),
    form(
        _PHONE,
        r"(?P<number>1-?\d{3}-[A-Z0-9]{2,7}(?:-[A-Z0-9]{2,7}){0,3})",
        lambda m, c: _groups(m, c) if len(re.sub(r"\W", "", m[0])) > 8 else None,
    ),
    form(_PHONE, r"(?P<number>\(?0\d{2,5}\)?[ -]\d{3,4}[ -]?\d{3,4})", _groups),
    form(_PHONE, r"(?P<number>00\d{2}(?: \d{1,5}){2,5}|\d{2} \d{2} \d{4} \d{4})", _groups),
    form(_PHONE, r"(?P<number>1[38]00[ -]\d{3}[ -]\d{3})", _groups),
    form(_PHONE, r"(?P<number>\d{3}-\d{2}-\d{4})", _groups),
    form(_PHONE, r"(?P<number>\d{4}([ -])\d{4}\2\d{4}\2\d{4})", _groups),
    form(_PHONE, r"(?P<number>\d{2,4}-\d{3,4}-\d{3,4}(?:-\d{2,6}){0,2})", _groups),
    form(_PHONE, r"\d{5,6}", _short_code),
    form(Class.ADDRESS, r"(\d{1,6}):(\d{1,4})", _place),
    form(_PHONE, r"(?P<number>\d{3}-\d{4})(?:,? ?(?:x|[Ee]xt\.?) ?(?P<extension>\d{1,6}))?", _groups),
    form(
        Class.ADDRESS,
        r"(?P<number>\d{5})",
        lambda m, c: digits(m[0]) if c.previous in _ZIP or c.before == "zip" or _is_in_state(c) else None,
    ),
    form(_PHONE, r"(?P<number>\(?\d{1,5}\)?(?:[-. ]\d{2,5}){0,5})", _phone_after_word),
    form(_PHONE, r"(?P<number>\d{3}(?:-\d{2,4}){2,4})", _groups),
    form(
        Class.ADDRESS,
        rf"(?P<house>\d{{1,5}})(?P<letter>[A-Z])?(?= {_STREET_NAME}(?:{_STREET_WORD})(?![a-z]))",
        _street_number,
        end="",
    ),
    form(Class.SERIAL, r"\d{1,5}-\d{1,7}-\d{1,7}-[\dX]", lambda m, c: _coded(m, c) + " X" * m[0].endswith("X")),
    form(Class.SERIAL, r"\d{3,20}", lambda m, c: digits(m[0]) if c.previous in _CODES else None),
    form(Class.SERIAL, r"97[89]-\d{1,5}-\d{1,7}-\d{1,7}-\d", _coded),
    form(Class.ELECTRONIC, r"[0-9a-fA-F]{0,4}(?::{1,2}[0-9a-fA-F]{0,4}){2,7}", _ipv6),
)


NAMES: tuple[Form, ...] = (
    # The identification number of a vehicle: ISO 3779.
    form(
        Class.SERIAL,
        r"(?=[A-Z]*\d)(?=\d*[A-Z])[A-HJ-NPR-Z0-9]{17}",
        lambda m, c: " ".join(map(_digit_or_letter, m[0])),
    ),
    form(Class.SERIAL, r"802\.(\d{1,2})([a-z]{0,2})", lambda m, c: f"eight oh two dot {number(m[1])} {spell(m[2])}"),
    form(Class.SERIAL, r"(\d{3,4})([pi])", lambda m, c: f"{in_pairs(m[1])} {m[2]}" if m[1] in _LINES else None),
    form(Class.SERIAL, r"([A-Z]{1,3})-?(\d{3,4})([A-Z]?|neo|max|ti)", _lettered),
    form(Class.SERIAL, r"([A-Z][A-Za-z]{0,4})-(\d{1,3})s", _models),
    form(
        Class.SERIAL,
        r"[A-Z]{1,4}(?:-[A-Z0-9]{1,8}){1,4}",
        lambda m, c: code(m[0]) if re.search(r"\d{3}", m[0]) else None,
    ),
    form(Class.ADDRESS, r"(?P<number>\d{5}-\d{4})", _groups),
    form(
        Class.SERIAL,
        r"(?P<number>\d{3,6})(?:(?P<joint>[-.])(?P<part>\d{1,2}))?(?::(?P<edition>(?:19|20)\d\d))?",
        _standard,
    ),
    form(Class.SERIAL, r"\d{3,4}", _model),
    form(Class.SERIAL, r"([iI])([3579])-(\d{4,5})([A-Z]{0,2})", _processor),
    form(Class.SERIAL, r"#([A-Z]{1,4}-?\d[\w-]{0,20})", _ordered),
    form(Class.SERIAL, r"([Cc][Oo][Vv][Ii][Dd])-(\d{1,3})", _covid),
    form(
        Class.FORMULA,
        r"(?P<formula>(?:[A-Z][a-z]?\d{0,3}){1,8})(?P<charge>\^?\d?[+-])?",
        _chemical,
        end=r"(?![^\W_]|[-@/]|\.\w)",
    ),
    form(Class.ADDRESS, r"(?P<state>[A-Z]{2}),? (?P<zip>\d{5})(?:-(?P<plus>\d{4}))?", _zip_code),
    form(
        Class.RANGE,
        r"(?:(?P<nth>[123]) )?(?P<book>[A-Z][a-z]{1,12})\.? (?P<chapter>\d{1,3}):(?P<verse>\d{1,3}"
        r")(?:[-–](?P<last>\d{1,3}))?",
        _verses,
    ),
)
