"""Converts English text to spoken words: classifies each written form, with its context, and verbalizes it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from synthesis.text.normalization.assembly import Reading, assemble, lone_mark
from synthesis.text.normalization.english import (
    abbreviations,
    dates,
    multi_token_verbalizers,
    numerals,
    spelling,
    verbalizers,
)
from synthesis.text.normalization.english.forms.context import COUNTING, NUM, TABLE, UNITS, Context
from synthesis.text.normalization.english.forms.rules import find_form
from synthesis.text.normalization.english.numbers import digits
from synthesis.text.normalization.semiotics import Class
from synthesis.text.normalization.tokenizer import Token, strongest, tokenize
from synthesis.text.normalization.windows import MAX_LENGTH, Window, window
from synthesis.text.word import Word
from synthesis.text.word_sets import word_set

_QUIET = 3
"""espeak-ng spells acronyms only in a clause with more lower-case letters than this."""
_STREETS: dict[str, str] = TABLE["streets"]
_DIRECTIONS: dict[str, str] = TABLE["directions"]
_STATES: dict[str, str] = TABLE["states"]
_CAPITALIZED: dict[str, str] = TABLE["capitalized"]
_SUFFIXES: dict[str, str] = TABLE["suffixes"]
_BEFORE_LETTER = word_set(TABLE["letters"]["after"]) | {"an", "letter"}
_ADDRESS_REACH = 8
"""Words after a street in which a direction or a state belongs to its address."""
_DAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thur": "Thursday",
    "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
_ALSO_STATES = frozenset(("OK", "ME", "HI", "OH", "OR", "IN", "PA", "MA", "ID", "AL", "MS", "MD", "CO", "DE"))
"""Codes of states that mean something else after a comma, if no street is near."""
_MONTHS = word_set("Jan Feb Apr Jun Jul Aug Sep Sept Oct Nov Dec")
_BEFORE_MONTH = word_set("of in since until till by last next this from early late mid every each")
_WORDS_TOO = frozenset(("Sat", "Sun", "Wed"))
_SHOUTED_RUN = 3
"""Minimum words in capitals in a row that are shouted, and not initialisms."""
_NAMED_BEFORE = frozenset(("version", "hex", "number", "section"))
"""Words that a code begins with in speech, unless the text has them before it."""
_NUMBERED = frozenset(("Apt", "Rm", "Vol", "Fig", "Figs", "Ext", "ext", "Bldg", "Eq", "Sec", "Ch", "pp", "pg"))
"""Abbreviations that are said before a number even without a period."""
_MEMBER = re.compile(r"([DRI])-([A-Z][A-Za-z]{1,5})")
_DIGIT = re.compile(r"\d")
_STARTS_FORM = re.compile(r"[A-Z$€£¥₹₩₽₴₿#T~±<>+-]|[0-9a-fA-F]{0,4}::?")
_CHEMICAL = re.compile(r"(?:[A-Z][a-z]?){2,6}")
_CHARGED = re.compile(r"[A-Z][A-Za-z]{0,3}[\^+]")
_INCHES = re.compile(rf"(?:{NUM})")
_LETTER_RANGE = re.compile("A[-–][C-Z]")
_ARROWS = {"<-": "from", "<--": "from", "~": "about"}
"""Signs that the tokenizer takes for punctuation."""
_FRACTION = re.compile(r"(?:\d{1,3} )?\d{1,2}/\d{1,2}")
_COMPARISONS = frozenset(("=", "<", ">", "≤", "≥", "≠", "==", "!=", "<=", ">=", "+", "*", "/", "×", "^"))
_OPERAND = re.compile(r"-?\d*[.]?\d+[a-zA-Z]?(?:\^\d+)?|-?\d*[a-zA-Z](?:\^\d+)?|\)|\(?[a-zA-Z]\)?")
_LONE_LETTERS = frozenset("AaFCivx")
_LETTERS_TWICE = re.compile(r"[ivxlcdm]{2,5}|([b-z])\1{1,2}")
_LOWER_ROMANS = word_set("ii iii iv vi vii viii ix xi xii xiii xiv xv xvi xvii xviii xix xx xxi")


class _Text:
    """The tokens of a text, and what was read before."""

    def __init__(self, tokens: Sequence[Token], country: str) -> None:
        self._tokens = tokens
        self._country = country
        self._street = -_ADDRESS_REACH - 1
        self._quotes = 0
        self._shouted = _shouted(tokens)

    def read(self, tokens: Sequence[Token], at: int) -> Sequence[Reading]:
        """Return the readings from the token at ``at`` on."""
        token = tokens[at]
        if _is_plain(token.core) and not (token.trail and '"' in token.trail):
            self._quotes += token.lead.count('"') if token.lead else 0
            return (self._word(at),)
        self._quotes += token.lead.count('"')
        readings = (
            self._special(at)
            or self._form(at)
            or self._group(at)
            or self._abbreviation(at)
            or [self._word(at)]
        )  # fmt: skip
        for place in range(at, at + sum(reading.count for reading in readings)):
            self._quotes += tokens[place].trail.count('"') + (tokens[place].lead.count('"') if place > at else 0)
        return readings

    # Neighbors

    def _previous(self, at: int) -> Token | None:
        if not at or self._tokens[at - 1].boundary:
            return None
        before = self._tokens[at - 1]
        return None if before.core and before.punctuation in {"!", "?", "...", ";"} else before

    def _next(self, at: int) -> Token | None:
        return self._tokens[at + 1] if at + 1 < len(self._tokens) and not self._tokens[at].boundary else None

    def _following(self, at: int) -> str:
        after = self._next(at)
        return after.core if after else ""

    def _near_street(self, at: int) -> bool:
        return at - self._street <= _ADDRESS_REACH

    # Classes

    def _special(self, at: int) -> list[Reading] | None:
        """Read what depends on the neighbors, and is a single word: letters, numerals, days, streets, signs."""
        token = self._tokens[at]
        core = token.core
        if len(core) > MAX_LENGTH or (core[:1].isdigit() and not token.trail.startswith(('"', "''"))):
            return None
        if not core or not core[0].isalnum():
            return self._sign(at)
        if not token.trail.startswith(('"', "''")) and not _may_be_special(core):
            return None
        return (
            self._member(at)
            or self._inches(at)
            or self._day_name(at)
            or self._address_part(at)
            or self._titled(at)
            or self._letter(at)
            or self._numeral(at)
        )

    def _sign(self, at: int) -> list[Reading] | None:
        token, before, after = self._tokens[at], self._previous(at), self._next(at)
        sign = token.lead + token.core + token.trail
        if sign == ">" and before and after and before.core[:1].isupper() and after.core[:1].isupper():
            return [Reading(1, "", ",", Class.SYMBOL)]
        if sign in _ARROWS and before and after:
            return [Reading(1, _ARROWS[sign], "", Class.SYMBOL)]
        if sign == "|" and not (before and after and before.core.islower() and after.core.islower()):
            return [Reading(1, "", ",", Class.SYMBOL)]
        if sign == "-" and before and after and _is_difference(before.core, after.core):
            return [Reading(1, "minus", "", Class.SYMBOL)]
        if token.core == "$" and token.trail.startswith("?"):
            return [Reading(1, "dollar question mark", strongest(token.trail[1:]), Class.SYMBOL)]
        if sign in {"?", ":"} and before and after and self._in_code(at):
            return [Reading(1, "question mark" if sign == "?" else "colon", "", Class.SYMBOL)]
        if sign in {"=", "==", "==="} and not (before and after):
            return [Reading(1, "equals", token.punctuation, Class.SYMBOL)] if before or after else None
        return None

    def _in_code(self, at: int) -> bool:
        """Return whether an assignment or a condition is shortly before."""
        before = self._tokens[max(0, at - 6) : at]
        return any(token.core in {"=", "=="} or token.lead + token.core + token.trail == "?" for token in before)

    def _member(self, at: int) -> list[Reading] | None:
        """Read the party and the state of a politician: "D-Mass."."""
        token = self._tokens[at]
        match = _MEMBER.fullmatch(token.core)
        if not match:
            return None
        expanded = abbreviations.expand_with_period(match[2], ",", "") if token.trail.startswith(".") else None
        state = _STATES.get(match[2]) or (expanded[0] if expanded else "")
        return (
            [Reading(1, f"{match[1]} {state}", strongest(token.trail.lstrip(".")), Class.ABBREVIATION)]
            if state
            else None
        )

    def _inches(self, at: int) -> list[Reading] | None:
        token = self._tokens[at]
        if (
            not token.trail.startswith(('"', "''"))
            or self._quotes % 2
            or not (_INCHES.fullmatch(token.core) or _FRACTION.fullmatch(token.core))
        ):
            return None
        after = self._following(at)
        attributive = after.isalpha() and after.islower() and after not in COUNTING and after != "x"
        one = attributive or token.core == "1" or ("/" in token.core and " " not in token.core)
        said = f"{verbalizers.verbalize(token.core)[0]} {'inch' if one else 'inches'}"
        self._quotes -= token.trail.count('"')
        return [Reading(1, said, strongest(token.trail.lstrip("\"'")), Class.MEASURE)]

    def _day_name(self, at: int) -> list[Reading] | None:
        token = self._tokens[at]
        dated = self._following(at)[:1].isdigit()
        before = self._previous(at)
        if token.core in _MONTHS and not dated and before and before.core.lower() in _BEFORE_MONTH:
            return [Reading(1, dates.month(token.core) or "", strongest(token.trail.lstrip(".")), Class.DATE)]
        day = _DAYS.get(token.core)
        if not day or token.trail.startswith("."):
            return None
        before, after = self._previous(at), self._following(at)
        dated = after[:1].isdigit() or bool(dates.month(after))
        on = before is not None and before.core.lower() in {
            "on",
            "every",
            "each",
            "next",
            "last",
            "this",
            "by",
            "until",
        }
        if not (dated or token.trail.startswith(":") or (on and token.core not in _WORDS_TOO)):
            return None
        return [Reading(1, day, token.punctuation, Class.DATE)]

    def _address_part(self, at: int) -> list[Reading] | None:
        token, before = self._tokens[at], self._previous(at)
        core, key = token.core, token.core.lower()
        if core in _DIRECTIONS and before and self._is_direction(at, before):
            return [Reading(1, _DIRECTIONS[core], strongest(token.trail.lstrip(".")), Class.ADDRESS)]
        if (
            core in _STATES
            and (self._near_street(at) or (core not in _ALSO_STATES and _is_city(before)))
            and not self._following(at)[:1].isdigit()
            and before
            and "," in before.trail
        ):
            return [Reading(1, _STATES[core], token.punctuation, Class.ADDRESS)]
        if key not in _STREETS or not core[0].isupper() or not before or not before.core[:1].isalnum():
            return None
        numbered = any(self._tokens[place].core[:1].isdigit() for place in range(max(0, at - 5), at))
        named = before.core[:1].isupper() or before.core[:1].isdigit()
        if not named or "," in before.trail or (before.core.isdigit() and len(key) < 4):
            return None
        if numbered or key not in {"st", "dr", "ct", "pl", "sq", "ter", "way", "ave"}:
            self._street = at
        elif key != "ave" and not (before.core[-2:] in {"st", "nd", "rd", "th"} and before.core[0].isdigit()):
            return None
        if core.lower() == _STREETS[key]:
            return None
        after = self._following(at)
        pointed = token.trail.startswith(".")
        rest = token.trail[1:] if pointed else token.trail
        ends = pointed and (not after or abbreviations.starts_sentence(after))
        return [Reading(1, _STREETS[key], strongest(rest) or ("." if ends else ""), Class.ADDRESS)]

    def _is_direction(self, at: int, before: Token) -> bool:
        """Return whether a letter such as N belongs to an address: after a street, or after a house number."""
        if before.core.isdigit():
            return self._following(at)[:1].isalnum()
        return before.core.lower() in _STREETS and self._near_street(at)

    def _titled(self, at: int) -> list[Reading] | None:
        """Read a title or a suffix without a period before or after a name."""
        token, before = self._tokens[at], self._previous(at)
        if token.trail.startswith("."):
            return None
        core = token.core
        if core in _SUFFIXES and before and before.core[:1].isupper():
            return [Reading(1, _SUFFIXES[core], token.punctuation, Class.ABBREVIATION)]
        after = self._following(at)
        if core in _NUMBERED and after[:1].isdigit() and not token.trail:
            return [Reading(1, abbreviations.BEFORE_NUMBERS[core.lower()], "", Class.ABBREVIATION)]
        if core in _CAPITALIZED and not token.trail and after[:1].isupper() and after[1:2].islower():
            return [Reading(1, _CAPITALIZED[core], "", Class.ABBREVIATION)]
        return None

    def _letter(self, at: int) -> list[Reading] | None:
        """Read a letter that espeak-ng would take for an article, or two that it would take for a numeral."""
        token, before = self._tokens[at], self._previous(at)
        core = token.core
        if core in {"A", "a"}:
            after = self._following(at)
            named = core == "A" and before is not None and before.core.lower() in _BEFORE_LETTER
            operated = any(sign in _COMPARISONS for sign in (after, before.core if before else ""))
            last = core == "A" and bool(before) and token.trail[:1] in {".", ",", ")", "!", "?", ":"}
            if named or operated or last:
                return [Reading(1, "eh", token.punctuation, Class.VERBATIM)]
        measured = before is not None and (before.trail[:1] == '"' or before.core in UNITS)
        if core == "x" and measured and self._following(at)[:1].isdigit():
            return [Reading(1, "by", "", Class.SYMBOL)]
        if core in {"F", "C"} and before and before.core.lower() in {"degree", "degrees"}:
            return [Reading(1, "fahrenheit" if core == "F" else "celsius", token.punctuation, Class.MEASURE)]
        if core in {"i", "v", "x"} and token.lead.endswith("(") and token.trail.startswith(")"):
            return [Reading(1, numerals.cardinal_of(core.upper()), ",", Class.CARDINAL)]
        if _LETTERS_TWICE.fullmatch(core) and (core in _LOWER_ROMANS or _is_doubled(token)):
            listed = token.lead.endswith("(") and token.trail.startswith(")")
            numbered = before is not None and before.core.lower() in {
                "pp",
                "p",
                "page",
                "pages",
                "chapter",
                "ch",
                "section",
                "scene",
            }
            if listed or numbered or (token.trail[:1] in {".", ")"} and not before):
                return [
                    Reading(
                        1,
                        numerals.cardinal_of(core.upper()),
                        token.punctuation.replace(".", ",") if listed else token.punctuation,
                        Class.CARDINAL,
                    )
                ]
            return [Reading(1, spelling.spell(core), token.punctuation, Class.VERBATIM)]
        return None

    def _numeral(self, at: int) -> list[Reading] | None:
        token, before = self._tokens[at], self._previous(at)
        core = token.core.removesuffix("'s")
        possessive = "'s" if core != token.core else ""
        if not core.isupper() and not numerals.is_range(core):
            return None
        earlier = self._previous(at - 1) if before else None
        said = numerals.verbalize(
            core, before.core if before else "", earlier.core if earlier else "", self._following(at)
        )
        return [Reading(1, said[0] + possessive, token.punctuation, said[1])] if said else None

    def _form(self, at: int) -> list[Reading] | None:
        token = self._tokens[at]
        core = token.core
        if len(core) > MAX_LENGTH or abbreviations.expand(core) is not None:
            return None
        if not _DIGIT.search(core):
            after = self._next(at)
            starts = _STARTS_FORM.match(core) and after is not None and _DIGIT.search(after.core[:12])
            starts = starts or (core[-1:] in {"^", "+"} and _CHARGED.fullmatch(core))
            if not (
                starts
                or "::" in core
                or _LETTER_RANGE.fullmatch(core)
                or (_CHEMICAL.fullmatch(core) and not core.isupper())
            ):
                return None
        if token.lead.endswith("'") and len(core) == 2 and core.isdigit():
            return [Reading(1, dates.short_year(core), token.punctuation, Class.DATE)]
        if self._is_unspaced_code(at):
            return [Reading(1, digits(core), token.punctuation, Class.SERIAL)]
        seen = window(self._tokens, at)
        bracketed = token.lead.endswith("(") and ((")" in token.trail and len(core) <= 5) or ")" in core)
        led = "(" if bracketed else "::" if token.lead.endswith("::") else ""
        for offset, text in ((len(led), f"{led}{seen.text}"), (0, seen.text)) if led else ((0, seen.text),):
            if readings := self._found(at, text, offset, seen):
                return readings
        return None

    def _is_unspaced_code(self, at: int) -> bool:
        """Return whether a number follows a comma without a space and is too long for a group of digits: "1,2345"."""
        token = self._tokens[at]
        if at == 0 or not token.core.isdigit() or not len("999") < len(token.core) <= MAX_LENGTH:
            return False
        before = self._tokens[at - 1]
        return before.end == token.start and before.trail == "," and not dates.YEAR.fullmatch(token.core)

    def _found(self, at: int, text: str, offset: int, seen: Window) -> list[Reading] | None:
        before = self._previous(at)
        earlier = self._previous(at - 1) if before else None
        context = Context(
            "'" if self._tokens[at].lead.endswith("'") else before.core.lower() if before else "",
            earlier.core.lower() if earlier else "",
            self._country,
            self._near_street(at) or _is_city(before),
        )
        said = find_form(text, context)
        end = said.length - offset if said else 0
        count, trail = seen.split(end) if end > 0 else (0, "")
        if not said or not count:
            return None
        last = at + count - 1
        if said.semiotic_class == Class.FRACTION and trail.startswith('"') and not self._quotes % 2:
            self._quotes -= 1
            said = replace(said, spoken=f"{said.spoken} {'inches' if ' and ' in said.spoken else 'inch'}")
        punctuation = strongest((trail[1:] if trail[:2] in {".,", ".;", ".:"} else trail).replace("-", ""))
        lettered = text[said.length - 1].isalpha()
        if (text[said.length - 1] == "." and not punctuation) or (trail == "." and lettered):
            # The period of an abbreviation ("5 kg.", "9 a.m.") may end the sentence too.
            punctuation = "." if abbreviations.may_start_sentence(self._following(last)) else ""
        return self._anchored(at, Reading(count, said.spoken, punctuation, said.semiotic_class))

    def _anchored(self, at: int, reading: Reading) -> list[Reading]:
        """Split the reading of several tokens where a token is said as it is written: "three | million dollars"."""
        words = reading.spoken.split(" ")
        readings, first, begun = [], 0, 0
        for place in range(1, reading.count):
            core = self._tokens[at + place].core
            if core.isalpha() and core in words[begun + 1 :]:
                cut = words.index(core, begun + 1)
                readings.append(Reading(place - first, " ".join(words[begun:cut]), "", reading.semiotic_class))
                first, begun = place, cut
        rest = " ".join(words[begun:])
        return [*readings, Reading(reading.count - first, rest, reading.punctuation, reading.semiotic_class)]

    def _group(self, at: int) -> list[Reading] | None:
        """Read the older forms of several words, whose words keep their own spans."""
        tokens = self._tokens
        said = multi_token_verbalizers.verbalize_group(tokens, at)
        if not said:
            return None
        readings = []
        for place, spoken in enumerate(said.spoken, at):
            token = tokens[place]
            pointed = token.trail.startswith(".") and not token.trail.startswith("..")
            punctuation = token.punctuation if token.core else ""
            if said.semiotic_class == Class.ABBREVIATION:
                punctuation = ""
                pointed = False
            if pointed and token.trail == "." and self._next(place) and _shortened(token.core, spoken):
                after = self._following(place)
                last = place == at + len(said.spoken) - 1
                if not last or not abbreviations.may_start_sentence(after):
                    punctuation = ""
            readings.append(Reading(1, spoken, punctuation, said.semiotic_class))
        return readings

    def _abbreviation(self, at: int) -> list[Reading] | None:
        """Read an abbreviation with its period."""
        token = self._tokens[at]
        if not token.trail.startswith(".") or token.trail.startswith("..."):
            return None
        # A comma after the period shows that the sentence continues.
        comma = token.trail[1:2] in {",", ";", ":"}
        following = "," if comma else self._following(at)
        before = self._tokens[at - 1] if at and not self._tokens[at - 1].punctuation else None
        said = abbreviations.expand_with_period(token.core, following, before.core if before else "")
        if said is None:
            return None
        reading, ends = said
        punctuation = strongest(token.trail[1:])
        return [Reading(1, reading, punctuation or ("." if ends else ""), Class.ABBREVIATION)]

    def _word(self, at: int) -> Reading:
        token = self._tokens[at]
        core = token.core.lower() if at in self._shouted and spelling.is_shouted_word(token.core) else token.core
        spoken, semiotic_class = verbalizers.verbalize(core, day_first=self._country in dates.DAY_FIRST)
        if " " in spoken and spoken.partition(" ")[0] in _NAMED_BEFORE:
            before = self._previous(at)
            named = before.core.lower() if before else ""
            spoken = spoken.removeprefix(f"{named} ")
        if core == "ERR" and token.trail == "!":
            return Reading(1, spoken, "", Class.ABBREVIATION)
        if not spoken:
            return Reading(1, "", lone_mark(token), semiotic_class)
        return Reading(1, spoken, self._punctuation(at), semiotic_class)

    def _punctuation(self, at: int) -> str:
        token = self._tokens[at]
        if not token.trail:
            return ""
        after = self._next(at)
        if self._counts_item(at):
            return ","
        if after and token.trail[:2] in {'?"', '!"', "?'", "!'"} and after.core[:1].islower():
            # The sentence around a quotation continues.
            return ","
        return token.punctuation

    def _counts_item(self, at: int) -> bool:
        """Return whether the word is the number of a list item, which needs no sentence of its own."""
        token = self._tokens[at]
        first = at == 0 or self._tokens[at - 1].boundary
        counts = token.core.isdecimal() and token.trail in {".", ")"}
        return bool(first and counts and self._next(at))


def _is_city(before: Token | None) -> bool:
    """Return whether ``before`` looks like a city: a capitalized word with a comma after it."""
    return before is not None and before.trail == "," and before.core[:1].isupper() and before.core[1:].islower()


@lru_cache(maxsize=4096)
def _is_plain(core: str) -> bool:
    """Return whether ``core`` is a word in small letters that no rule reads otherwise, whatever its neighbors are."""
    return (
        len(core) > 2
        and core.isalpha()
        and core.islower()
        and not abbreviations.is_known(core)
        and core not in abbreviations.BEFORE_NUMBERS
        and core not in _LOWER_ROMANS
        and not dates.month(core)
    )


def _is_doubled(token: Token) -> bool:
    """Return whether a token is a consonant twice, as a variable, and no abbreviation such as "pp."."""
    core = token.core
    return core[0] == core[-1] not in "ivxlcdm" and token.trail[:1] != "." and core not in abbreviations.BEFORE_NUMBERS


def _is_difference(first: str, second: str) -> bool:
    """Return whether a lone hyphen between two words is a minus: between a variable and a number or variable."""
    capitals = any(word.isalpha() and word.isupper() for word in (first, second))
    numbers = first.isdigit() and second[:1].isdigit()
    return not capitals and not numbers and bool(_OPERAND.fullmatch(first) and _OPERAND.fullmatch(second))


@lru_cache(maxsize=4096)
def _may_be_special(core: str) -> bool:
    """Return whether a word of letters can be read by its neighbors: a name of a day, a street, a letter, a numeral."""
    named = (_DAYS, _MONTHS, _DIRECTIONS, _STATES, _SUFFIXES, _NUMBERED, _CAPITALIZED, _LONE_LETTERS)
    return (
        any(core in names for names in named)
        or core.lower() in _STREETS
        or core.removesuffix("'s").isupper()
        or numerals.is_range(core)
        or bool(_LETTERS_TWICE.fullmatch(core) or _MEMBER.fullmatch(core))
    )


def _shortened(core: str, reading: str) -> bool:
    """Return whether the period after ``core`` may mark an abbreviation (``Jan.``, ``p.m.``)."""
    return (
        core.replace(".", "").isalpha()
        and core.lower() != reading.lower()
        and (abbreviations.is_known(core) or len(core) <= 4)
    )


def _shouted(tokens: Sequence[Token]) -> frozenset[int]:
    """Return the places of words in runs of capitals: at least three, one of them longer than any usual initialism."""
    if sum(token.core.isupper() for token in tokens) < _SHOUTED_RUN:
        return frozenset()
    places: set[int] = set()
    run: list[int] = []
    for place, token in enumerate(tokens):
        core = token.core
        if core.isupper() and core.replace("'", "").isalpha():
            run.append(place)
        elif run and core and not core.isdigit():
            places.update(_shouted_run(tokens, run))
            run = []
    places.update(_shouted_run(tokens, run))
    return frozenset(places)


def _shouted_run(tokens: Sequence[Token], run: list[int]) -> list[int]:
    """Return the places of a run of capitals if it is shouted."""
    if len(run) < _SHOUTED_RUN:
        return []
    words = [tokens[place].core for place in run if spelling.is_shouted_word(tokens[place].core)]
    return run if len(words) >= _SHOUTED_RUN or any(len(word) > _SHOUTED_RUN for word in words) else []


def _spell_acronyms(words: list[Word]) -> list[Word]:
    """Spell the acronyms of clauses in which espeak-ng would read them as words."""
    calmed: list[Word] = []
    clause: list[Word] = []
    for place, word in enumerate(words):
        clause.append(word)
        if word.punctuation or word.ends_paragraph or place == len(words) - 1:
            letters = "".join(part.spoken for part in clause)
            small = sum(map(str.islower, letters))
            if small <= max(_QUIET, sum(map(str.isupper, letters))):
                clause = [_said(part, spelling.spell_acronyms(part.spoken)) for part in clause]
            calmed += clause
            clause = []
    return calmed


def _said(word: Word, spoken: str) -> Word:
    if spoken == word.spoken:
        return word
    return Word(spoken, word.start, word.end, word.punctuation, word.ends_paragraph, word.semiotic_class)


def has_sound(tokens: Sequence[Token]) -> bool:
    """Return whether any of ``tokens`` has a spoken form."""
    text = _Text(tokens, "")
    at = 0
    while at < len(tokens):
        for reading in text.read(tokens, at):
            if reading.spoken:
                return True
            at += reading.count
    return False


def normalize_english(text: str, country: str) -> list[Word]:
    """Return the words of ``text``; ``country`` determines the order of ``3/4/2024`` and how large numbers are said."""
    tokens = tokenize(text, english=True)
    return _spell_acronyms(assemble(tokens, _Text(tokens, country).read, bool))
