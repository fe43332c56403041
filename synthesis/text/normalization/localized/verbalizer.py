"""Says classified forms in a language, by its tables and ICU."""

import re
from collections.abc import Callable
from functools import cached_property, lru_cache

from synthesis.text.normalization.localized.classifier import ENGLISH_NUMBER, Classifier, Fields, classifier
from synthesis.text.normalization.localized.icu_locale import IcuLocale, icu_locale
from synthesis.text.normalization.semiotics import SILENT_SCHEMES, Class, Item
from synthesis.text.normalization.tables import MAX_LANGUAGES, Table, language_table

_ATOM = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]|_")
_WWW = re.compile(r"^www\.")
_MAX_ATOMS = 60
_POWERS = {"2": "square-", "3": "cubic-", "^2": "square-", "^3": "cubic-"}
_HUNDRED = 100
_PHRASES = frozenset(((24, 7), (50, 50)))
_CENTURY = 2000
"""Of years of two digits that begin with 0."""
_YEARS = range(1900, 2100)
_LONGEST_NUMBER = 18
"""Maximum digits of a number that is said as one."""
_CURRENCY_FIELDS = 6
_EVENING, _NOON = 8, 12
"""Hours of a 12-hour clock."""
_MILLION = 10**6
_SHORTEST_NAME = 3
_LONGEST_DECIMALS = 3
"""Digits that ICU says as tenths, hundredths or thousandths."""
_UNPRONOUNCED = re.compile(r"[bcdfghjklmnpqrstvwxzßçñ]{5}|(.)\1\1")
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœąęóıаеёиоуыэюяєії")


