"""Converts text in a language other than English to spoken words, by its classifier and its verbalizer."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from synthesis.text.normalization.assembly import Reading, assemble
from synthesis.text.normalization.generic import is_said, spoken_letters
from synthesis.text.normalization.languages import LANGUAGES, primary
from synthesis.text.normalization.localized.classifier import START, Classifier, alternatives, classifier
from synthesis.text.normalization.localized.icu_locale import icu_locale
from synthesis.text.normalization.localized.verbalizer import Verbalizer, verbalizer
from synthesis.text.normalization.semiotics import Class, Item
from synthesis.text.normalization.tables import MAX_LANGUAGES, Table, language_table
from synthesis.text.normalization.tokenizer import Token, strongest, tokenize
from synthesis.text.normalization.windows import MAX_LENGTH, window
from synthesis.text.word import Word

_STARTS = re.compile(
    r"[A-Z]{2}\d\d(?:$|[A-Z\d]{11})|[-+±~]?\d|%\d|[-+±~]?[A-Za-z]{1,3}[$€£]|[^\W\d]{3,9}[/-]\d|"
    r"[-+±~]?[^\w\s\"'()\[\]{}.,;:!?<>/\\|*#&@=_^-]+\d|[^\s@]{1,64}@\w|\w+://|[\w-]+(?:\.[\w-]+)+(?:/|$)"
)
# A single C, D, L or M is a letter.
_ROMAN = re.compile(r"(?=[IVX]|[LCDM][IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_LATIN_SERIAL = re.compile(r"[A-Za-zÀ-ɏḀ-ỿЀ-ӿͰ-Ͽ\d]+(?:[-–_/.:+&'][A-Za-zÀ-ɏḀ-ỿЀ-ӿͰ-Ͽ\d]+)*")
_MAX_INITIALISM = 5
_NUMERALS_OF_NAMES = frozenset("IVXL")
_ELIDED = re.compile(r"[^\W\d]{1,5}'(?=\d)")
_FIRST_WORDS = 200
"""Words of a text that are searched for a line break: bounds the time."""
_CONSONANTS = re.compile("[b-df-hj-np-tv-xzçñćłśźżčšžбвгґджзйклмнпрстфхцчшщ]{1,6}", re.IGNORECASE)
_LETTER_RANGE = re.compile("[Aa][-–][C-Zc-z]")
_AFTER_WEEKDAYS = frozenset(("", ",", ".", ".,", ":", ".:"))
_LONGEST_PREPOSITION = 3
_LONGEST_WEEKDAYS = 8
"""Characters of two abbreviated days with a hyphen."""
_COMPOUND = re.compile(r"(\d[\d.,]{0,12}(?:/\d{1,3})?)(?:[- ]([^\W\d_]{1,5}|[€$£%°])|(\"))?-([^\W\d_][\w-]{1,40})")
"""A number, a unit or sign, and a noun."""
_HANDLE = re.compile(r"@[\w.]{1,40}")
_CLOCK_OR_DATE = re.compile(r"\d{1,2}[.:/]\d|\d{1,2}[-–]\d|\d{1,2}$")
_PRIMES = re.compile(r"(?:(\d{1,3})')?(\d{1,3}(?:[.,]\d{1,2})?)")
_LONGEST_QUOTATION = 60
"""Words before a mark that are searched for the beginning of a quotation: bounds the time."""
_PLAIN_NUMBER = re.compile(r"[\d.,]{1,20}")
_PLURAL_LETTERS = re.compile("([A-ZÄÖÜ][BCDFGHJKLMNPQRSTVWXZ]{1,4})s")
_HYPHENATED = re.compile(r"(\d{1,4})((?:-[^\W\d_]{1,20}\.?){1,4})")
_DOTTED = re.compile(r"[^\W\d](?:\.[^\W\d]){1,5}")


class Reader:
    """Reads one language."""

    def __init__(self, table: Table, grammar: Classifier, voice: Verbalizer, *, spells: bool) -> None:
        """Use the tables, the classifier and the verbalizer of one language; ``spells``: ICU spells its numbers."""
        self._table = table
        self._spells = spells
        self._classify = lru_cache(maxsize=2048)(grammar.classify)
        self._verbalizer = voice
        self._marks = grammar.marks
        self._respelled: dict[str, str] = table["numbers"]["respelled"]
        self._abbreviations: dict[str, str] = table["abbreviations"]
        self._final: dict[str, str] = table["final_abbreviations"]
        self._before_numbers: dict[str, str] = table["before_numbers"]
        self._bare: dict[str, str] = table["bare"]
        self._before_names: dict[str, str] = table["before_names"]
        self._weekdays: dict[str, str] = table["weekdays"]
        self._streets: dict[str, str] = table["address"]["streets"]
        self._saints: dict[str, list[str]] = {name: w for name, w in table["saints"].items() if isinstance(w, list)}
        self._feminine_saints, self._masculine_saints = (
            frozenset(table["saints"][gender].split()) for gender in ("feminine", "masculine")
        )
        self._joints = frozenset(table["ordinals"]["joints"].split())
        oblique = table["ordinals"]["oblique"]
        self._oblique = {word: frozenset(before.split()) for word, before in oblique.items()}
        self._suffixes: dict[str, str] = table["suffixes"]
        self._starters = frozenset(table["ordinals"]["starters"].split())
        signs = (sign.lower() for sign in (*grammar.codes, *grammar.signs))
        self._may_start = frozenset((*grammar.months, *signs))
        self._by_context = frozenset(
            (*self._may_start, *self._bare, *self._before_names, *self._before_numbers, *self._weekdays)
        )
        self._months = frozenset(grammar.months)
        self._weekday_letters: dict[str, str] = table["weekday_letters"]
        self._after_numerals: dict[str, str] = table["after_numerals"]
        self._romans_after = frozenset(table["romans"]["after"].split())
        self._roman_names = frozenset(table["romans"]["names"].split())
        self._roman_nouns = {word: rule for rule, words in table["romans"]["nouns"].items() for word in words.split()}
        self._rules_of_names = {
            word: rule for rule, words in table["romans"]["by_name"].items() for word in words.split()
        }
        self._templates_of_names: dict[str, str] = {
            word: template for template, words in table["romans"]["templates"].items() for word in words.split()
        }
        self._roman_names |= frozenset((*self._rules_of_names, *self._templates_of_names))
        suffixes = table["romans"]["suffixes"]
        self._roman_articles = {
            word: rule for rule, words in table["romans"]["by_article"].items() for word in words.split()
        }
        self._ordinals_after = {
            word: rule for rule, words in table["romans"]["ordinal_after"].items() for word in words.split()
        }
        self._roman_ordinal = re.compile(rf"({_ROMAN.pattern})({alternatives(suffixes)})") if suffixes else None
        # Two abbreviations in a row, such as "z. B."
        self._pairs = {key: said for key, said in {**self._abbreviations, **self._final}.items() if " " in key}
        self._first_halves = frozenset(key.partition(". ")[0] for key in self._pairs)

    def read(self, tokens: Sequence[Token], at: int) -> Reading:
        """Return what is said for the token at ``at``, and for those after it that belong to the same form."""
        token = tokens[at]
        core = token.core
        if token.trail in {"", ","} and core.isalpha() and core.islower() and core not in self._by_context:
            # Most words: no other rule applies to small letters without a period.
            return Reading(1, spoken_letters(core), token.trail)
        previous = self._previous(tokens, at)
        reading = (
            self._abbreviation(tokens, at)
            or self._primes(tokens, at, previous)
            or self._compound(tokens, at, previous)
            or self._form(tokens, at, previous)
            or self._roman(tokens, at, previous)
            or self._symbol(tokens, at)
            or self._word(token, tokens[at + 1] if at + 1 < len(tokens) else None)
        )
        if not self._respelled or reading.semiotic_class == Class.WORD:
            return reading
        spoken = reading.spoken
        for word, other in self._respelled.items():
            spoken = spoken.replace(word, other)
        return reading if spoken == reading.spoken else replace(reading, spoken=spoken)

    @staticmethod
    def _previous(tokens: Sequence[Token], at: int) -> str:
        if not at:
            return "" if any(token.boundary for token in tokens[:_FIRST_WORDS]) else START
        if tokens[at - 1].boundary or tokens[at - 1].punctuation in {"!", "?", "..."}:
            return ""
        return tokens[at - 1].core.lower()

    def _is_end(self, tokens: Sequence[Token], at: int) -> bool:
        """Return whether a sentence ends after the abbreviation at ``at``: no more words, or a word that begins one."""
        if tokens[at].boundary or at + 1 >= len(tokens):
            return True
        following = tokens[at + 1].core
        return following[:1].isupper() and following.lower() in self._starters

    def _abbreviation(self, tokens: Sequence[Token], at: int) -> Reading | None:
        token = tokens[at]
        core = token.core
        key = core.lower()
        pointed = token.trail.startswith(".") and not token.trail.startswith("..")
        if numbered := self._before_a_number(tokens, at, pointed=pointed):
            return numbered
        if pointed and (contextual := self._pointed_by_context(tokens, at)):
            return contextual
        if written := self._before_a_name(tokens, at):
            return Reading(1, written, token.trail.replace(".", "").replace("-", "")[:1], Class.ABBREVIATION)
        if pointed and key in self._first_halves and (several := self._several(tokens, at)):
            return several
        if pointed:
            expanded = self._abbreviations.get(key)
            ends = expanded is None
            expanded = expanded or self._final.get(key)
            if expanded and not (ends and core.isupper()):
                rest = strongest(token.trail[1:])
                return Reading(1, expanded, rest or ("." if self._is_end(tokens, at) else ""), Class.ABBREVIATION)
        for suffix, full in self._suffixes.items():
            if pointed and key.endswith(suffix) and len(key) > len(suffix):
                end = "." if self._is_end(tokens, at) else ""
                spoken = core[: -len(suffix)] + full
                return Reading(1, spoken, strongest(token.trail[1:]) or end, Class.ABBREVIATION)
        if said := self._bare.get(key) or (self._abbreviations.get(key) if "." in key else None):
            return Reading(1, said, token.punctuation, Class.ABBREVIATION)
        return None

    def _pointed_by_context(self, tokens: Sequence[Token], at: int) -> Reading | None:
        """Return the reading of an abbreviation with a period that depends on the words around it."""
        core = tokens[at].core
        if core.lower() in self._after_numerals and (numbered := self._after_a_numeral(tokens, at)):
            return numbered
        if "'" in core:
            return self._elided(tokens, at)
        saint = self._saint(tokens, at) if core in self._saints else ""
        return Reading(1, saint, "", Class.ABBREVIATION) if saint else None

    def _before_a_number(self, tokens: Sequence[Token], at: int, *, pointed: bool) -> Reading | None:
        token = tokens[at]
        core, key = token.core, token.core.lower()
        if token.trail == ":" and (name := self._before_numbers.get(f"{key}:")):
            return Reading(1, name, "", Class.ABBREVIATION)
        name = self._before_numbers.get(core) or self._before_numbers.get(key)
        if not name or not (pointed or not key.isalpha() or key.endswith("º")):
            return None
        following = tokens[at + 1] if at + 1 < len(tokens) and not token.boundary else None
        if following and (
            following.core[:1].isdecimal() or _ROMAN.fullmatch(following.core) or self._is_lettered(tokens, at + 1)
        ):
            return Reading(1, name, "," if "," in token.trail else "", Class.ABBREVIATION)
        return None

    def _before_a_name(self, tokens: Sequence[Token], at: int) -> str:
        """Return the word for an abbreviation in capitals by what follows: a name, a date or time, or an address."""
        token = tokens[at]
        core, following = token.core, tokens[at + 1] if at + 1 < len(tokens) and not token.boundary else None
        if len(core) > _LONGEST_WEEKDAYS:
            return ""
        if core.isalpha() and core.islower() and core not in self._before_names and core not in self._weekdays:
            return ""
        first, hyphen, last = core.replace("–", "-").replace(".", "").partition("-")
        if hyphen:
            names = {**self._weekday_letters, **self._weekdays}
            days = [names.get(day) or names.get(day.capitalize(), "") for day in (first, last)]
            return f"{days[0]} {self._table['words']['to']} {days[1]}" if all(days) else ""
        if not following:
            return ""
        named = following.core[:1].isupper() or following.core[:1].isdecimal()
        if (name := self._before_names.get(core)) and not token.trail and named:
            return name
        if first in self._weekdays and token.trail in _AFTER_WEEKDAYS and self._dates_a_day(tokens, at + 1):
            return self._weekdays[first]
        street = self._streets.get(core, "") if token.trail == "." and following.core[:1].isupper() else ""
        return street if street and any(place.core[:1].isdecimal() for place in tokens[at + 1 : at + 6]) else ""

    def _dates_a_day(self, tokens: Sequence[Token], at: int) -> bool:
        """Return whether a time or a date begins at the token at ``at``: "10:00", "3.2.", "3 March"."""
        token = tokens[at]
        if token.core.isdecimal() and not token.trail:
            return at + 1 < len(tokens) and tokens[at + 1].core.lower() in self._months
        return bool(_CLOCK_OR_DATE.match(token.core))

    def _saint(self, tokens: Sequence[Token], at: int) -> str:
        """Return the title of a saint before a name; empty for an initial, which follows a name."""
        before = tokens[at - 1] if at and not tokens[at - 1].boundary else None
        name = tokens[at + 1].core if at + 1 < len(tokens) and not tokens[at].boundary else ""
        if not name[1:2].islower() or not name[0].isupper():
            return ""
        if before and not before.trail and before.core[:1].isupper() and len(before.core) > _LONGEST_PREPOSITION:
            return ""
        key = name.lower()
        feminine = key in self._feminine_saints or (key.endswith("a") and key not in self._masculine_saints)
        vowel = unicodedata.normalize("NFD", key)[0] in "aeiou"
        return self._saints[tokens[at].core][feminine + 2 * vowel]

    def _is_lettered(self, tokens: Sequence[Token], at: int) -> bool:
        """Return whether a capital letter with a period and then a number are at ``at``, as in "art. L. 121-3"."""
        letter, after = tokens[at], tokens[at + 1 : at + 2]
        pointed = len(letter.core) == 1 and letter.core.isupper() and letter.trail == "."
        named = letter.core.lower() in self._before_numbers
        return pointed and not named and bool(after) and after[0].core[:1].isdecimal()

    def _after_a_numeral(self, tokens: Sequence[Token], at: int) -> Reading | None:
        """Return the reading of an abbreviation after a Roman numeral: "XIX w.", whose form the word before decides."""
        if not at or tokens[at - 1].trail:
            return None
        numeral = tokens[at - 1].core
        is_ordinal = self._roman_ordinal is not None and self._roman_ordinal.fullmatch(numeral)
        if not (is_ordinal or (numeral and _ROMAN.fullmatch(numeral))):
            return None
        key = tokens[at].core.lower()
        before = tokens[at - 2].core.lower() if at > 1 else ""
        said = self._after_numerals.get(f"{before} {key}") or self._after_numerals[key]
        end = "." if self._is_end(tokens, at) else ""
        return Reading(1, said, strongest(tokens[at].trail[1:]) or end, Class.ABBREVIATION)

    def _elided(self, tokens: Sequence[Token], at: int) -> Reading | None:
        """Return the reading of an abbreviation after an article that lost its vowel: "l'Ing."."""
        token = tokens[at]
        article, _, rest = token.core.partition("'")
        said = self._abbreviations.get(rest.lower())
        return Reading(1, f"{article}'{said}", strongest(token.trail[1:]), Class.ABBREVIATION) if said else None

    def _several(self, tokens: Sequence[Token], at: int) -> Reading | None:
        """Return the reading of several abbreviations in a row: "z. B."."""
        for count in (4, 3, 2):
            parts = tokens[at : at + count]
            several = ". ".join(part.core.lower() for part in parts)
            if several in self._pairs and all(part.trail.startswith(".") for part in parts):
                ends = several in self._final and self._is_end(tokens, at + len(parts) - 1)
                punctuation = strongest(parts[-1].trail[1:]) or ("." if ends else "")
                return Reading(len(parts), self._pairs[several], punctuation, Class.ABBREVIATION)
        return None

    def _form(self, tokens: Sequence[Token], at: int, previous: str) -> Reading | None:
        token = tokens[at]
        if len(token.core) > MAX_LENGTH or not self._spells:
            return None
        elided = match[0] if (match := _ELIDED.match(token.core)) else ""
        if not elided and not _STARTS.match(token.core) and token.core.lower() not in self._may_start:
            return None
        seen = window(tokens, at)
        if previous in self._joints and at > 2 and tokens[at - 2].core.isdecimal() and tokens[at - 2].trail == ".":
            # "am 1. und 2. Tag"
            previous = tokens[at - 3].core.lower()
        if previous in self._oblique and at > 1 and self._is_oblique(tokens[at - 2], previous, tokens, at):
            previous = f"{previous}_"
        bracketed = token.lead.endswith("(") and ")" in token.core + token.trail
        texts = ((1, f"({seen.text}"), (0, seen.text)) if bracketed else ((0, seen.text),)
        if elided:
            # As in all'1:15.
            texts, previous = ((-len(elided), seen.text[len(elided) :]),), elided
        for offset, text in texts:
            item = self._classify(text, previous)
            end = item.length - offset if item else 0
            count, trail = seen.split(end) if end > 0 else (0, "")
            if not item or not count:
                continue
            last = tokens[at + count - 1]
            punctuation = strongest(trail.replace("-", ""))
            following = tokens[at + count].core[:1] if at + count < len(tokens) and not last.boundary else ""
            if not punctuation and text[item.length - 1] == ".":
                starts = not self._starters and following.isupper()
                punctuation = "." if starts or self._is_end(tokens, at + count - 1) else ""
            elif punctuation == "." and item.semiotic_class == Class.MEASURE and following.islower():
                punctuation = ""
            spoken = elided + self._verbalizer.verbalize(item, previous)
            return Reading(count, spoken, punctuation or ("." if last.boundary else ""), item.semiotic_class)
        return None

    def _primes(self, tokens: Sequence[Token], at: int, previous: str) -> Reading | None:
        """Return the reading of inches, or of minutes and seconds: 27", 1'30"; none where a quotation ends."""
        token = tokens[at]
        if not self._spells or not token.trail.startswith(('"', "''")) or _is_quoted(tokens, at):
            return None
        if not (match := _PRIMES.fullmatch(token.core)):
            return None
        second = re.sub(r"^0(?=\d)", "", match[2])
        parts = ((match[1], "minute"), (second, "second")) if match[1] else ((match[2], "inch"),)
        items = [Item(Class.MEASURE, len(token.core), {"amount": amount, "unit": unit}) for amount, unit in parts]
        spoken = " ".join(self._verbalizer.verbalize(item, previous) for item in items)
        return Reading(1, spoken, strongest(token.trail.lstrip("\"'")), Class.MEASURE)

    def _compound(self, tokens: Sequence[Token], at: int, previous: str) -> Reading | None:
        """Return the reading of an amount with a hyphen and a noun: "50-kg-Sack", "500 ml-Flasche", "2/3-Mehrheit"."""
        core = tokens[at].core
        if not self._spells or not core[:1].isdecimal() or len(core) > MAX_LENGTH:
            return None
        after = tokens[at + 1].core if at + 1 < len(tokens) and not tokens[at].trail else ""
        for count, text in ((1, core), (2, f"{core} {after}")):
            match = _COMPOUND.fullmatch(text) if len(text) <= MAX_LENGTH else None
            if not match:
                continue
            amount = f"{match[1]} {match[2] or ''}".strip()
            inches = Item(Class.MEASURE, len(amount), {"amount": match[1], "unit": "inch"})
            item = inches if match[3] else self._classify(amount, previous)
            if not item or item.semiotic_class not in {Class.MEASURE, Class.MONEY, Class.FRACTION}:
                continue
            if item.length < len(amount):
                continue
            last = tokens[at + count - 1]
            noun = match[4].replace("-", " ")
            return Reading(
                count, f"{self._verbalizer.verbalize(item, previous)} {noun}", last.punctuation, item.semiotic_class
            )
        return None

    def _is_oblique(self, word: Token, previous: str, tokens: Sequence[Token], at: int) -> bool:
        """Return whether an article follows a preposition, or a noun on which it depends: "in der 3. Minute"."""
        if word.trail:
            return False
        is_noun = at > 2 and not tokens[at - 3].boundary and not tokens[at - 3].trail and word.core[:1].isupper()
        return is_noun or word.core.lower() in self._oblique[previous]

    def _roman(self, tokens: Sequence[Token], at: int, previous: str) -> Reading | None:
        token = tokens[at]
        if token.core[:1] not in _ROMAN_VALUES:
            return None
        first, hyphen, last = token.core.replace("–", "-").partition("-")
        if hyphen and first[:1] in _ROMAN_VALUES and last[:1] in _ROMAN_VALUES and len(token.core) < MAX_LENGTH:
            return self._roman_range(tokens, at, previous, (first, last))
        romans = self._table["romans"]
        if self._roman_ordinal and (match := self._roman_ordinal.fullmatch(token.core)) and _is_plausible(match):
            said = self._verbalizer.ordinal(roman_value(match[1]), romans["suffixes"][match[2]])
            return Reading(1, said, token.punctuation, Class.ORDINAL)
        if not (match := _ROMAN.fullmatch(token.core)):
            return None
        value = roman_value(match[0])
        if romans["dotted_before_names"] and token.trail == "." and tokens[at + 1 : at + 2]:
            name = tokens[at + 1].core
            if name[:1].isupper() and name[1:2].islower() and not token.boundary:
                return Reading(1, self._verbalizer.ordinal(value, romans["ordinal"]), "", Class.ORDINAL)
        dotted = token.trail == "." and self._marks == r"\."
        following = tokens[at + 1].core.lower() if at + 1 < len(tokens) and (dotted or not token.trail) else ""
        rule = self._roman_nouns.get(f"{previous}_{following}") or self._roman_nouns.get(following)
        rule = rule or self._ordinals_after.get(previous)
        if not rule and following and tokens[at + 1].core[:1].isupper() and following not in self._romans_after:
            rule = self._roman_articles.get(previous)
        if rule:
            return Reading(1, self._verbalizer.ordinal(value, rule), strongest(token.trail.strip(".")), Class.ORDINAL)
        if (
            previous in self._romans_after
            or previous in self._before_numbers
            or self._follows_roman(tokens, at, previous)
        ):
            return Reading(1, self._verbalizer.cardinal(str(value)), token.punctuation, Class.CARDINAL)
        return self._roman_after_a_name(tokens, at, previous, match[0])

    def _roman_after_a_name(self, tokens: Sequence[Token], at: int, previous: str, numeral: str) -> Reading | None:
        """Return the reading of a numeral after a name: a ruler's is an ordinal."""
        token, romans, value = tokens[at], self._table["romans"], roman_value(numeral)
        if len(numeral) > 1 and romans["any_name_cardinal"] and not token.trail and previous not in self._roman_names:
            is_name = self._is_name(tokens, at)
            return Reading(1, self._verbalizer.cardinal(str(value)), "", Class.CARDINAL) if is_name else None
        if previous in self._roman_names or (len(numeral) > 1 and self._is_name(tokens, at)):
            if value > romans["ordinal_to"]:
                return Reading(1, self._verbalizer.cardinal(str(value)), token.punctuation, Class.CARDINAL)
            said = self._verbalizer.ordinal(value, self._rules_of_names.get(previous, romans["ordinal"]))
            ends = self._is_end(tokens, at) or (at + 1 < len(tokens) and "." not in token.trail)
            punctuation = token.punctuation if ends else strongest(token.trail.replace(".", ""))
            template = self._templates_of_names.get(previous, romans["template"])
            return Reading(1, template.format(ordinal=said), punctuation, Class.ORDINAL)
        return None

    def _roman_range(self, tokens: Sequence[Token], at: int, previous: str, sides: tuple[str, str]) -> Reading | None:
        """Return the reading of two numerals with a hyphen: "XVe-XVIe siècles"."""
        before, after = tokens[max(0, at - 3) : at], tokens[at + 1 : at + 3]
        readings = [
            self._roman([*before, replace(tokens[at], core=side), *after], len(before), previous) for side in sides
        ]
        if not all(readings):
            return None
        first, last = (reading for reading in readings if reading)
        return replace(last, spoken=f"{first.spoken} {self._table['words']['to']} {last.spoken}")

    def _follows_roman(self, tokens: Sequence[Token], at: int, previous: str) -> bool:
        """Return whether a numeral continues a list: "siglos XV y XVI"."""
        return (
            at > 2
            and previous in self._table["romans"]["joints"].split()
            and bool(tokens[at - 2].core and _ROMAN.fullmatch(tokens[at - 2].core))
            and tokens[at - 3].core.lower() in self._romans_after
        )

    def _is_name(self, tokens: Sequence[Token], at: int) -> bool:
        """Return whether the word before the token at ``at`` may be a name, in a language that says so."""
        romans = self._table["romans"]
        if not (romans["any_name"] or romans["any_name_cardinal"]) or not at or tokens[at - 1].trail:
            return False
        if not set(tokens[at].core) <= _NUMERALS_OF_NAMES:
            return False
        name = tokens[at - 1].core
        return name.isalpha() and name[:1].isupper() and name[1:].islower()

    def _symbol(self, tokens: Sequence[Token], at: int) -> Reading | None:
        token = tokens[at]
        sign = token.core or token.lead + token.trail
        if not sign or any(map(str.isalnum, sign)):
            return None
        numbers = 0 < at < len(tokens) - 1 and all(
            place.core[-1:].isdecimal() or place.core[:1].isdecimal() for place in (tokens[at - 1], tokens[at + 1])
        )
        if set(sign) <= set("-–"):
            said = self._verbalizer.symbol("-", between_numbers=True) if numbers else ""
            return Reading(1, said, "" if said else ",", Class.SYMBOL)
        if sign == "/" and numbers:
            # Between forms that are more than a number, as in "9h-12h / 14h-18h", it does not divide.
            numbers = all(_PLAIN_NUMBER.fullmatch(place.core) for place in (tokens[at - 1], tokens[at + 1]))
        said = self._verbalizer.symbol(sign, between_numbers=numbers)
        return Reading(1, said, token.punctuation if token.core else "", Class.SYMBOL) if said else None

    def _word(self, token: Token, following: Token | None) -> Reading:
        core = token.core
        kind = Class.WORD
        if self._spells and any(map(str.isdecimal, core)) and _LATIN_SERIAL.fullmatch(core):
            return Reading(1, self._verbalizer.serial(core), token.punctuation, Class.SERIAL)
        if 1 < len(core) <= _MAX_INITIALISM and core.isalpha() and core.isupper():
            kind = Class.INITIALISM
        plain = core.isalpha()
        if not plain and _LETTER_RANGE.fullmatch(core) and (to := self._table["words"]["to"].strip(",")):
            return Reading(1, f"{core[0]} {to} {core[-1]}", token.punctuation, Class.RANGE)
        if not plain and _HANDLE.fullmatch(core) and self._spells:
            return Reading(1, self._verbalizer.spell_code(core), token.punctuation, Class.ELECTRONIC)
        if plural := _PLURAL_LETTERS.fullmatch(core):
            return Reading(1, f"{' '.join(plural[1])} s", token.punctuation, Class.INITIALISM)
        if not plain and self._spells and (parts := _HYPHENATED.fullmatch(core)):
            return Reading(1, self._hyphenated(parts), token.punctuation, Class.SERIAL)
        first, hyphen, rest = core.partition("-")
        if hyphen and rest.isalpha() and first.lower() in self._bare:
            # "St-Étienne"
            core = f"{self._bare[first.lower()]} {rest}"
        said = self._with_symbols(core)
        punctuation = token.punctuation or ("" if said else strongest(token.lead + token.trail))
        if punctuation == "." and not token.boundary and self._continues(core, following):
            punctuation = ""
        return Reading(1, said, punctuation, kind)

    def _hyphenated(self, match: re.Match[str]) -> str:
        """Return the words of a number and abbreviations with hyphens between them: "3-Zi.-Whg."."""
        tables = (self._bare, self._before_numbers, self._abbreviations, self._final)
        words = [part.rstrip(".") for part in match[2].strip("-").split("-")]
        said = [next((table[word.lower()] for table in tables if word.lower() in table), word) for word in words]
        return " ".join([self._verbalizer.cardinal(match[1]), *said])

    @staticmethod
    def _continues(core: str, following: Token | None) -> bool:
        """Return whether the period of ``core`` is an abbreviation's: dotted letters or consonants, or an initial."""
        if not following:
            return False
        if len(core) == 1 and core.isupper():
            return True
        if following.core[:1].isupper():
            return False
        return bool(_DOTTED.fullmatch(core)) or bool(_CONSONANTS.fullmatch(core))

    def _with_symbols(self, core: str) -> str:
        """Return the letters of ``core`` and the words of the signs in it."""
        if core.isalpha() or core.replace("-", "").replace("'", "").isalpha():
            return spoken_letters(core)
        parts = re.split(r"(\^[23](?!\d)|[<>=]=|->|[+=<>≤≥≠≈&%§@#*^\\|√∞±×÷€$£])", core)
        said = []
        for place, part in enumerate(parts):
            if place % 2:
                following = parts[place + 1]
                number = self._table["words"]["number"] if part == "#" and following[:1].isdecimal() else ""
                said.append(number or self._verbalizer.symbol(part))
            elif self._spells and _LATIN_SERIAL.fullmatch(part) and any(map(str.isdecimal, part)):
                said.append(self._verbalizer.serial(part))
            else:
                said.append(spoken_letters(part))
        return " ".join(filter(None, said)) if any(said[1::2]) else spoken_letters(core)


