"""Classifies the written forms of a language by its tables: dates, times, money, measures, numbers, addresses."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from synthesis.text.normalization.localized.icu_locale import IcuLocale, icu_locale
from synthesis.text.normalization.semiotics import Class, Item
from synthesis.text.normalization.tables import MAX_LANGUAGES, Table, language_table, read_table

Fields = Mapping[str, str]


START = "^"
"""The word before the first one of a text of one line, in which a number at the start numbers no item of a list."""


@dataclass(frozen=True, slots=True)
class Context:
    """The words around a form."""

    previous: str
    """The word before, in lower case; empty at the start of a sentence."""
    text: str
    """The window that begins with the form."""


Accept = Callable[[Fields, Context, int], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern of a class. ``accept`` decides on what a pattern cannot: values, context."""

    semiotic_class: Class
    pattern: re.Pattern[str]
    accept: Accept | None = None
    start: str = ""
    """The characters that a match can begin with; empty: any. It only saves the search."""
    joined: bool = False
    """Whether a match has something other than digits before its first space. It only saves the search."""


_STARTS = ("0", "1", "+", "-", "(", "%", "±", "~", "")
"""Starts by which rules are chosen: "1" is any digit but 0, and empty any other character."""
_DIGITS, _SIGNS = "01", "+-(%±~"
_NEVER = "(?!)"

# A form ends before what would continue a word or a number.
END = r"(?![^\W_]|[.,:/'’-]\d|[-–/][^\W\d_])"
_GROUPED = r"\d{1,3}(?:[ .]\d{3})+(?!\d)|\d{1,4}"
ENGLISH_NUMBER = r"\d{1,3}(?:,\d{3}){1,6}\.\d{1,4}|\d{1,3}(?:,\d{3}){2,6}(?![\d,])"
"""A number that is grouped by commas, in languages whose decimal separator is the comma."""
_SPACED = r"(?:[1-9]\d?(?: \d{3}){1,6}|[1-9]\d\d(?: \d{3}){0,5} \d00)(?![\d]| \d)"
"""Groups of the SI, which every language may use. Three digits at the beginning may be a telephone number."""
_SIGN = r"(?P<sign>[-+±]|~)?"
_ELECTRONIC = {
    "url": r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]{1,15})://(?P<host>[^\s/?#]{1,80})(?P<rest>[^\s]{0,100})(?<![.,;:!?)\"'])",
    "email": r"(?:mailto:)?(?P<user>[\w.+-]{1,64})@(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})",
    "file": r"(?P<host>[\w-]{1,60}\.(?:pdf|docx?|xlsx?|pptx?|txt|csv|jpe?g|png|gif|svg|zip|mp3|mp4|html|css|js|py|json"
    r"|xml|md|exe|log|sql|toml|yaml|yml|sh|java|cpp|rs|go))(?![\w./-])",
    "host": r"(?P<host>(?:[\w-]{1,63}\.){1,5}(?:com|org|net|io|dev|edu|gov|info|biz|ai|app|eu|uk|us|de|at|ch|fr|es|it"
    r"|nl|be|pt|br|pl|se|no|dk|fi|ru|ua|tr|cz|mx|ar|cl|co|tv|me|online|shop))(?P<rest>/(?:[^\s]{0,100}(?<![.,;:!?)\"']))?)?",
}  # fmt: skip
_SHORTEST_TELEPHONE = 7
_LONGEST_PREPOSITION = 3
_SCALES = frozenset(("celsius", "fahrenheit", "sopra", "sotto", "nord", "ovest", "norte", "oeste", "leste"))
_AGREEING = frozenset((Class.CARDINAL, Class.FRACTION))
_VALUES = {"month": 12, "day": 31, "hour": 24, "minute": 59, "second": 59, "day2": 31}


def _in_range(fields: Fields, _context: Context, _end: int) -> bool:
    return all(int(fields[name]) <= most for name, most in _VALUES.items() if fields.get(name, "").isdecimal()) and (
        fields.get("day") not in {"0", "00"} and fields.get("month") not in {"0", "00"}
    )


def alternatives(words: Iterable[str]) -> str:
    """Return a pattern of ``words``, the longest first; it matches nothing if there are none."""
    ordered = sorted({word for word in words if word}, key=len, reverse=True)
    return "|".join(map(re.escape, ordered)) or r"(?!)"


