"""The accessibility page has every criterion of WCAG 2.2 at levels A and AA, and names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d\.\d\.\d+) [^|]+ \| (AA?) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "accessibility.md").read_text("utf-8"))
REFERENCE = re.compile(r"`(tests/[^`:]+)(?:::(\w+))?`")
DATE = re.compile(r"20\d\d-\d\d-\d\d")
RESULTS = {"met", "partly", "not met", "not checked", "no such content"}
# https://www.w3.org/TR/WCAG22/, without 4.1.1, which version 2.2 removed.
WCAG = {
    "A": (
        "1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 "
        "2.4.4 2.5.1 2.5.2 2.5.3 2.5.4 3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.2"
    ),
    "AA": (
        "1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7 2.4.11 2.5.7 2.5.8 "
        "3.1.2 3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3"
    ),
}
LEVELS = {number: level for level, numbers in WCAG.items() for number in numbers.split()}


def test_every_criterion_has_one_row() -> None:
    assert len(LEVELS) == 55
    assert [row[0] for row in ROWS] == sorted(LEVELS, key=lambda number: [int(part) for part in number.split(".")])
    assert {row[0]: row[1] for row in ROWS} == LEVELS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_names_a_test_or_the_date_of_a_check(row: tuple[str, ...]) -> None:
    number, _, result, explanation, evidence = row
    assert result in RESULTS
    assert len(explanation) > 10
    references = REFERENCE.findall(evidence)
    assert references or DATE.fullmatch(evidence.strip()), number
    for path, name in references:
        assert (ROOT / path).is_file(), path
        assert not name or re.search(rf"def {name}\(", (ROOT / path).read_text("utf-8")), f"{path}::{name}"
