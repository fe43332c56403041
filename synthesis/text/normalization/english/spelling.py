"""Spells words by letter or by part: identifiers, acronyms, symbols, codes."""

import re
from collections.abc import Iterable, Sequence

from synthesis.text.normalization.english.numbers import digits, integer
from synthesis.text.normalization.tables import read_table
from synthesis.text.word_sets import word_set

SYMBOLS = {
    "&": "and", "&&": "and", "||": "or", "+": "plus", "=": "equals", "==": "equals", "===": "equals",
    "!=": "is not equal to", "≠": "is not equal to", "<": "less than", ">": "greater than",
    "<=": "less than or equal to", "≤": "less than or equal to", ">=": "greater than or equal to",
    "≥": "greater than or equal to", "≈": "is about", "±": "plus or minus", "×": "times", "÷": "divided by",
    "%": "percent", "@": "at", "->": "to", "→": "to", "=>": "to", "⇒": "to", "<-": "from", "←": "from", "-->": "to",
    "$": "dollars", "€": "euros", "£": "pounds", "¥": "yen", "°": "degrees", "°C": "degrees celsius",
    "°F": "degrees fahrenheit", "§": "section", "©": "copyright", "∞": "infinity", "√": "square root of", "∑": "sum",
    "∂": "partial", "∫": "integral", "∈": "in", "∴": "therefore", "¬": "not", "^": "to the power of",
    "|": "pipe", "/": "slash", "\\": "backslash",
}  # fmt: skip
"""Spoken names of isolated symbols."""
_INSIDE = {
    "&": "and", "+": "plus", "=": "equals", "==": "equals", "!=": "is not equal to", "≠": "is not equal to",
    "≤": "less than or equal to", "≥": "greater than or equal to", ">=": "greater than or equal to",
    "<=": "less than or equal to", "≈": "is about", "±": "plus or minus", "×": "times", "÷": "divided by",
    "%": "percent", "@": "at", "->": "to", "→": "to", "=>": "to", "⇒": "to", ".": "dot", "**": "to the power of",
    "^": "to the power of", "©": "copyright", "°": "degrees", "$": "", "€": "euros", "£": "pounds", "∞": "infinity",
    "<": "less than", ">": "greater than", "√": "square root of", "∑": "sum", "∫": "integral", "∂": "partial",
    "∈": "in", "¬": "not", "*": "times", "+-": "plus or minus",
}  # fmt: skip
_FUNCTIONS = {
    "sin": "sine", "cos": "cosine", "tan": "tangent", "log": "log", "ln": "L N", "exp": "exponential",
    "sqrt": "square root", "lim": "limit", "max": "maximum", "min": "minimum",
}  # fmt: skip
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau "
    "upsilon phi chi psi omega"
)
GREEK: dict[str, str] = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", re.findall(r"\w+", _GREEK_NAMES), strict=True))
_ATOM = re.compile(
    r"[\u0370-\u03ff]|[^\W\d_\u0370-\u03ff]+(?:'[^\W\d_\u0370-\u03ff]+)*|\d+(?:,\d{3})+(?:\.\d+)?|\d+"
    r"|->|=>|[!=<>]=|==|\*\*|\^-?\d+|\+-|[-/<>*]|[_\\:;,()\[\]{}|'\"`~#?!]+|."
)
_HUMP = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_CASED = re.compile(r"(?:Mc|Mac|O')[A-Z][a-z']+|[A-Z]{2,}s|PhDs?|GitHub|GitLab|YouTube|LaTeX|PowerPoint")
_SPELLED = word_set("ci ux io qa ide aws cli orm etl eof avx")
"""Lower-case acronyms that espeak-ng would read as words."""
_WORDS_IN_CAPITALS = word_set(
    "ram rom pin wav lan wan sim gif max min sum avg zip tab map pop hit tip bin var lib env arg dir int num new "
    "see run set out day let say too try way yes off old own red top end big bad bug log app ask buy cut far few "
    "hot key low man men mix net sit war win box job sat ago air all and any are arm art bed boy but can car cat "
    "did dog dry eat eye fan fit fly for fun gas get god got gun guy had has her him his how ice ill its kid law "
    "lay led leg lie lot may nor not now odd one our pay per put raw sad sea she sky son sun tax tea ten the two "
    "use was why yet you fix add pass is in on of to be by we me my no so up do go he if or an as at am"
)
"""Short words that remain words in capitals; other short words in capitals are spelled."""
_LETTER = {"A": "eh", "I": "eye"}
"""Respellings of letter names where espeak-ng would read the letter as a word."""
_LOUDEST = 3


