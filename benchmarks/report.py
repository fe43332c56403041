"""Results of a benchmark, and their table as text."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from benchmarks.summary import median, p95

Statistic = Literal["value", "p95"]
HEAD = ("", "value", "p95", "n", "target", "")


class NotMeasuredError(Exception):
    """Raised with the reason if this machine lacks a requirement or the server fails."""


@dataclass(frozen=True, slots=True)
class Target:
    """Upper bound of the value (the median of several readings) or the p95; exclusive with ``below``.

    With ``least``, a lower bound instead.
    """

    limit: float
    on: Statistic = "value"
    below: bool = False
    least: bool = False

    def met(self, reading: float) -> bool:
        """Return whether ``reading`` meets the target; NaN never does."""
        if self.least:
            return reading >= self.limit
        return reading < self.limit if self.below else reading <= self.limit


@dataclass(frozen=True, slots=True)
class Row:
    """One measured quantity, with all its readings."""

    what: str
    unit: str
    readings: tuple[float, ...]
    target: Target | None = None

    @property
    def value(self) -> float:
        """Return the median of the readings."""
        return median(self.readings)

    @property
    def p95(self) -> float:
        """Return the 95th percentile of the readings."""
        return p95(self.readings)

    @property
    def verdict(self) -> str:
        """Return ``met`` or ``missed``; empty without a target."""
        if self.target is None:
            return ""
        return "met" if self.target.met(getattr(self, self.target.on)) else "missed"

    def record(self) -> dict[str, Any]:
        """Return the row for JSON, with its readings in the order in which they were taken."""
        target = self.target and asdict(self.target)
        figures = {"value": self.value, "p95": self.p95, "readings": self.readings}
        return {"what": self.what, "unit": self.unit, **figures, "target": target, "verdict": self.verdict}


Measured = tuple[Sequence[Row], Sequence[str]]
"""Rows, and notes as text."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark. ``measure(repetitions)`` raises ``NotMeasuredError``; ``repetitions`` is its default."""

    about: str
    repetitions: int
    measure: Callable[[int], Measured]
    check: Callable[[], Measured] | None = None
    """A form of a few seconds that only tests the program; without one, a single repetition."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a benchmark, or the reason why it could not run."""

    name: str
    rows: Sequence[Row] = ()
    notes: Sequence[str] = ()
    failure: str = ""

    def record(self) -> dict[str, Any]:
        """Return the outcome for JSON."""
        rows = [row.record() for row in self.rows]
        return {"benchmark": self.name, "failure": self.failure, "notes": list(self.notes), "rows": rows}


def table(result: Result) -> str:
    """Return the result as lines of text, with aligned columns."""
    rows = [HEAD, *map(_cells, result.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  " + "  ".join(_aligned(row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, *(f"  {note}" for note in result.notes)])


def markdown(result: Result) -> str:
    """Return the result as a table in Markdown, with its notes."""
    return "\n\n".join([markdown_table(HEAD, [_cells(row) for row in result.rows]), " ".join(result.notes)])


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    several = len(row.readings) > 1
    high = _number(row.p95) if several else "-"
    return (row.what, f"{_number(row.value)} {row.unit}", high, str(len(row.readings)), _wanted(row), row.verdict)


def _wanted(row: Row) -> str:
    if row.target is None:
        return "-"
    sign = ">=" if row.target.least else "<" if row.target.below else "<="
    return f"{'p95 ' if row.target.on == 'p95' else ''}{sign} {_number(row.target.limit)} {row.unit}"


def _aligned(row: tuple[str, ...], widths: list[int]) -> list[str]:
    what, value, high, count, *rest = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    target, verdict = (cell.strip() for cell in rest)
    return [what.strip().ljust(widths[0]), value, high, count, target.ljust(widths[4]), verdict]


def _number(value: float) -> str:
    """Format with about three significant digits, the accuracy of the measurements."""
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:.0f}"
    if abs(value) < 0.001:
        return f"{value:.0e}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
