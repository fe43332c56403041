"""Words that ICU and CLDR know for a language: spelled numbers, units, currencies, months.

ICU is imported when the first language needs it: a server with English voices alone does not load it.
"""

import re
import unicodedata
from functools import cached_property, lru_cache
from typing import Any

from synthesis.text.normalization.tables import MAX_LANGUAGES

_SOFT_HYPHEN = "\u00ad"
_TYPEWRITER = str.maketrans({"\u200b": " ", "\u00a0": " ", "\u202f": " ", "\u02bc": "'", "\u2019": "'"})
_LONGEST_WORD = 40
_ABBREVIATED = re.compile(r"'\w{1,2}'\.")
_DATE_FIELD = re.compile(r"'[^']*'|y+|M+|L+|d+")
_FIELD_NAMES = {"y": "{year}", "M": "{month}", "L": "{month}", "d": "{day}"}
_MAX_INT = 10**15


def _plain(text: str) -> str:
    """Return ``text`` without soft hyphens, except where a word gets too long for espeak-ng: spaces there."""
    text = text.translate(_TYPEWRITER)
    if _SOFT_HYPHEN not in text:
        return text
    return " ".join(_shortened(word) for word in text.split())


def _shortened(word: str) -> str:
    parts, current = [], ""
    joined = word.replace(_SOFT_HYPHEN, "")
    if len(joined) <= _LONGEST_WORD:
        return joined
    for part in word.split(_SOFT_HYPHEN):
        if current and (len(current) + len(part) > _LONGEST_WORD or current.endswith("tausend")):
            parts.append(current)
            current = part
        else:
            current += part
    return " ".join([*parts, current])


def _template(pattern: str) -> str:
    """Return a date pattern of CLDR as a template: quoted words stay, abbreviations and punctuation go."""

    def replaced(field: re.Match[str]) -> str:
        return _FIELD_NAMES.get(field[0][0], field[0].strip("'"))

    pattern = _DATE_FIELD.sub(replaced, _ABBREVIATED.sub("", pattern))
    # The names of the months end with their sign in Chinese and Japanese.
    return " ".join(re.sub(r"[.,()]|(?<=\{month\})月", " ", pattern).split())


