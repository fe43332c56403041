"""Chooses the pronunciation of English words that are spelled alike, by the words around them.

``heteronyms.toml`` has the words and the rules. The phonemes of each form are those that espeak-ng gives the last word
of a phrase, so they are of the voice's accent.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from synthesis.phonemes.espeak import text_to_ipa

EDGE_BEFORE, EDGE_AFTER, PLURAL = "^", "$", "+s"
_STRESS = str.maketrans("", "", "ˈˌ")
_ADVERBS = frozenset(
    ("also", "already", "never", "always", "often", "just", "really", "still", "ever", "only", "even", "now")
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """The form that applies if all conditions hold; an empty condition always does."""

    say: str
    before: frozenset[str]
    after: frozenset[str]
    earlier: frozenset[str]
    near: frozenset[str]
    not_before: frozenset[str]
    not_after: frozenset[str]


@dataclass(frozen=True, slots=True)
class Heteronym:
    """A word with several pronunciations."""

    forms: Mapping[str, str]
    """A phrase by form; its last word sounds like the form."""
    rules: tuple[_Rule, ...]


@cache
def heteronyms() -> Mapping[str, Heteronym]:
    """Return the words of ``heteronyms.toml``."""
    table = tomllib.loads(resources.files(__package__).joinpath("heteronyms.toml").read_text("utf-8"))
    classes: dict[str, list[str]] = table["classes"]

    def words(rule: Mapping[str, Any], name: str) -> frozenset[str]:
        listed = rule.get(name, ())
        return frozenset(w for each in listed for w in (classes[each[1:]] if each.startswith("@") else [each]))

    def rules(given: str | list[dict[str, Any]]) -> tuple[_Rule, ...]:
        listed = table["rules"][given] if isinstance(given, str) else given
        names = ("before", "after", "earlier", "near", "not_before", "not_after")
        return tuple(_Rule(rule["say"], *(words(rule, name) for name in names)) for rule in listed)

    return {
        word: Heteronym({form: said for form, said in entry.items() if form != "rules"}, rules(entry["rules"]))
        for word, entry in table["words"].items()
    }


def choose_forms(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the position and the form of each heteronym in a clause that a rule decides."""
    known = heteronyms()
    lowered = [word.lower() for word in words]
    present = frozenset(lowered) if not known.keys().isdisjoint(lowered) else frozenset()
    for place, word in enumerate(lowered):
        if (entry := known.get(word)) is not None:
            earlier, before = _before(lowered, place)
            after = lowered[place + 1] if place + 1 < len(lowered) else EDGE_AFTER
            for rule in entry.rules:
                if _holds(rule, earlier, before, after, present):
                    yield place, rule.say
                    break


def _before(words: Sequence[str], place: int) -> tuple[str, str]:
    """Return the two words before a position, without an adverb."""
    first = place - 1
    if first > 0 and (words[first] in _ADVERBS or words[first].endswith("ly")):
        first -= 1
    before = words[first] if first >= 0 else EDGE_BEFORE
    return (words[first - 1] if first >= 1 else EDGE_BEFORE), before


def _holds(rule: _Rule, earlier: str, before: str, after: str, present: frozenset[str]) -> bool:
    return (
        _matches(rule.before, before)
        and _matches(rule.after, after)
        and _matches(rule.earlier, earlier)
        and (not rule.near or not rule.near.isdisjoint(present))
        and not (rule.not_before and _matches(rule.not_before, before))
        and after not in rule.not_after
    )


def _matches(condition: frozenset[str], word: str) -> bool:
    if not condition or word in condition:
        return True
    return PLURAL in condition and len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))


def closest_form(word: str, phonemes: str, voice: str) -> str:
    """Return the form of a heteronym that ``phonemes`` resemble most; stress counts only if all else is equal."""

    def difference(form: str) -> tuple[int, int]:
        own = phonemes_of(word, form, voice)
        return _difference(own.translate(_STRESS), phonemes.translate(_STRESS)), _difference(own, phonemes)

    return min(heteronyms()[word].forms, key=difference)


def _difference(first: str, second: str) -> int:
    """Return the number of differing symbols, compared in order."""
    return sum(a != b for a, b in zip(first, second, strict=False)) + abs(len(first) - len(second))


@lru_cache(maxsize=1024)
def phonemes_of(word: str, form: str, voice: str) -> str:
    """Return the IPA of a form of a heteronym by an espeak-ng voice."""
    return text_to_ipa(heteronyms()[word].forms[form], voice).split()[-1]