_TABLE = read_table("en")["initialisms"]
_INITIALISMS = word_set(_TABLE["spelled"])
_ACRONYMS = word_set(_TABLE["words"])
_SHOUTED = word_set(_TABLE["shouted"]) | _WORDS_IN_CAPITALS
_ONSET = (
    r"(?:[bcdfghjklmnpqrstvwxyz]|[bcfgkps]l|[bcdfgkptw]r|s[cklmnpqtw]|sc[rl]|s[pt]r|spl|squ|th|thr|sh|shr|ch|chr|wh|ph"
    r"|phr|kn|wr|gn|tw|dw|qu|gu|ps|rh|sch|gh)?"
)
_PRONOUNCEABLE = re.compile(rf"{_ONSET}(?!aa|ii|uu)[aeiouy][a-z']*")
_NO_CODA = re.compile(
    r"(?:[bcdfgjklmnpqstvwxz][bcdfgjkmnpqvwxz]|[aiu])$|aa|ii|uu|[bcdfgjkpqtvwxz][bdfgjkmnpqvwxz]{2}|[^aeiouy']{5}"
)
_CODAS = re.compile(
    r"(?:[lmnprs][bcdgkmpt]|[mnl][bfv]|ck|ng|nk|ft|ct|pt|xt|gh|gn|mn|ff|ll|ss|zz|tt|dd|gg|nn|rr|rm|rn|lm|wn|wk|wl|bb|[cs]k|sp|sm|lp|lk|x|sh|th|ch|ph|rf|rv|lf|a|i|u)$"
)


def _is_pronounceable(word: str) -> bool:
    """Return whether letters can be read as an English word, by what begins and ends one."""
    if not _PRONOUNCEABLE.fullmatch(word):
        return False
    return not _NO_CODA.search(word) or bool(_CODAS.search(word) and not re.search("aa|ii|uu", word))


def is_shouted_word(core: str) -> bool:
    """Return whether ``core``, in a run of capitals, is a word and not an initialism."""
    word = core.lower()
    if word in {"i", "a"}:
        return False
    return word in _SHOUTED or (len(word) > _LOUDEST and word not in _INITIALISMS and _is_pronounceable(word))


def _capitals(text: str) -> str:
    """Return a word in capitals: in small letters if it is read as a word, else its letters."""
    word = text.lower()
    if word in _INITIALISMS:
        # espeak-ng spells short ones that are no words by itself.
        return spell(text) if len(text) > _LOUDEST or word in _SHOUTED else text
    if word in _ACRONYMS or word in _WORDS_IN_CAPITALS or "'" in text:
        return word
    if len(text) <= _LOUDEST:
        return text
    return word if _is_pronounceable(word) else spell(text)


def spell(letters: str) -> str:
    """Return the names of ``letters``, as espeak-ng reads them in any position of a sentence."""
    return " ".join(_LETTER.get(letter, letter) for letter in letters.upper())


def normalize_word(text: str) -> str:
    """Verbalize a run of letters and apostrophes: a word, an acronym, or several joined words."""
    text = text.strip("'")
    if len(text) == 1:
        return GREEK.get(text.lower(), text)
    if text.lower() in _SPELLED:
        return text.upper()
    if text.endswith("'s") and text[:-2].isupper():
        return f"{normalize_word(text[:-2])}'s"
    if text.isupper():
        return _capitals(text)
    if text[1:].islower():
        return text
    if _CASED.fullmatch(text):
        return text if text[:-1].isupper() else text.capitalize()
    humps = _HUMP.split(text)
    return " ".join(normalize_word(part) if len(part) > 1 else part for part in humps) if len(humps) > 1 else text


def spell_acronyms(spoken: str) -> str:
    """Return ``spoken`` with its acronyms spelled out.

    espeak-ng spells a short acronym only in a clause with more lower-case letters than capitals,
    and more than three.
    """
    return " ".join(spell(part) if len(part) > 1 and part.isupper() else part for part in spoken.split(" "))