class IcuLocale:
    """The words of one locale."""

    def __init__(self, language: str) -> None:
        """Load ICU, some 20 MB for the first locale of a process. ``language`` is a tag such as ``pt-BR``."""
        import icu  # Loaded by the first language that needs it.

        self._icu = icu
        self._locale = icu.Locale.forLanguageTag(language.replace("_", "-"))
        self._speller = icu.RuleBasedNumberFormat(icu.URBNFRuleSetTag.SPELLOUT, self._locale)
        actual = str(self._speller.getLocale(icu.ULocDataLocaleType.ACTUAL_LOCALE))
        # ICU falls back to English for languages that it cannot spell.
        self.spells = actual.partition("_")[0] == self._locale.getLanguage()
        count = self._speller.getNumberOfRuleSetNames()
        names = (self._speller.getRuleSetName(place) for place in range(count))
        self.rules = frozenset(name.removeprefix("%spellout-") for name in names)
        self._numbers = icu.NumberFormatter.withLocale(self._locale)
        self.spell = lru_cache(maxsize=2048)(self._spell)
        self.noun = lru_cache(maxsize=1024)(self._noun)

    def _spell(self, value: int | float, rule: str = "") -> str:
        """Return ``value`` as words by a rule set such as ``cardinal-feminine``; by the default one if unknown."""
        if rule.startswith("ordinal") and rule not in self.rules:
            rule = self.ordinal_rule
        name = f"%spellout-{rule}"
        return _plain(self._speller.format(value, *([name] if rule in self.rules else [])))

    @cached_property
    def ordinal_rule(self) -> str:
        """The rule set of ordinals in the form of a dictionary; empty if ICU has none for the language."""
        named = ("ordinal", "ordinal-masculine", "ordinal-common", "ordinal-reale")
        others = sorted(rule for rule in self.rules if rule.startswith("ordinal"))
        return next((rule for rule in (*named, *others) if rule in self.rules), "")

    @cached_property
    def ordinal_marks(self) -> str:
        """A pattern of what ICU writes after the digits of an ordinal: a period, or letters; empty if nothing."""
        icu = self._icu
        writer = icu.RuleBasedNumberFormat(icu.URBNFRuleSetTag.ORDINAL, self._locale)
        names = [writer.getRuleSetName(place) for place in range(writer.getNumberOfRuleSetNames())]
        marks = {writer.format(5, name).removeprefix("5") for name in names}
        return "|".join(
            re.escape(mark) for mark in sorted(marks, key=len, reverse=True) if mark[-1:] and "5" not in mark
        )

    def date_template(self, skeleton: str) -> str:
        """Return CLDR's pattern for ``yMMMMd``, ``MMMMd`` or ``yMMMM`` with ``{year}``, ``{month}`` and ``{day}``."""
        generator = self._icu.DateTimePatternGenerator.createInstance(self._locale)
        return _template(generator.getBestPattern(skeleton))

    @cached_property
    def has_ordinal_days(self) -> bool:
        """Whether the day of a date is an ordinal: CLDR writes a period after it."""
        generator = self._icu.DateTimePatternGenerator.createInstance(self._locale)
        return bool(self.ordinal_rule) and "d." in generator.getBestPattern("MMMMd")

    def _noun(self, unit: str, value: int | float) -> tuple[str, str]:
        """Return the name of ``unit`` in the plural for ``value``, and its grammatical gender.

        ``unit`` is a CLDR identifier (``kilometer-per-hour``) or a currency's ISO 4217 code in capitals.
        Both are empty if CLDR has no such unit. Source: CLDR unit and currency names, width "full name".
        """
        icu = self._icu
        try:
            measured = icu.CurrencyUnit(unit) if unit.isupper() else icu.MeasureUnit.forIdentifier(unit)
        except (icu.ICUError, icu.InvalidArgsError):
            return "", ""
        named = self._numbers.unit(measured).unitWidth(icu.UNumberUnitWidth.FULL_NAME)
        if unit.isupper():
            named = named.precision(icu.Precision.integer() if value == int(value) else icu.Precision.unlimited())
        formatted = named.formatDoubleToValue(value)
        number = self._numbers.formatDouble(value)
        noun = " ".join(_plain(str(formatted).replace(number, " ")).split())
        return noun, self._gender(formatted)

    def _gender(self, formatted: Any) -> str:
        noun_class = formatted.getNounClass()
        names = {
            getattr(self._icu.UDisplayOptionsNounClass, name): name.lower()
            for name in ("FEMININE", "MASCULINE", "NEUTER")
        }
        return names.get(noun_class, "")

    @cached_property
    def months(self) -> dict[str, int]:
        """The names of the months, in full and abbreviated, in lower case and without periods, with their numbers."""
        icu = self._icu
        symbols = icu.DateFormatSymbols(self._locale)
        contexts = (icu.DateFormatSymbols.FORMAT, icu.DateFormatSymbols.STANDALONE)
        widths = (icu.DateFormatSymbols.ABBREVIATED, icu.DateFormatSymbols.WIDE)
        names: dict[str, int] = {}
        for context in contexts:
            for width in widths:
                for number, name in enumerate(symbols.getMonths(context, width), 1):
                    names.setdefault(_plain(unicodedata.normalize("NFC", name)).lower().rstrip("."), number)
        return {name: number for name, number in names.items() if not name.isdecimal()}

    @cached_property
    def month_names(self) -> list[str]:
        """The names of the months in a date: in the genitive where the language has it."""
        return self._months_in(self._icu.DateFormatSymbols.FORMAT)

    @cached_property
    def weekdays(self) -> frozenset[str]:
        """The full names of the days of the week, in lower case."""
        icu = self._icu
        symbols = icu.DateFormatSymbols(self._locale)
        names = symbols.getWeekdays(icu.DateFormatSymbols.FORMAT, icu.DateFormatSymbols.WIDE)
        return frozenset(_plain(name).lower() for name in names if name)

    @cached_property
    def standalone_months(self) -> list[str]:
        """The names of the months without a day."""
        return self._months_in(self._icu.DateFormatSymbols.STANDALONE)

    def _months_in(self, context: int) -> list[str]:
        symbols = self._icu.DateFormatSymbols(self._locale)
        names = symbols.getMonths(context, self._icu.DateFormatSymbols.WIDE)
        return [re.sub(r"\d+", lambda digits: self._spell(int(digits[0])), _plain(name)) for name in names]

    @cached_property
    def separators(self) -> tuple[str, str]:
        """The decimal separator and the grouping separator."""
        symbols = self._icu.DecimalFormatSymbols(self._locale)
        names = self._icu.DecimalFormatSymbols
        decimal, group = names.kDecimalSeparatorSymbol, names.kGroupingSeparatorSymbol
        return symbols.getSymbol(decimal), symbols.getSymbol(group)

    @cached_property
    def am_pm(self) -> tuple[str, str]:
        """The words for the halves of the day."""
        morning, afternoon = self._icu.DateFormatSymbols(self._locale).getAmPmStrings()
        return _plain(morning).replace(".", " "), _plain(afternoon).replace(".", " ")

    def plural(self, value: float) -> str:
        """Return CLDR's plural category of a number: ``one``, ``few``, ``many``, ``other`` ..."""
        return str(self._plurals.select(value))

    @cached_property
    def _plurals(self) -> Any:
        return self._icu.PluralRules.forLocale(self._locale)

    @cached_property
    def date_order(self) -> str:
        """The order of year, month and day in a short date: ``dmy``, ``mdy`` or ``ymd``."""
        short = self._icu.DateFormat.SHORT
        pattern = self._icu.SimpleDateFormat.createDateInstance(short, self._locale).toPattern()
        order = "".join(dict.fromkeys(char.lower() for char in pattern if char in "yMd"))
        return order if len(order) == len("dmy") else "dmy"


@lru_cache(maxsize=MAX_LANGUAGES)
def icu_locale(language: str) -> IcuLocale:
    """Return the locale of a language tag; loaded once per process."""
    return IcuLocale(language)