def _next_word(rest: str) -> str:
    """Return the first word of ``rest`` in lower case, without punctuation."""
    return rest.lstrip().split(" ", 1)[0].rstrip(".,;:!?)\"'").lower()


class Classifier:
    """Finds the class and the fields of the form at the beginning of a window."""

    def __init__(self, table: Table, icu: IcuLocale) -> None:
        """Compile the patterns of a language."""
        shared = read_table("units")
        self._table = table
        decimal, group = icu.separators
        numbers = table["numbers"]
        self.decimal = numbers["decimal"] or decimal
        groups = numbers["group"] or group
        self.groups = re.sub("[\u00a0\u202f]", " ", groups)
        symbols = {**shared["symbols"], **table["units"]}
        self.units: dict[str, str] = {**self._unit_names(symbols.values(), icu), **symbols}
        currencies = table["money"]["currencies"]
        names = {name: code for code, forms in reversed(currencies.items()) for name in forms[:2] if len(name) > 1}
        self.signs: dict[str, str] = {**names, **shared["signs"], **table["money"]["signs"]}
        self.subunits = {name: forms[3:6] for forms in currencies.values() for name in forms[3:5] if name}
        self.units = {**{name: name for name in self.subunits}, **self.units}
        self.codes = frozenset(shared["codes"]["written"].split())
        self.months = {**icu.months, **table["dates"]["months"]}
        ordinals = table["ordinals"]
        self.marks: str = ordinals["marks"] or icu.ordinal_marks
        by_cldr = self.marks == r"\." and not ordinals["marks"]
        self._marks_need_context = by_cldr or ordinals["requires_context"]
        self._before_lower = by_cldr or ordinals["before_lower"]
        self._ordinal_nouns = {noun: rule for rule, nouns in ordinals["nouns"].items() for noun in nouns.split()}
        self.order = table["dates"]["order"] or icu.date_order
        self.magnitudes: dict[str, list[str]] = table["magnitudes"]
        self._after = {rule: frozenset(words.split()) for rule, words in table["ordinals"]["after"].items()}
        self._determiners = frozenset(word for words in self._after.values() for word in words)
        self._starters = frozenset(table["ordinals"]["starters"].split())
        self.known_names = frozenset(f"{shared['hosts']['words']} {table['electronic'].get('words', '')}".split())
        self._streets = re.compile(rf"(?:{table['address']['street_ends'] or '(?!)'})$")
        self._ratio_words = frozenset(table["numbers"]["ratio_after"].split())
        self._score_words = frozenset(table["numbers"]["score_after"].split())
        self._phone_words = frozenset(table["telephone"]["words"].split())
        self._versioned = frozenset(shared["versions"]["names"].split()) if decimal != "." else frozenset()
        self._letters_after = frozenset(ordinals["letters_after"].split())
        self._before_dates = frozenset((*table["dates"]["before"].split(), *icu.weekdays))
        self._before_times = frozenset(table["times"]["before"].split())
        self._uncounted = frozenset((*numbers["agreement_not_after"].split(), *table["before_numbers"]))
        self._capital_nouns: bool = numbers["agreement_capital"]
        self._agreement = [
            (rule["gender"], re.compile(rule["values"]), re.compile(rule["next"])) for rule in numbers["agreement"]
        ]
        by_digit, self._by_letter = self._rules()
        self._by_digit = {
            (start, joined): tuple(
                rule
                for rule in by_digit
                if (start in rule.start or not rule.start)
                and (joined or not rule.joined)
                and not rule.pattern.pattern.startswith(_NEVER)
            )
            for start in _STARTS
            for joined in (True, False)
        }

    @staticmethod
    def _unit_names(units: Iterable[str], icu: IcuLocale) -> dict[str, str]:
        """Return the names of units as words, so that a number before them agrees: "1 Stunde"."""
        if not icu.spells:
            return {}
        names = {icu.noun(unit, value)[0]: unit for unit in dict.fromkeys(units) for value in (1, 2, 5)}
        return {name: unit for name, unit in names.items() if len(name) > 2 and name.isalpha()}

    def _number(self) -> str:
        decimal = re.escape(self.decimal)
        # A period that cannot group digits is a decimal point in every language.
        other = "" if self.decimal == "." else r"|\.(?!\d{3}(?!\d))" if "." in self.groups else r"|\."
        grouped = rf"\d{{1,3}}(?:[{re.escape(self.groups)}]\d{{3}}){{1,6}}(?!\d)(?:{decimal}\d{{1,20}})?"
        english = f"{ENGLISH_NUMBER}|" if self.decimal == "," else ""
        spaced = "" if " " in self.groups else rf"{_SPACED}(?:{decimal}\d{{1,20}})?|"
        return rf"{english}{grouped}|{spaced}\d{{1,30}}(?:(?:{decimal}{other})\d{{1,20}})?"

    def _rules(self) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
        digits = (
            *self._versions(),
            *self._ratios(),
            *self._dates(),
            *self._telephones(),
            *self._times(),
            *self._quantities(),
            *self._numbers(),
        )
        return digits, (*self._electronic(), *self._lettered())

    def _versions(self) -> list[Rule]:
        """Return the rules of versions of two parts, whose point is no decimal separator: "Python 3.12"."""

        def is_named(_fields: Fields, context: Context, _end: int) -> bool:
            return context.previous in self._versioned

        pattern = re.compile(r"(?P<version>\d{1,4}\.\d{1,4})" + END)
        return [Rule(Class.VERSION, pattern, is_named, _DIGITS, joined=True)]

    def _ratios(self) -> list[Rule]:
        """Return the rules of scales and scores that look like times or products: "escala 1:50", "por 3x1"."""

        def is_ratio(_fields: Fields, context: Context, _end: int) -> bool:
            return context.previous in self._ratio_words

        def is_score(_fields: Fields, context: Context, _end: int) -> bool:
            return context.previous in self._score_words

        ratio = rf"(?P<first>{_GROUPED})(?: : |:)(?P<second>{_GROUPED}){END}"
        score = rf"(?P<first>\d\d?) ?[x×] ?(?P<second>\d\d?){END}(?! ?(?:{alternatives(self.units)})(?!\w))"
        return [
            *([Rule(Class.SCORE, re.compile(ratio), is_ratio, _DIGITS)] if self._ratio_words else []),
            *([Rule(Class.SCORE, re.compile(score), is_score, _DIGITS)] if self._score_words else []),
        ]

    def _telephones(self) -> list[Rule]:
        part = r"(?:[ ./-]|\) ?| ?\(| - )"

        def compiled(pattern: str, start: str, accept: Accept | None = None, *, joined: bool = False) -> Rule:
            return Rule(Class.TELEPHONE, re.compile(rf"(?P<number>{pattern}){END}"), accept, start, joined=joined)

        own = self._table["telephone"]["pattern"]
        return [
            compiled(rf"\+\d{{1,3}}(?:{part}?\d{{1,12}}){{1,6}}", "+"),
            compiled(r"\(0\d{0,5}\) ?(?:[ /.-]?\d{1,10}){1,5}", "("),
            compiled(r"\(\d{2,5}\) ?(?:[ .-]?\d{2,10}){1,5}", "(", self._is_long),
            compiled(rf"00\d{{2}}(?:{part}\d{{1,12}}){{1,6}}", "0"),
            compiled(r"0\d{1,5}(?: ?/ ?|-| )\d{2,10}(?:[ -]\d{1,8}){0,5}", "0", self._is_long),
            *([compiled(own, "")] if own else []),
            compiled(rf"\d{{1,12}}(?:{part}?\d{{1,12}}){{0,6}}", _DIGITS, self._is_telephone),
            compiled(r"0\d(?:[ .]\d\d){4}", "0"),
            compiled(r"\d{3}\.\d{3}\.\d{4}", _DIGITS, joined=True),
        ]

    @staticmethod
    def _is_long(fields: Fields, _context: Context, _end: int) -> bool:
        return sum(map(str.isdecimal, fields["number"])) >= _SHORTEST_TELEPHONE

    def _is_telephone(self, fields: Fields, context: Context, _end: int) -> bool:
        digits = sum(map(str.isdecimal, fields["number"]))
        return context.previous.rstrip(".:") in self._phone_words and digits >= 3

    def _dates(self) -> list[Rule]:
        dates = self._table["dates"]
        marks = self.marks
        # Spelled months may be followed by a period if they are abbreviated.
        month = rf"(?P<month>(?i:{alternatives(self.months)}))\b\.?"
        of = rf"(?: (?:{alternatives(dates['of'].split())}))?"
        mark = rf"(?:{marks})?" if marks else ""
        day = rf"(?P<day>\d{{1,2}}){mark}"
        after_year = rf"(?: ?(?:{alternatives(dates['year_words'])})(?!\w))?\.?" if dates["year_words"] else ""
        year = rf",?{of} (?P<year>\d{{4}})(?! ?[%€$£]){after_year}"
        numeric = {
            "dmy": r"(?P<day>\d{1,2})(?P<dot>[./-])(?P<month>\d{1,2})(?P=dot)(?P<year>\d{4}|\d{2})",
            "mdy": r"(?P<month>\d{1,2})(?P<dot>[./-])(?P<day>\d{1,2})(?P=dot)(?P<year>\d{4}|\d{2})",
        }
        first = "mdy" if self.order == "mdy" else "dmy"
        second = "dmy" if first == "mdy" else "mdy"
        rules = [
            r"(?P<year>\d{4})(?P<dot>[./-])(?P<month>\d{1,2})(?P=dot)(?P<day>\d{1,2})"
            r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?)?",
            rf"{numeric[first]}",
            rf"{numeric[second]}",
            rf"(?P<day>\d{{1,2}}){mark}(?: ?[-–] ?|(?: (?P<and>[^\W\d]{{1,4}}) ))(?P<day2>\d{{1,2}}){mark}"
            rf"{of} {month}(?:{year})?",
            rf"{day}{of} {month}(?:{year})?",
            r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\." if marks == r"\." else r"(?!)",
            r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
            rf"(?P<day>\d{{1,2}})[-/.]{month}[-/](?P<year>\d{{4}}|\d\d)",
            r"(?P<day>\d{1,2})/(?P<month>\d{1,2}) (?P<year>(?:19|20)\d\d)" if dates["slashed"] else r"(?!)",
        ]
        rules.append(r"(?P<month>0?[1-9]|1[0-2])/(?P<year>(?:19|20)\d\d)")
        rules = [f"{rule}{after_year}" for rule in rules]
        numeric_dates = frozenset((*rules[:3], *rules[5:]))
        year_word = rf"(?P<year_word>{alternatives(dates['year_words'])})(?!\w)\.?"
        rules.append(rf"(?P<year>\d{{4}}) ?{year_word}")
        if dates["eras"]:
            rules.append(rf"(?P<year>\d{{1,3}}) ?{year_word}(?= (?:{alternatives(dates['eras'])}))")
        short = re.compile(rf"(?P<day>\d{{1,2}})[/.](?P<month>\d{{1,2}}){END}")
        return [
            *(
                Rule(Class.DATE, re.compile(rf"{pattern}{END}"), _in_range, _DIGITS, joined=pattern in numeric_dates)
                for pattern in rules
            ),
            Rule(Class.DATE, short, self._is_short_date, _DIGITS, joined=True),
        ]

    def _is_short_date(self, fields: Fields, context: Context, end: int) -> bool:
        # No fraction has a leading zero.
        padded = "0" in {fields["day"][:1], fields["month"][:1]} and context.text[len(fields["day"]) : end][:1] == "/"
        return (padded or context.previous in self._before_dates) and _in_range(fields, context, end)

    def _times(self) -> list[Rule]:
        times = self._table["times"]
        words = alternatives(times["words"].split())
        other = re.escape(times["separator"].replace(":", ""))
        hour, minute, second = r"(?P<hour>[01]?\d|2[0-4])", r"(?P<minute>[0-5]\d)", r"(?P<second>[0-5]\d)"
        # "2 h 30 min" is a duration, which only a template with the word for hours says.
        in_minutes = r"(?: ?min)?(?! ?\d{1,2} ?s)(?! ?min)" if "{hours}" in times["template"] else "(?! ?min)"
        # "am" is a word in some languages.
        letters = r"[aApP][mM]\b" if times["am"] else r"[AP]M\b|(?<=\d)[ap]m\b"
        no_duration = rf"(?! ?(?:{alternatives(self._of_durations())})(?!\w))"
        half = rf"(?P<half>[aApP]\. ?[mM]\b\.?|{letters})"
        letter = "h" if "h" in times["words"].split() else ""
        clock = rf"(?P<hour2>[01]?\d|2[0-4])(?: ?[:{other}{letter}] ?(?P<minute2>[0-5]\d))?"
        rules = [
            rf"{hour}(?: ?[:{other}{letter}] ?{minute})?(?: ?(?:{words}))? ?[-–] ?{clock} ?(?:{words})?"
            if times["words"]
            else r"(?!)",
            rf"{hour}:{minute} ?[-–] ?(?P<hour2>[01]?\d|2[0-4]):(?P<minute2>[0-5]\d)",
            rf"{hour}[:h]{minute}(?::{second})?(?: ?(?:{words})\b)?(?: ?{half})",
            rf"{hour}(?: ?{half})",
            rf"{hour}:{minute}(?::{second})?(?: ?(?:{words})\b\.?|{no_duration})",
            rf"{hour} ?[hH] ?{minute}{in_minutes}" if "h" in times["words"].split() else r"(?!)",
            rf"{hour}{times['letter']}{minute}" if times["letter"] else r"(?!)",
            rf"{hour} ?(?:{words})(?! ?[/.]?\d)" if times["words"] else r"(?!)",
        ]
        if other:
            rules.append(rf"{hour}[{other}]{minute}(?:[{other}]{second})? ?(?:{words})\b")
            rules.append(rf"(?P<dotted>){hour}[{other}]{minute}(?! ?%)")
        # "3 h" is a duration, which the template of a full hour would not say: a word of several letters is needed.
        spelled = {word for word in times["words"].split() if len(word) > 1}
        hour_before = frozenset(times["hour_before"].split())

        def is_clock(fields: Fields, context: Context, end: int) -> bool:
            if not _in_range(fields, context, end) or (
                "dotted" in fields and context.previous not in self._before_times
            ):
                return False
            return (
                "minute" in fields
                or "minute2" in fields
                or "half" in fields
                or context.previous in hour_before
                # "9h-12h", but "2-3 h" are durations.
                or ("hour2" in fields and bool(re.match(r"\d+ ?h", context.text)))
                or any(context.text[:end].rstrip(".").endswith(word) for word in spelled)
            )

        suffixes = self._table["numbers"]["suffixes"]
        suffix = rf"(?:'(?P<suffix>{suffixes}))?" if suffixes else ""
        return [
            Rule(
                Class.TIME,
                re.compile(rf"{pattern}{suffix}{END}"),
                is_clock,
                _DIGITS,
                joined=pattern.removeprefix("(?P<dotted>").lstrip(")").startswith((f"{hour}:", f"{hour}[")),
            )
            for pattern in rules
            if pattern != _NEVER
        ]

    def _money(self) -> tuple[str, str]:
        """Return the patterns of an amount with the currency before it, and after it."""
        number = self._number()
        amount = rf"(?P<amount>{number})(?: ?[-–] ?(?P<until>{number}))?"
        signs = alternatives([*self.signs, *self.codes])
        magnitude = rf"(?: ?(?P<magnitude>{alternatives(self.magnitudes)})\b\.?)?"
        each = rf"(?: ?/ ?(?P<each>(?:{alternatives(self.units)})(?!\w)|[^\W\d_]{{2,20}}))?"
        return (
            rf"{_SIGN}(?P<currency>{signs}) ?(?P<inner>-)?{amount}(?:,-+|,–)?{magnitude}{each}",
            rf"{_SIGN}{amount}(?:,-+|,–)?{magnitude} ?(?P<currency>{signs}){each}",
        )

    def _quantities(self) -> list[Rule]:
        number = self._number()
        amount = rf"(?P<amount>{number})"
        magnitude = rf"(?P<magnitude>{alternatives(self.magnitudes)})\b\.?"
        unit = rf"(?P<unit>{alternatives(self.units)})(?P<power>\^?[23])?"
        per = rf"(?: ?/ ?(?P<factor>10{{0,3}} ?)?(?P<per>{alternatives(self.units)})(?P<power2>\^?[23])?)?"
        until = rf"(?: ?[-–] ?(?P<until>{number}))"
        measure = [
            # A duration, as in "1:45 Std.".
            rf"(?P<amount>\d{{1,3}}):(?P<rest>[0-5]\d)(?::(?P<rest2>[0-5]\d))? ?"
            rf"(?P<unit>{alternatives(self._of_durations())})",
            rf"{_SIGN}{amount}{until}? ?{magnitude} {unit}{per}",
            rf"{_SIGN}{amount} ?% ?[-–] ?(?P<until>{number}) ?(?P<unit>%)",
            rf"{_SIGN}{amount} ?{unit} ?[x×] ?(?P<by>{number}) ?(?P<unit2>{alternatives(self.units)})"
            rf"(?: ?[x×] ?(?P<by2>{number}) ?(?P<unit3>{alternatives(self.units)}))?",
            rf"{_SIGN}{amount}(?: ?[x×] ?(?P<by>{number}))(?: ?[x×] ?(?P<by2>{number}))?(?: ?{unit})?",
            rf"{_SIGN}(?P<whole>\d{{1,5}} )?(?P<numerator>\d{{1,3}})/(?P<denominator>\d{{1,4}}) ?{unit}",
            rf"{_SIGN}(?P<unit>%){amount}{until}?(?:'(?P<suffix>[^\W\d_]{{1,6}}))?"
            if self._table["words"]["percent"]
            else "(?!)",
            rf"{_SIGN}{amount}{until}?[ -]?{unit}{per}",
            rf"{_SIGN}{amount} ?{unit} ?(?P<slash>/) ?(?P<by>{number}) ?(?P<unit2>{alternatives(self.units)})",
        ]
        return [
            Rule(Class.MONEY, re.compile(rf"{_SIGN}(?P<amount>\d{{1,6}}) ?(?P<currency>[€$£])(?P<cents>\d\d){END}")),
            *self._amounts_with_colons(),
            *(Rule(Class.MONEY, re.compile(rf"{pattern}{END}")) for pattern in self._money()),
            *(Rule(Class.MEASURE, re.compile(rf"{pattern}{END}"), self._is_measure) for pattern in measure),
        ]

    def _amounts_with_colons(self) -> list[Rule]:
        """Return the rule of amounts such as "49:90 kr", in languages that write them."""
        money = self._table["money"]
        pattern = rf"(?P<amount>\d{{1,6}}):(?P<cents>\d\d) ?(?P<currency>{alternatives(money['signs'])}){END}"
        return [Rule(Class.MONEY, re.compile(pattern))] if money["colon"] else []

    def _of_durations(self) -> list[str]:
        """Return the symbols and names of hours and minutes; a single letter is also said after a time of day."""
        units: dict[str, str] = self._table["units"]
        return [name for name, unit in units.items() if unit in {"hour", "minute"} and len(name) > 1]

    def _is_measure(self, fields: Fields, context: Context, end: int) -> bool:
        unit = fields.get("unit", "")
        if unit == "º":
            return self.has_decimals(fields["amount"])
        if unit[:1] == "°" and "power" in fields:
            return False
        written = context.text[:end]
        if unit in self.magnitudes or f"{unit}/{fields.get('per', '')}" in self._table["bare"]:
            return False
        if self.marks and "-" in written and re.search(rf"\d(?:{self.marks})$", written):
            # "3-м" is an ordinal in Russian.
            return False
        if len(unit) == 1 and unit.isupper() and self._streets.search(context.previous):
            # The letter of a house number.
            return False
        if unit == "°" and context.previous in self._letters_after:
            return False
        if unit == "°" and "°" in self.marks:
            # "3° piano", but "20° di temperatura"
            following = _next_word(context.text[end:])
            is_noun = len(following) > _LONGEST_PREPOSITION and following.isalpha() and following not in _SCALES
            return not (is_noun and fields["amount"].isdecimal())
        if unit == "d" and context.text[end - 2 : end - 1] != " ":
            return False
        # A one-letter symbol after a space may be a word ("5 a", "3 o"); those of the tables are units.
        return not unit or unit[0] not in "K" or context.text[end - 2 : end - 1] == " "

    def _numbers(self) -> list[Rule]:
        number = self._number()
        amount = rf"(?P<amount>{number})"
        marks = self.marks
        rules = [
            Rule(
                Class.FRACTION,
                re.compile(
                    rf"{_SIGN}(?:(?P<whole>\d{{1,9}}) )?(?P<numerator>\d{{1,4}}|\d{{1,3}}\.\d{{3}})/"
                    rf"(?P<denominator>{_GROUPED}){END}"
                ),
                lambda fields, _context, _end: int(re.sub(r"\D", "", fields["denominator"])) > 0,
            ),
            Rule(
                Class.VERSION,
                re.compile(r"(?P<version>\d{1,4}(?:\.\d{1,4}){2,5})" + END),
                self._is_version,
                _DIGITS,
                joined=True,
            ),
            Rule(Class.SCORE, re.compile(rf"(?P<first>{_GROUPED})(?: : |:)(?P<second>{_GROUPED}){END}")),
            Rule(
                Class.SCORE,
                re.compile(rf"(?P<first>\d\d?){self._table['numbers']['score_sign'] or '(?!)'}(?P<second>\d\d?){END}"),
                self._is_score,
            ),
            Rule(
                Class.RANGE,
                re.compile(rf"{_SIGN}{amount} ?[–-] ?(?P<until>{number})(?P<unit>%)?{END}"),
                self._is_range,
            ),
        ]
        if marks:
            value = rf"(?P<value>\d{{1,3}}(?:[{re.escape(self.groups)}]\d{{3}}){{0,3}}|\d{{1,12}})"
            ordinal = rf"{value}(?P<mark>{marks})(?!\w|,\d)"
            rules.append(Rule(Class.ORDINAL, re.compile(ordinal), self._is_ordinal, _DIGITS))
        if letters := self._table["ordinals"]["letters"]:
            rules.append(Rule(Class.ORDINAL, re.compile(rf"(?P<value>\d{{1,9}})(?P<mark>{letters})(?![\w-])")))
        if suffix := self._table["numbers"]["decade_suffix"]:
            decade = self._table["numbers"]["decade"]
            noun = r"(?P<noun>-[^\W\d_]{1,40})?"
            rules.append(
                Rule(Class.DATE, re.compile(rf"(?P<decade>{decade})-?(?P<suffix>{suffix}){noun}(?![^\W_]|-\w)"))
            )
        if joins := self._table["numbers"]["joined"]:
            joined = rf"(?P<amount>{number})(?: ?[-–] ?(?P<until>{number}))?(?P<suffix>{joins})(?![\w-])"
            rules.append(Rule(Class.CARDINAL, re.compile(joined)))
        if self._table["numbers"]["suffixes_join"]:
            joined = rf"(?P<amount>{number})-(?P<suffix>[^\W\d_A-ZÄÖÜ][^\W\d_]{{1,20}})(?![\w-])"
            rules.append(Rule(Class.CARDINAL, re.compile(joined)))
        if suffixes := self._table["numbers"]["suffixes"]:
            joined = rf"(?P<amount>{number})'(?P<suffix>{suffixes})(?![\w'])"
            rules.append(Rule(Class.CARDINAL, re.compile(joined)))
        if self._table["words"]["times"]:
            rules.append(Rule(Class.CARDINAL, re.compile(r"(?P<times>\d{1,3})[x×](?![^\W_])")))
        if postal := self._table["address"]["postal_code"]:
            rules.append(
                Rule(Class.ADDRESS, re.compile(rf"(?P<number>{postal})(?= [^\W\d_a-z])"), self._is_postal_code)
            )
        # Digits with dashes between them are a code: "978-3-16-148410-0".
        rules.append(Rule(Class.TELEPHONE, re.compile(rf"(?P<number>\d{{1,12}}(?:-\d{{1,12}}){{2,6}}){END}")))
        rules.append(
            Rule(
                Class.CARDINAL,
                re.compile(rf"{_SIGN}{amount}(?: ?(?P<magnitude>{alternatives(self.magnitudes)})\b\.?)?{END}"),
            )
        )
        return rules

    @staticmethod
    def _is_score(fields: Fields, _context: Context, _end: int) -> bool:
        """Return whether two numbers with a hyphen are a score: a range does not fall."""
        first, second = fields["first"], fields["second"]
        return int(first) > int(second) and "0" not in {first[:1], second[: len(second) - 1]}

    def _is_range(self, fields: Fields, context: Context, end: int) -> bool:
        """Return whether a dash between numbers means "to": a smaller second number is subtracted, or is a code."""
        first, last = (re.sub(r"\D", "", fields[name]) for name in ("amount", "until"))
        padded = any(len(side) > 1 and side[0] == "0" for side in (first, last))
        shortened = len(first) == 4 and len(last) == 2 and fields["amount"].isdecimal()
        named = self._table["before_numbers"].get(context.previous.rstrip("."))
        is_code = bool(named) and named == self._table["words"]["number"]
        return not is_code and (((len(first), first) <= (len(last), last) and not padded) or shortened)

    @staticmethod
    def _is_postal_code(fields: Fields, context: Context, end: int) -> bool:
        return context.previous in {"", START} or context.previous[:1].isdecimal()

    def _is_version(self, fields: Fields, _context: Context, _end: int) -> bool:
        parts = fields["version"].split(".")
        grouped = "." in self.groups and len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])
        return not grouped

    def _is_ordinal(self, fields: Fields, context: Context, end: int) -> bool:
        if fields["mark"] in {"a", "o"} and self._letters_after and context.previous not in self._letters_after:
            return False
        if not self._marks_need_context:
            return True
        following = context.text[end:].lstrip().split(" ", 1)[0].strip("\"'().,;:!?")
        if len(fields["value"]) > 3 or not following or not following[0].isalpha():
            return context.previous in self._determiners and len(fields["value"]) <= 3
        if context.previous in self._determiners:
            return True
        if self._before_lower:
            return following.lower() not in self._starters and following[0].islower()
        return following.lower() not in self._starters and context.previous != "" and following[0].isupper()

    def _electronic(self) -> list[Rule]:
        return [Rule(Class.ELECTRONIC, re.compile(pattern, re.ASCII)) for pattern in _ELECTRONIC.values()]

    def _lettered(self) -> list[Rule]:
        dates = self._table["dates"]
        month = rf"(?P<month>(?i:{alternatives(self.months)}))\b\.?"
        of = rf"(?: (?:{alternatives(dates['of'].split())}))?"
        rules = [
            Rule(
                Class.SERIAL,
                re.compile(rf"(?P<code>[A-Z]{{2}}\d\d(?: ?[A-Z\d]{{4}}){{3,7}}(?: ?[A-Z\d]{{1,3}})?){END}"),
            ),
            Rule(Class.DATE, re.compile(rf"{month}(?:{of} |[/-])(?P<year>1\d{{3}}|20\d\d){END}")),
            # "EUR 5", "R$ 5"
            Rule(Class.MONEY, re.compile(rf"{self._money()[0]}{END}")),
        ]
        is_first = self.order == "mdy" or not self.marks
        year = rf"(?:,{of}|{of}) (?P<year>[12]\d{{3}})"
        rules.append(
            Rule(
                Class.DATE,
                re.compile(rf"{month} (?P<day>\d{{1,2}})(?:{year}){'?' if is_first else ''}{END}"),
                _in_range,
            )
        )
        return rules

    def classify(self, text: str, previous: str) -> Item | None:
        """Return the item at the beginning of ``text``, a window; ``None`` if no rule applies."""
        first = text[:1]
        numeric = first.isdecimal() or not first.isalpha()
        context = Context(previous, text)
        start = "1" if first.isdecimal() and first != "0" else first if first in _STARTS else ""
        joined = not text.partition(" ")[0].isdecimal()
        if numeric and (item := self._first(self._by_digit[start, joined], context)):
            return item
        return self._first(self._by_letter, context)

    def _first(self, rules: tuple[Rule, ...], context: Context) -> Item | None:
        for rule in rules:
            match = rule.pattern.match(context.text)
            if not match or not match.end():
                continue
            fields = {name: value for name, value in match.groupdict().items() if value is not None}
            if rule.accept is None or rule.accept(fields, context, match.end()):
                found = self._refined(rule.semiotic_class, fields)
                counted = fields.get("amount", "1") if found in _AGREEING or fields.get("mark") == "." else ""
                if counted and (gender := self._gender(counted, context.text[match.end() :], context.previous)):
                    fields["gender"] = gender
                if found == Class.ORDINAL and self._ordinal_nouns:
                    noun = _next_word(context.text[match.end() :])
                    marked = self._ordinal_nouns.get(f"{fields['mark']}_{noun}", "")
                    fields["marked_rule"], fields["rule"] = marked, self._ordinal_nouns.get(noun, "")
                return Item(found, match.end(), fields)
        return None

    def _gender(self, amount: str, rest: str, previous: str) -> str:
        """Return the gender of the noun that follows a number, by its ending; empty if no pattern fits."""
        if not self._agreement or rest[:1] != " " or previous.rstrip(".:") in self._uncounted:
            return ""
        if self._capital_nouns and not rest[1:2].isupper():
            return ""
        noun = _next_word(rest)
        return next(
            (
                gender
                for gender, values, nouns in self._agreement
                if values.fullmatch(amount) and noun.isalpha() and nouns.fullmatch(noun)
            ),
            "",
        )

    def _refined(self, found: Class, fields: Fields) -> Class:
        if found == Class.CARDINAL and self.has_decimals(fields.get("amount", "")):
            return Class.DECIMAL
        return found

    def has_decimals(self, amount: str) -> bool:
        """Return whether a written number has digits after a decimal separator."""
        return self.decimal in amount or ("." in amount and not re.fullmatch(r"\d{1,3}(?:\.\d{3})+", amount))


@lru_cache(maxsize=MAX_LANGUAGES)
def classifier(language: str) -> Classifier:
    """Return the classifier of a language tag; compiled once per process."""
    return Classifier(language_table(language), icu_locale(language))