class Verbalizer:
    """Says items of one language. Its methods are pure: the same fields give the same words."""

    def __init__(self, table: Table, icu: IcuLocale, grammar: Classifier) -> None:
        """Use the tables, the locale and the classifier of one language."""
        self._table = table
        self._icu = icu
        self._grammar = grammar
        self._words: dict[str, str] = table["words"]
        dates = table["dates"]
        self._date_templates = {
            skeleton: str(dates[name]) or icu.date_template(skeleton)
            for skeleton, name in (("yMMMMd", "template"), ("MMMMd", "without_year"), ("yMMMM", "without_day"))
        }
        self._symbols: dict[str, str] = table["symbols"]
        self._by_class: dict[Class, Callable[[Fields, str], str]] = {
            Class.CARDINAL: self._cardinal,
            Class.DECIMAL: self._cardinal,
            Class.ORDINAL: self._ordinal,
            Class.DATE: self._date,
            Class.TIME: self._time,
            Class.MONEY: self._money,
            Class.MEASURE: self._measure,
            Class.TELEPHONE: self._telephone,
            Class.FRACTION: self._fraction,
            Class.RANGE: self._range,
            Class.SCORE: self._score,
            Class.VERSION: self._version,
            Class.ADDRESS: self._telephone,
            Class.ELECTRONIC: self._electronic,
            Class.SERIAL: self._spelled_code,
        }

    def verbalize(self, item: Item, previous: str) -> str:
        """Return the words of ``item``; ``previous`` is the word before it, in lower case. A comma is a short pause."""
        said = " ".join(self._by_class[item.semiotic_class](item.fields, previous).split())
        elided = self._words["elided"]
        if not elided or f"{elided} " not in said:
            return said
        return re.sub(rf"\b({elided[:-1]}){elided[-1]} (?=[aeiouyéèêâœhœ])", r"\1'", said)

    # Numbers

    def cardinal(self, digits: str, gender: str = "") -> str:
        """Return an integer as words, in the gender of the noun that it counts. Long or padded ones digit by digit."""
        if len(digits) > 1 and digits[0] == "0":
            return self.digits(digits)
        # ICU spells doubles, which are not exact above 2 ** 53.
        if len(digits) > _LONGEST_NUMBER or int(float(digits)) != int(digits):
            return self.digits(digits)
        rules = self._table["numbers"]["rules"]
        gender = gender or self._table["numbers"]["default_gender"]
        said = self._spelled(int(digits), rules.get(gender, "") or "numbering")
        # ICU counts thousands in the masculine: "trescientos mil visitas".
        written, other = self._table["numbers"]["feminine_thousands"]
        return said.replace(written, other) if written and gender == "feminine" else said

    def digits(self, text: str) -> str:
        """Return each digit of ``text`` as a word."""
        return " ".join(self._icu.spell(int(char), "numbering") for char in text if char.isdecimal())

    def number(self, text: str, gender: str = "") -> str:
        """Return a written number as words: groups, decimals, leading zeros."""
        whole, decimals = self._parts(text)
        grouped = any(sign in text for sign in (*self._grammar.groups, " "))
        is_round = whole.endswith("000")
        if not grouped and not decimals and not is_round and len(whole) > self._table["numbers"]["max_cardinal"]:
            return self.digits(whole)
        if not decimals:
            return self.cardinal(whole, gender)
        point = self._table["numbers"]["point"] or self._point
        if not point:
            if len(decimals) > _LONGEST_DECIMALS:
                return f"{self.cardinal(whole)} {self._symbols.get(self._grammar.decimal, '')} {self.digits(decimals)}"
            return self._icu.spell(self._value(text))
        said = self.cardinal(whole.lstrip("0") or "0", gender if whole.strip("0") not in {"", "1"} else "")
        return f"{said} {point} {self._decimals(decimals)}"

    def _decimals(self, decimals: str) -> str:
        if self._table["numbers"]["decimals"] == "digits" or len(decimals) > 3:
            return self.digits(decimals)
        zeros = len(decimals) - len(decimals.lstrip("0"))
        rest = decimals[zeros:]
        return f"{self.digits('0' * zeros)} {self.cardinal(rest) if rest else ''}"

    def _parts(self, text: str) -> tuple[str, str]:
        if text.isdecimal():
            return text, ""
        decimal = self._grammar.decimal
        text = text.replace(" ", "")
        if decimal == "," and re.fullmatch(ENGLISH_NUMBER, text):
            whole, _, decimals = text.replace(",", "").partition(".")
            return whole, decimals
        for sign in self._grammar.groups:
            if sign != decimal and re.fullmatch(rf"\d{{1,3}}(?:{re.escape(sign)}\d{{3}})+(?:\D\d*)?", text):
                text = text.replace(sign, "")
        whole, _, decimals = text.replace(decimal, ".").partition(".")
        return whole, decimals

    @cached_property
    def _point(self) -> str:
        """ICU's word for the decimal separator: what is between the numbers when it spells 1.5.

        Empty for languages that say tenths (Russian).
        """
        spelled, one, five = (self._icu.spell(value) for value in (1.5, 1, 5))
        joined = spelled.startswith(one) and spelled.endswith(five)
        return spelled.removeprefix(one).removesuffix(five).strip() if joined else ""

    def _signed(self, sign: str) -> str:
        numbers = self._table["numbers"]
        if sign == "-":
            return numbers["minus"] or self._icu.spell(-1).removesuffix(self._icu.spell(1)).strip()
        return numbers["plus"] if sign == "+" else self._symbols.get(sign, "")

    def _value(self, text: str) -> float:
        whole, decimals = self._parts(text)
        return float(f"{whole[:15] or 0}.{decimals[:6] or 0}")

    def _cardinal(self, fields: Fields, previous: str) -> str:
        if "times" in fields:
            return self._words["times"].format(number=self.cardinal(fields["times"]))
        amount = fields["amount"]
        sign = self._signed(fields.get("sign", ""))
        if "suffix" in fields:
            first, rest = fields["suffix"][:1], fields["suffix"][1:]
            signs = self._table["numbers"]["joined_signs"]
            end = f"{signs[first]}{rest}".lower() if first in signs else fields["suffix"]
            until = f" {self._words['to']} {self.number(fields['until'])}" if "until" in fields else ""
            return f"{sign} {self.number(amount)}{until}{end}"
        if "magnitude" in fields:
            return f"{sign} {self._large(amount, fields['magnitude'], fields.get('gender', ''))}"
        numbers = self._table["numbers"]
        years = range(numbers["year_from"], numbers["year_to"] + 1)
        if "gender" in fields:
            return f"{sign} {self.number(amount, fields['gender'])}"
        if not sign and len(amount) == 4 and amount.isdecimal() and int(amount) in years:
            return self.year(amount)
        return f"{sign} {self.number(amount)}"

    def _large(self, amount: str, magnitude: str, gender_of_noun: str = "") -> str:
        one, other, gender = self._grammar.magnitudes[magnitude]
        # Thousands have no gender of their own: "duas mil pessoas".
        gender = gender or gender_of_noun
        # A whole word stays as it is written: "1,5 milhão" and "1,5 milhões" both occur.
        is_word = magnitude.lower() in {one.lower(), *other.lower().split("|")}
        noun = magnitude if is_word else self._in_number(one, other, self._value(amount))
        return f"{self.number(amount, gender)} {noun}"

    def _of_large(self, magnitude: str, noun: str) -> str:
        """Return what millions count: "de euros"; thousands count without a preposition."""
        is_million = self._grammar.magnitudes[magnitude][0] not in self._table["magnitude_forms"]["plain"].split()
        return f"{self._words['of_millions'] if is_million else ''} {noun}"

    def _ordinal(self, fields: Fields, previous: str) -> str:
        ordinals = self._table["ordinals"]
        value = int(re.sub(r"\D", "", fields["value"]))
        if value == 2 and (word := ordinals["second"].get(fields["mark"])):
            return str(word)
        rule = fields.get("marked_rule") or ordinals["by_mark"].get(fields["mark"].strip(".").lower())
        rule = rule or self._rule_after(ordinals["after"], previous) or fields.get("rule", "")
        if "gender" in fields and rule in {"", ordinals["default"]}:
            rule = f"ordinal-{fields['gender']}"
        if value == 1 and ordinals["first"]:
            return str(ordinals["first"])
        return self.ordinal(value, rule or ordinals["default"])

    def default_ordinal(self, value: int) -> str:
        """Return ``value`` as an ordinal in the form of the language that needs no context."""
        return self.ordinal(value, str(self._table["ordinals"]["default"]))

    def ordinal(self, value: int, rule: str) -> str:
        """Return ``value`` as an ordinal: by the words of the table, in languages whose ordinals ICU does not know."""
        words = self._table["ordinal_words"]
        if not words:
            return self._spelled(value, rule)
        rest = value % _HUNDRED
        if not rest or value < _HUNDRED:
            return self._inflected(value, rule)
        return f"{self._spelled(value - rest)} {self._inflected(rest, rule)}"

    def _inflected(self, value: int, rule: str) -> str:
        """Return an ordinal below 100, or a round one, in the form of a rule: its ending is exchanged."""
        ordinals = self._table["ordinals"]
        words = self._table["ordinal_words"]
        tens = value - value % 10
        if str(value) not in words and value < _HUNDRED and str(tens) in words:
            first = self._inflected(tens, rule) if ordinals["tens_too"] else self._spelled(tens)
            return f"{first} {self._inflected(value % 10, rule)}"
        word = str(words.get(str(value), "")) or self._spelled(value)
        endings = self._table["ordinal_endings"].get(rule, {})
        ending = max((each for each in endings if word.endswith(each)), key=len, default="")
        return word.removesuffix(ending) + endings[ending] if ending else word

    def _spelled(self, value: int, rule: str = "numbering") -> str:
        """Return ICU's words for a number without the "one" before thousands, where a language omits it."""
        said = self._icu.spell(value, rule)
        omitted, after = self._table["numbers"]["omit_before"]
        return said.removeprefix(f"{omitted} ") if omitted and said.startswith(f"{omitted} {after}") else said

    @staticmethod
    def _rule_after(rules: dict[str, str], previous: str) -> str:
        return next((rule for rule, words in rules.items() if previous in words.split()), "")

    # Dates and times

    def year(self, text: str) -> str:
        """Return a year as words."""
        if len(text) == 2:
            if text[0] == "0":
                return self._year(_CENTURY + int(text), self._table["dates"]["year_rule"])
            return self.cardinal(text)
        return self._year(int(text), self._table["dates"]["year_rule"])

    def _year(self, value: int, rule: str) -> str:
        is_ordinal = rule.startswith("ordinal") or rule in self._table["ordinal_endings"]
        return self.ordinal(value, rule) if is_ordinal else self._spelled(value, rule)

    def _day(self, text: str, previous: str) -> str:
        dates = self._table["dates"]
        if int(text) == 1 and dates["first"]:
            return str(dates["first"])
        if dates["day"] == "ordinal" or (not dates["day"] and self._icu.has_ordinal_days):
            rule = self._rule_after(dates["day_after"], previous) or dates["day_rule"]
            return self.ordinal(int(text), rule or self._table["ordinals"]["default"])
        return self._icu.spell(int(text), dates["day_rule"] or "numbering")

    def _month(self, text: str, *, has_day: bool) -> str:
        """Return the name of a month: as it is written if that is a full name, which may be in another case."""
        number = int(text) if text.isdecimal() else self._grammar.months[text.lower()]
        names = self._icu.month_names if has_day else self._icu.standalone_months
        written = {name[number - 1].lower() for name in (self._icu.month_names, self._icu.standalone_months)}
        return text if text.lower() in written else names[number - 1]

    def _date(self, fields: Fields, previous: str) -> str:
        dates = self._table["dates"]
        if "decade" in fields:
            decade = fields["decade"]
            said = self.year(decade) if decade.isdecimal() else self.number(decade)
            return said + fields["suffix"] + fields.get("noun", "").replace("-", " ")
        if "year_word" in fields:
            rule, noun = self._year_word(fields["year_word"], previous)
            return f"{self._year(int(fields['year']), rule)} {noun}"
        month, year = (
            self._month(fields["month"], has_day="day" in fields),
            self.year(fields["year"]) if "year" in fields else "",
        )
        if "day" not in fields:
            return self._date_templates["yMMMM"].format(month=month, year=year)
        day = self._day(fields["day"], previous)
        if "day2" in fields:
            between = fields.get("and") or dates["to"] or self._words["to"]
            before = between if between == dates["to"] else previous
            day = f"{day} {between} {self._day(fields['day2'], before)}"
        said = self._date_templates["yMMMMd" if year else "MMMMd"].format(day=day, month=month, year=year)
        return f"{said}, {self._time(fields, previous)}" if "hour" in fields else said

    def _year_word(self, written: str, previous: str) -> tuple[str, str]:
        """Return the rule set of a year and its noun, by the noun as written and the word before."""
        words = self._table["dates"]["year_words"]
        rule, noun = words.get(f"{previous} {written}") or words[written]
        return rule, noun

    def _time(self, fields: Fields, previous: str) -> str:
        times = self._table["times"]
        if "hour2" in fields:
            last = {"hour": fields["hour2"], **({"minute": fields["minute2"]} if "minute2" in fields else {})}
            bare = "minute" not in fields and "minute2" not in fields
            first = self._hour(int(fields["hour"]), previous) if bare else ""
            first = first or self._time({name: fields[name] for name in ("hour", "minute") if name in fields}, previous)
            return f"{first} {self._words['to']} {self._time(last, previous)}"
        hour, minute, second = (int(fields.get(name, 0)) for name in ("hour", "minute", "second"))
        half = self._half(fields["half"], hour) if "half" in fields else ""
        parts = {
            "hour": self._hour(hour, previous),
            "minute": self._icu.spell(minute, times["minute_rule"]),
            "second": self._icu.spell(second, times["minute_rule"]),
            "hours": self._hours(hour, previous),
            "minutes": self._noun("minute", minute)[0],
            "seconds": self._noun("second", second)[0],
        }
        if second or ("second" in fields and fields["second"] != "00"):
            template = times["seconds"]
        elif minute:
            template = times["template"]
        else:
            template = times["one_hour"] if hour == 1 and times["one_hour"] else times["full"]
        article = "" if previous in times["article_after"].split() else times["article"][hour != 1]
        return f"{article} {str(template).format(**parts)}{fields.get('suffix', '')} {half}"

    def _hours(self, hour: int, previous: str) -> str:
        """Return the word for hours: none after an ordinal; in the genitive, that of many, or of a few for one."""
        rule = self._rule_after(self._table["times"]["hour_after"], previous)
        if rule.startswith("ordinal"):
            return ""
        if rule.endswith("genitive"):
            hour = 2 if hour % 10 == 1 and hour != 11 else 5
        return self._noun("hour", hour)[0]

    def _hour(self, hour: int, previous: str) -> str:
        times = self._table["times"]
        rule = self._rule_after(times["hour_after"], previous) or str(times["hour_rule"])
        return self.ordinal(hour, rule) if rule.startswith("ordinal") else self._icu.spell(hour, rule)

    def _half(self, written: str, hour: int) -> str:
        """Return the words for the half of the day that is written as "a.m." or "p.m."."""
        times = self._table["times"]
        afternoon = written[0] in "pP"
        if afternoon and _EVENING <= hour < _NOON and times["night"]:
            return str(times["night"])
        return str(times["pm" if afternoon else "am"] or self._icu.am_pm[afternoon])

    # Quantities

    def _noun(self, unit: str, value: float) -> tuple[str, str]:
        """Return the noun of a unit or currency for ``value``, and its gender."""
        if not unit:
            return "", ""
        if self._table["numbers"]["decimals_plural"] and value != int(value):
            value = 2
        tables = (self._table["unit_nouns"], self._table["money"]["currencies"], self._grammar.subunits)
        own = next((table[unit] for table in tables if unit in table), None)
        noun, gender = self._icu.noun(unit, value)
        if (
            not own
            and unit.endswith("-hour")
            and ("⋅" in noun or "–" in noun or noun.startswith(self._icu.noun("hour", 1)[0]))
        ):
            # CLDR composes names that it does not have, "hora-miliamperios": better "miliamperios hora".
            noun, gender = self._icu.noun(unit.removesuffix("-hour"), value)
            noun = f"{noun} {self._icu.noun('hour', 1)[0]}"
        noun = self._without_signs(noun)
        if not own:
            return noun or unit, gender
        one, other, own_gender = own[:3]
        return self._in_number(one, other, value) or noun, own_gender or gender

    def _without_signs(self, noun: str) -> str:
        return noun.replace("⋅", " ").replace("–", " ").replace("/", f" {self._words['per']} ")

    def _in_number(self, one: str, other: str, value: float) -> str:
        """Return the form of a noun for ``value``; ``other`` may have CLDR's forms as ``few|many|other``."""
        if "|" not in other:
            return one if value == 1 else other
        if value != int(value):
            return other.rpartition("|")[2]
        few, many, fraction = other.split("|")
        return {"one": one, "few": few, "many": many}.get(self._icu.plural(value), fraction)

    def _counted(self, amount: str, unit: str) -> str:
        value = self._value(amount)
        noun, gender = self._noun(unit, value)
        of = self._words["of_millions"] if value >= _MILLION and value % _MILLION == 0 else ""
        return f"{self.number(amount, gender)} {of} {noun}"

    def _money(self, fields: Fields, previous: str) -> str:
        each = fields.get("each", "")
        if not each:
            return self._sum(fields)
        noun = self._noun(self._unit(each), 1)[0] if each in self._grammar.units else each
        return f"{self._sum(fields)} {self._words['per'] or self._symbols.get('/', '')} {noun}"

    def _sum(self, fields: Fields) -> str:
        money = self._table["money"]
        written, amount = fields["currency"], fields["amount"]
        if "cents" in fields:
            amount += self._grammar.decimal + fields["cents"]
        code = self._grammar.signs.get(written, written)
        sign = self._signed(fields.get("sign", "") or fields.get("inner", ""))
        if "until" in fields:
            noun, _ = self._noun(code, self._value(fields["until"]))
            magnitude = self._grammar.magnitudes.get(fields.get("magnitude", ""), ["", "", ""])[1]
            return f"{sign} {self.number(amount)} {self._words['to']} {self.number(fields['until'])} {magnitude} {noun}"
        if "magnitude" in fields:
            noun = self._of_large(fields["magnitude"], self._noun(code, 1e6)[0])
            magnitude = self._large(amount, fields["magnitude"])
            number, _, word = magnitude.rpartition(" ")
            return f"{sign} {str(money['magnitude']).format(number=number, magnitude=word, unit=noun)}"
        whole, decimals = self._parts(amount)
        if not decimals.strip("0"):
            return f"{sign} {self._counted(whole if decimals else amount, code)}"
        minor = self._minor(code, decimals)
        if minor is None:
            return f"{sign} {self._counted(amount, code)}"
        noun, gender = self._noun(code, float(whole[:15]))
        template = money["minor"] if not whole.strip("0") else money["template"]
        major = self.cardinal(whole, gender)
        return f"{sign} {str(template).format(major=major, unit=noun, minor=minor[0], subunit=minor[1])}"

    def _minor(self, code: str, decimals: str) -> tuple[str, str] | None:
        """Return the subunits of an amount and their noun, or ``None`` if the amount has none or other decimals."""
        own = self._table["money"]["currencies"].get(code, [])
        if len(decimals) != 2 or len(own) < _CURRENCY_FIELDS or not own[3]:
            return None
        value = int(decimals)
        return self.cardinal(str(value), own[5]), self._in_number(own[3], own[4], value)

    def _unit(self, written: str, power: str = "") -> str:
        unit = self._grammar.units.get(written, written)
        return _POWERS.get(power, "") + unit

    def _measure(self, fields: Fields, previous: str) -> str:
        sign = self._signed(fields.get("sign", ""))
        unit = self._unit(fields.get("unit", ""), fields.get("power", ""))
        if "rest" in fields:
            return self._duration(fields["amount"], fields["rest"], fields.get("rest2", ""), unit)
        if "numerator" in fields:
            return f"{sign} {self._part_of_unit(fields, unit)}"
        if "by" in fields:
            factor = "" if unit else self._table["math"].get("×", "")
            by = f" {factor or self._words['by']} "
            sides = [fields[name] for name in ("amount", "by", "by2") if name in fields]
            if "unit2" in fields:
                names = [fields[name] for name in ("unit", "unit2", "unit3") if name in fields]
                each = zip(sides, map(self._unit, names), strict=True)
                joint = ", " if "slash" in fields else f" {self._words['by']} "
                return f"{sign} {joint.join(self._counted(side, name) for side, name in each)}"
            noun = self._noun(unit, self._value(sides[-1]))[0] if unit else ""
            return f"{sign} {by.join(map(self.number, sides))} {noun}"
        amount = fields["amount"]
        counted = fields.get("until", amount)
        if unit == "percent" and (percent := self._words["percent"]):
            sides = [self.number(fields[name]) for name in ("amount", "until") if name in fields]
            to = f" {self._words['to']} "
            return f"{sign} {percent} {to.join(sides)}{fields.get('suffix', '')}"
        said = self._per(unit, fields, counted)
        if "magnitude" in fields:
            return f"{sign} {self._large(counted, fields['magnitude'])} {self._of_large(fields['magnitude'], said[0])}"
        number = self.number(counted, said[1])
        if (value := self._value(counted)) >= _MILLION and value % _MILLION == 0:
            number = f"{number} {self._words['of_millions']}"
        if "until" in fields:
            number = f"{self.number(amount, said[1])} {self._words['to']} {number}"
        return f"{sign} {number} {said[0]}"

    def _duration(self, whole: str, rest: str, seconds: str, unit: str) -> str:
        """Return the words of "1:45 Std." and "1:45:30 Std."."""
        below = "minute" if unit == "hour" else "second"
        parts = ((whole, unit), (rest, below), (seconds, "second"))
        counted = [self._counted(str(int(value)), name) for value, name in parts if value and int(value)]
        return " ".join(counted or [self._counted("0", unit)])

    def _part_of_unit(self, fields: Fields, unit: str) -> str:
        """Return a fraction of a unit: "media hora", "tres cuartos de hora", "dos horas y media"."""
        forms = self._table["fraction_forms"]
        is_mixed = "whole" in fields and forms["mixed_unit_value"]
        noun, gender = self._noun(unit, forms["mixed_unit_value"] if is_mixed else forms["unit_value"])
        numerator, denominator = int(fields["numerator"]), int(fields["denominator"])
        half = forms["half_of"].get(gender) if (numerator, denominator) == (1, 2) else ""
        if "whole" not in fields and half:
            return f"{half} {noun}"
        if "whole" not in fields or not forms["mixed_noun"]:
            template = forms["of_noun"] if forms["of_noun"] and "whole" not in fields else "{fraction} {noun}"
            return str(template).format(fraction=self._fraction({**fields, "sign": ""}, ""), noun=noun)
        whole = fields["whole"].strip()
        if forms["one_and_half"] and self._is_one_and_half(fields):
            return f"{forms['one_and_half']} {noun}"
        return str(forms["mixed_noun"]).format(
            whole=self.number(whole, gender),
            noun=self._noun(unit, self._value(whole))[0],
            fraction=(half and forms["mixed_half_of"].get(gender)) or half or self._part(numerator, denominator),
        )

    @staticmethod
    def _is_one_and_half(fields: Fields) -> bool:
        return (fields["whole"].strip(), fields["numerator"], fields["denominator"]) == ("1", "1", "2")

    def _per(self, unit: str, fields: Fields, amount: str) -> tuple[str, str]:
        """Return the noun and the gender of a unit, with what it is divided by."""
        value = self._value(amount)
        if "per" not in fields:
            return self._noun(unit, value)
        under = self._unit(fields["per"], fields.get("power2", ""))
        if factor := fields.get("factor", "").strip():
            noun, gender = self._noun(unit, value)
            per = self._words["per_number"] or self._words["per"]
            return f"{noun} {per} {self._counted(factor, under)}", gender
        compound = self._icu.noun(f"{unit}-per-{under}", value)
        if compound[0] and unit not in self._table["unit_nouns"]:
            return self._without_signs(compound[0]), compound[1]
        noun, gender = self._noun(unit, value)
        return f"{noun} {self._words['per']} {self._noun(under, 1)[0]}", gender

    def _fraction(self, fields: Fields, previous: str) -> str:
        forms = self._table["fraction_forms"]
        numerator, denominator = (int(re.sub(r"\D", "", fields[name])) for name in ("numerator", "denominator"))
        gender = fields.get("gender", "")
        half = forms["half_of"].get(gender) if gender and (numerator, denominator) == (1, 2) else ""
        part = half or self._part(numerator, denominator)
        said = f"{self._signed(fields.get('sign', ''))} {part}"
        if (whole := fields.get("whole")) and forms["one_and_half"] and self._is_one_and_half(fields):
            return str(forms["one_and_half"])
        if whole:
            is_half = (numerator, denominator) == (1, 2) and forms["mixed_half"] and not half
            template = str(forms["mixed_half"] if is_half else forms["mixed"])
            said = template.format(
                whole=self.number(whole.strip(), gender if half else ""),
                counted=self.number(whole.strip(), forms["gender"]),
                fraction=part,
            )
        return said

    def _part(self, numerator: int, denominator: int) -> str:
        forms, names = self._table["fraction_forms"], self._table["fractions"]
        if (numerator, denominator) in _PHRASES:
            return f"{self.cardinal(str(numerator))} {self.cardinal(str(denominator))}"
        if numerator > _HUNDRED * 10 or denominator in _YEARS:
            # A law or a document: "8.112/90", "18/2020".
            slash = self._table["electronic"].get("/", "")
            return f"{self.cardinal(str(numerator))} {slash} {self.cardinal(str(denominator))}"
        if (numerator, denominator) == (1, 2) and forms["half"]:
            return str(forms["half"])
        top = self.cardinal(str(numerator), forms["gender"])
        if named := names.get(str(denominator)):
            noun = self._in_number(named[0], named[1], numerator)
            return str(forms["named"]).format(numerator=top, denominator=noun)
        if not forms["denominator_rule"] or denominator < 2 or denominator > 1000 or numerator > denominator * 10:
            bottom = self.cardinal(str(denominator))
            return str(forms["over"]).format(numerator=self.cardinal(str(numerator)), denominator=bottom)
        suffix = forms["denominator_suffix"][(denominator - 1) % _HUNDRED >= 19]
        rule = forms["denominator_rule"]
        rule_few = forms["denominator_rule_few"]
        if rule_few and self._icu.plural(numerator) == "few":
            rule = rule_few
        elif numerator != 1:
            suffix, rule = suffix + forms["denominator_plural"], forms["denominator_rule_plural"] or rule
        bottom = self.ordinal(denominator, rule) if self._table["ordinal_words"] else self._icu.spell(denominator, rule)
        bottom += suffix
        return str(forms["named"]).format(numerator=top, denominator=bottom)

    def _range(self, fields: Fields, previous: str) -> str:
        unit = f" {self._noun('percent', 2)[0]}" if "unit" in fields else ""
        first, last = fields["amount"], fields["until"]
        sides = [self._cardinal({"amount": side}, previous) for side in (first, last)]
        return f"{self._signed(fields.get('sign', ''))} {sides[0]} {self._words['to']} {sides[1]}{unit}"

    def _score(self, fields: Fields, previous: str) -> str:
        return f"{self.number(fields['first'])} {self._words['ratio']} {self.number(fields['second'])}"

    # Codes

    def _telephone(self, fields: Fields, previous: str) -> str:
        text = fields["number"]
        plus = self._table["telephone"]["plus"] if text.startswith("+") else ""
        return f"{plus} " + ", ".join(map(self._group, re.findall(r"\d+", text)))

    def _group(self, digits: str) -> str:
        """Return a group of a telephone number: digit by digit, or in pairs where the language has it so."""
        if not self._table["telephone"]["pairs"] or len(digits) not in {2, 4}:
            return self.digits(digits)
        return " ".join(self.cardinal(digits[place : place + 2]) for place in range(0, len(digits), 2))

    def _version(self, fields: Fields, previous: str) -> str:
        point = self._table["electronic"]["."]
        return f" {point} ".join(self.cardinal(part) for part in fields["version"].split("."))

    def _spelled_code(self, fields: Fields, previous: str) -> str:
        """Return each letter and digit of a code, with a short pause between its groups: an IBAN."""
        groups = fields["code"].split()
        return ", ".join(" ".join(self.digits(char) or char for char in group) for group in groups)

    def _electronic(self, fields: Fields, previous: str) -> str:
        host, rest = fields["host"], fields.get("rest", "").rstrip("/")
        user = f"{self.spell_code(fields['user'])} {self._table['electronic']['@']} " if "user" in fields else ""
        electronic = self._table["electronic"]
        www = f"{electronic['www']} {electronic['.']} " if host.startswith("www.") else ""
        scheme = fields.get("scheme", "").lower()
        named = "" if scheme in SILENT_SCHEMES else f"{self.spell_code(scheme)} "
        return f"{named}{user}{www}{self.spell_code(_WWW.sub('', host))} {self.spell_code(rest)}"

    def spell_code(self, text: str) -> str:
        """Return the words of a code: letters as they are, digits as a number or one by one, and its signs."""
        said = []
        electronic = self._table["electronic"]
        for atom in _ATOM.findall(text)[:_MAX_ATOMS]:
            if atom.isdecimal():
                said.append(self.cardinal(atom) if len(atom) <= 3 else self.digits(atom))
            elif atom[0].isalpha():
                said.append(" ".join(atom) if electronic["spell"] and not self._is_pronounced(atom) else atom)
            else:
                said.append(electronic.get(atom, self._symbols.get(atom, "")))
        return " ".join(filter(None, said))

    def _is_pronounced(self, atom: str) -> bool:
        """Return whether part of an address is said as a word: a known name, or letters like those of a word."""
        letters = atom.lower()
        if letters in self._grammar.known_names or "'" in letters:
            return True
        vowels = sum(char in _VOWELS for char in letters)
        if len(letters) <= _SHORTEST_NAME:
            # "ana" and "jan", but not "abc"
            shape = "".join("v" if char in _VOWELS else "c" for char in letters)
            return shape in {"cvc", "vcv", "cvv", "vvc"}
        return vowels * 4 >= len(letters) and not _UNPRONOUNCED.search(letters)

    def serial(self, text: str) -> str:
        """Return the words of a serial such as ``B-52``: hyphens are not said."""
        return " ".join(_spaced(word) for word in self.spell_code(text.replace("-", " ").replace("–", " ")).split())

    def symbol(self, text: str, *, between_numbers: bool = False) -> str:
        """Return the word for a sign; empty if it has none."""
        operator: str = self._table["math"].get(text, "") if between_numbers else ""
        if text in {"^2", "^3"}:
            return self._symbols.get(text) or f"{self._symbols.get('^', '')} {self.cardinal(text[1])}".strip()
        return operator or self._symbols.get(text, "")


def _spaced(word: str) -> str:
    """Return two or three capitals apart, so that espeak-ng spells them."""
    return " ".join(word) if len(word) in (2, 3) and word.isupper() else word


@lru_cache(maxsize=MAX_LANGUAGES)
def verbalizer(language: str) -> Verbalizer:
    """Return the verbalizer of a language tag; made once per process."""
    return Verbalizer(language_table(language), icu_locale(language), classifier(language))