def _is_quoted(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a quotation is open at the token at ``at``, among the words shortly before it."""
    for token in reversed(tokens[max(0, at - _LONGEST_QUOTATION) : at + 1]):
        if '"' in token.lead:
            return True
        if '"' in token.trail and token is not tokens[at]:
            return False
    return False


def _is_plausible(match: re.Match[str]) -> bool:
    """Return whether a numeral with a suffix is an ordinal: "Ier" and "Ve", but not the word "Ver"."""
    return match[2][-1:] not in {"r", "er"} or match[1] == "I"


def roman_value(numeral: str) -> int:
    """Return the value of a Roman numeral."""
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


@lru_cache(maxsize=MAX_LANGUAGES)
def reader(language: str) -> Reader:
    """Return the reader of a language tag; made once per process. Loads ICU."""
    return Reader(
        language_table(language), classifier(language), verbalizer(language), spells=icu_locale(language).spells
    )


def normalize_localized(text: str, language: str) -> list[Word]:
    """Return the words of ``text`` in ``language``, a tag such as ``de-DE``."""
    language_reader = reader(language)
    tokens = tokenize(text, english=False, all_latin=primary(language) not in LANGUAGES)
    return assemble(tokens, lambda tokens, at: [language_reader.read(tokens, at)], is_said)
