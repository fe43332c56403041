"""Converts text in a language other than English to spoken words, by its classifier and its verbalizer."""

import re
from collections.abc import Sequence
from functools import lru_cache

from synthesis.text.normalization.assembly import Reading, assemble
from synthesis.text.normalization.generic import is_said, spoken_letters
from synthesis.text.normalization.languages import LANGUAGES, primary
from synthesis.text.normalization.localized.classifier import START, Classifier, classifier
from synthesis.text.normalization.localized.icu_locale import icu_locale
from synthesis.text.normalization.localized.verbalizer import Verbalizer, verbalizer
from synthesis.text.normalization.semiotics import Class
from synthesis.text.normalization.tables import Table, language_table
from synthesis.text.normalization.tokenizer import Token, strongest, tokenize
from synthesis.text.normalization.windows import MAX_LENGTH, window
from synthesis.text.word import Word

_STARTS = re.compile(
    r"[-+±~]?\d|[-+±~]?[^\w\s\"'()\[\]{}.,;:!?<>/\\|*#&@=_^-]+\d|[^\s@]{1,64}@\w|\w+://|[\w-]+(?:\.[\w-]+)+(?:/|$)"
)
_ROMAN = re.compile(r"(?=[IVXL])(L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}
_LATIN_SERIAL = re.compile(r"[A-Za-zÀ-ɏḀ-ỿЀ-ӿͰ-Ͽ\d]+(?:[-_/.:+&'][A-Za-zÀ-ɏḀ-ỿЀ-ӿͰ-Ͽ\d]+)*")
_MAX_INITIALISM = 5
_FIRST_WORDS = 200
"""Words of a text that are searched for a line break: bounds the time."""


class Reader:
    """Reads one language."""

    def __init__(self, table: Table, grammar: Classifier, voice: Verbalizer, *, spells: bool) -> None:
        """Use the tables, the classifier and the verbalizer of one language; ``spells``: ICU spells its numbers."""
        self._table = table
        self._spells = spells
        self._classify = lru_cache(maxsize=2048)(grammar.classify)
        self._verbalizer = voice
        self._abbreviations: dict[str, str] = table["abbreviations"]
        self._final: dict[str, str] = table["final_abbreviations"]
        self._before_numbers: dict[str, str] = table["before_numbers"]
        self._bare: dict[str, str] = table["bare"]
        self._suffixes: dict[str, str] = table["suffixes"]
        self._starters = frozenset(table["ordinals"]["starters"].split())
        self._may_start = frozenset((*grammar.months, *(code.lower() for code in grammar.codes)))
        self._romans_after = frozenset(table["romans"]["after"].split())
        self._roman_names = frozenset(table["romans"]["names"].split())
        # Two abbreviations in a row, such as "z. B."
        self._first_halves = frozenset(key.partition(". ")[0] for key in self._abbreviations if " " in key)

    def read(self, tokens: Sequence[Token], at: int) -> Reading:
        """Return what is said for the token at ``at``, and for those after it that belong to the same form."""
        token = tokens[at]
        previous = self._previous(tokens, at)
        return (
            self._abbreviation(tokens, at)
            or self._form(tokens, at, previous)
            or self._roman(tokens, at, previous)
            or self._symbol(tokens, at)
            or self._word(token)
        )

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
        if (name := self._before_numbers.get(core) or self._before_numbers.get(key)) and (pointed or not key.isalpha()):
            following = tokens[at + 1] if at + 1 < len(tokens) and not token.boundary else None
            if following and (following.core[:1].isdecimal() or _ROMAN.fullmatch(following.core)):
                return Reading(1, name, "," if "," in token.trail else "", Class.ABBREVIATION)
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
                punctuation = strongest(token.trail[1:]) or ("." if self._is_end(tokens, at) else "")
                return Reading(1, core[: -len(suffix)] + full, punctuation, Class.ABBREVIATION)
        if key in self._bare:
            return Reading(1, self._bare[key], token.punctuation, Class.ABBREVIATION)
        return None

    def _several(self, tokens: Sequence[Token], at: int) -> Reading | None:
        """Read an abbreviation of several words: "z. B."."""
        for count in (4, 3, 2):
            parts = tokens[at : at + count]
            written = ". ".join(part.core.lower() for part in parts)
            if written in self._abbreviations and all(part.trail.startswith(".") for part in parts):
                punctuation = strongest(parts[-1].trail[1:])
                return Reading(len(parts), self._abbreviations[written], punctuation, Class.ABBREVIATION)
        return None

    def _form(self, tokens: Sequence[Token], at: int, previous: str) -> Reading | None:
        token = tokens[at]
        if len(token.core) > MAX_LENGTH or not self._spells:
            return None
        if not _STARTS.match(token.core) and token.core.lower() not in self._may_start:
            return None
        seen = window(tokens, at)
        bracketed = token.lead.endswith("(") and ")" in token.trail
        for offset, text in ((1, f"({seen.text}"), (0, seen.text)) if bracketed else ((0, seen.text),):
            item = self._classify(text, previous)
            end = item.length - offset if item else 0
            count, trail = seen.split(end) if end > 0 else (0, "")
            if not item or not count:
                continue
            last = tokens[at + count - 1]
            punctuation = strongest(trail.replace("-", ""))
            if not punctuation and text[item.length - 1] == "." and self._is_end(tokens, at + count - 1):
                punctuation = "."
            spoken = self._verbalizer.verbalize(item, previous)
            return Reading(count, spoken, punctuation or ("." if last.boundary else ""), item.semiotic_class)
        return None

    def _roman(self, tokens: Sequence[Token], at: int, previous: str) -> Reading | None:
        token = tokens[at]
        match = _ROMAN.fullmatch(token.core) if token.core else None
        if not match:
            return None
        value = roman_value(match[0])
        if previous in self._roman_names:
            romans = self._table["romans"]
            said = self._verbalizer.ordinal(value, romans["ordinal"])
            ends = self._is_end(tokens, at) or (at + 1 < len(tokens) and "." not in token.trail)
            punctuation = token.punctuation if ends else strongest(token.trail.replace(".", ""))
            return Reading(1, romans["template"].format(ordinal=said), punctuation, Class.ORDINAL)
        if previous in self._romans_after:
            return Reading(1, self._verbalizer.cardinal(str(value)), token.punctuation, Class.CARDINAL)
        return None

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
        said = self._verbalizer.symbol(sign, between_numbers=numbers)
        return Reading(1, said, token.punctuation if token.core else "", Class.SYMBOL) if said else None

    def _word(self, token: Token) -> Reading:
        core = token.core
        kind = Class.WORD
        if self._spells and any(map(str.isdecimal, core)) and _LATIN_SERIAL.fullmatch(core):
            return Reading(1, self._verbalizer.serial(core), token.punctuation, Class.SERIAL)
        if 1 < len(core) <= _MAX_INITIALISM and core.isalpha() and core.isupper():
            kind = Class.INITIALISM
        said = self._with_symbols(core)
        return Reading(1, said, token.punctuation or ("" if said else strongest(token.lead + token.trail)), kind)

    def _with_symbols(self, core: str) -> str:
        """Return the letters of ``core`` and the words of the signs in it."""
        if core.isalpha() or core.replace("-", "").replace("'", "").isalpha():
            return spoken_letters(core)
        parts = re.split(r"([<>=]=|->|[+=<>≤≥≠&%§@#*^\\|])", core)
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


def roman_value(numeral: str) -> int:
    """Return the value of a Roman numeral."""
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


@lru_cache(maxsize=16)
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
