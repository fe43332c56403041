"""Compares spoken forms with the expected ones: by their words, or else by the phonemes of espeak-ng."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from benchmarks.reading.case_files import Case
from synthesis.phonemes.espeak import find_voice, text_to_ipa
from synthesis.pipeline.explanation import explain

_NOT_WORDS = re.compile(r"[^\w'|]+")
_PROSODY = str.maketrans("", "", "ˈˌː ")


def comparable(spoken: str) -> str:
    """Return the words alone: without punctuation, hyphens and the "and" of English numbers."""
    plain = _NOT_WORDS.sub(" ", unicodedata.normalize("NFC", spoken))
    return " ".join(re.sub(r"\b(hundred|thousand|million|billion) and\b", r"\1", plain).split())


def said(written: str, language: str) -> str:
    """Return the spoken form of ``written``, with `` | `` between sentences."""
    words = explain(written, language).words
    marked = [f"{word.spoken} |" if word.segment_end else word.spoken for word in words]
    return " ".join(marked).removesuffix("|").strip()


@cache
def _phonemes(spoken: str, language: str) -> str:
    voice = find_voice(language.lower())
    sounds = "|".join(text_to_ipa(part, voice) for part in spoken.split("|")).translate(_PROSODY)
    return re.sub(r"(.)\1+", r"\1", sounds)


def is_right(case: Case) -> bool:
    """Return whether one of the alternatives is said: the same words, or words that sound the same by espeak-ng.

    Sentence ends are compared where the case has any.
    """
    heard = comparable(said(case.written, case.language))
    for expected in map(comparable, case.spoken):
        ends = "|" in expected or case.suite.endswith("real-life")
        actual = heard if ends else " ".join(heard.replace("|", " ").split())
        if actual.lower() == expected.lower() or _phonemes(actual, case.language) == _phonemes(expected, case.language):
            return True
    return False


def shares(cases: Iterable[Case]) -> dict[str, dict[str, float]]:
    """Return the share of cases that are read correctly, in percent, by suite and class; ``all`` for a whole suite."""
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        result = is_right(case)
        right[case.suite][case.semiotic_class].append(result)
        right[case.suite]["all"].append(result)
    return {
        suite: {name: round(100 * sum(results) / len(results), 1) for name, results in sorted(classes.items())}
        for suite, classes in sorted(right.items())
    }