def _dot(atoms: Sequence[str], place: int) -> str:
    """Return the word for a dot between two parts: ``point`` between numbers."""
    if not 0 < place < len(atoms) - 1:
        return ""
    return "point" if atoms[place - 1].isdecimal() and atoms[place + 1].isdecimal() else "dot"


def is_formula(core: str) -> bool:
    """Return whether the signs in ``core`` are operators between numbers or variables: ``x=-1``, ``5-3=2``."""
    return bool(_COMPARED.search(core)) and not _ELECTRONIC.search(core)


_COMPARED = re.compile(r"[=<>≤≥≠≈+×÷±√^]|->")
_ELECTRONIC = re.compile(r"//|[?&@#_]|--|[a-z]{3,}[-/][a-z]{3,}")


def _minus(atoms: Sequence[str], place: int, *, formula: bool) -> str:
    """Return the word for a hyphen inside a word: "minus" before a number or variable of a formula."""
    if not formula or place + 1 >= len(atoms) or not atoms[place + 1][0].isalnum():
        return ""
    return "minus" if len(atoms[place + 1]) == 1 or atoms[place + 1].isdecimal() else ""


def _over(atoms: Sequence[str], place: int) -> str:
    """Return the word for a slash inside a word: "over" between the terms of a formula."""
    before, after = "".join(atoms[max(0, place - 1) : place]), "".join(atoms[place + 1 : place + 2])
    terms = (before == ")" or len(before) == 1) and (after == "(" or len(after) == 1)
    if not terms:
        return ""
    return "over" if before == ")" or after == "(" else "slash"


def _letters(atoms: Sequence[str], place: int, *, formula: bool) -> str:
    atom = atoms[place]
    after = atoms[place + 1][:1] if place + 1 < len(atoms) else ""
    if after == "(" and atom in _FUNCTIONS:
        of = "".join(atoms[place + 1 : place + 4])
        return f"{_FUNCTIONS[atom]} of" if len(of) > 2 else _FUNCTIONS[atom]
    if after == "(" and len(atom) == 1 and len(atoms) > place + 2 and len(atoms[place + 2]) == 1:
        return f"{atom} of"
    numbered = (place > 0 and atoms[place - 1].isdecimal()) or (atom == "A" and after.isdecimal())
    if atom in {"A", "a"} and (formula or numbered):
        return _LETTER["A"]
    if after == "^" and len(atom) == 2 and not re.search("[aeiouy]", atom):
        return spell(atom)
    return normalize_word(atom)


def _atoms(text: str) -> Iterable[str]:
    atoms = _ATOM.findall(text)
    formula = is_formula(text)
    for place, atom in enumerate(atoms):
        if atom[0].isdecimal():
            yield integer(atom) if atom.isdecimal() else integer(atom.replace(",", "").split(".")[0])
        elif atom[0].isalnum():
            yield _letters(atoms, place, formula=formula)
        elif atom[0] == "^" and len(atom) > 1:
            yield power(atom[1:])
        elif atom == ".":
            yield _dot(atoms, place)
        elif atom == "-":
            yield _minus(atoms, place, formula=formula)
        elif atom == "/":
            yield _over(atoms, place)
        elif atom in "<>":
            yield _INSIDE[atom] if 0 < place < len(atoms) - 1 else ""
        elif atom == "*":
            yield "times" if formula and 0 < place < len(atoms) - 1 else ""
        else:
            yield _INSIDE.get(atom, "")


def power(exponent: str) -> str:
    """Return the words for an exponent: ``2`` is ``squared``."""
    named = {"2": "squared", "3": "cubed"}.get(exponent)
    sign = "minus " if exponent.startswith("-") else ""
    return named or f"to the power of {sign}{integer(exponent.lstrip('-'))}"


def verbalize_parts(text: str) -> str:
    """Verbalize any word part by part, including each letter and digit."""
    return " ".join(filter(None, _atoms(text)))


def spell_code(text: str, most: int = 7) -> str:
    """Spell a code such as a commit hash: its first ``most`` characters."""
    return " ".join(digits(char) if char.isdigit() else spell(char) for char in text[:most])
