"""Tests that the share of correctly read cases does not fall in any language or class."""

import json

import pytest

from benchmarks.reading.__main__ import SHARES
from benchmarks.reading.case_files import read_cases
from benchmarks.reading.score import comparable, is_right, shares
from synthesis.text.normalization.semiotics import Class

TABLE: dict[str, dict[str, float]] = json.loads(SHARES.read_text(encoding="utf-8"))
CASES = read_cases()
SUITES = sorted({case.suite for case in CASES})


def test_every_suite_is_in_the_table() -> None:
    assert sorted(TABLE) == SUITES


@pytest.mark.parametrize("suite", SUITES)
def test_no_share_falls(suite: str) -> None:
    """Run ``python -m benchmarks.reading --write`` after an improvement."""
    cases = [case for case in CASES if case.suite == suite]
    now = shares(cases)[suite]
    fallen = {name: (share, TABLE[suite].get(name)) for name, share in now.items() if share < TABLE[suite].get(name, 0)}
    wrong = [case.written for case in cases if case.semiotic_class in fallen and not is_right(case)]
    assert fallen == {}, wrong


def test_cases_have_classes_that_exist() -> None:
    named = {case.semiotic_class for case in CASES if not case.suite.endswith("real-life")}
    assert named - {*Class, "punctuation"} == set()


def test_words_are_compared_without_punctuation() -> None:
    assert comparable("Two hundred and one, twenty-one | It's!") == "Two hundred one twenty one | It's"
