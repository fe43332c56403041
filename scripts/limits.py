"""Writes the tables of docs/limits.md from ``core.limits.registry``.

``python -m scripts.limits`` replaces the text between the markers; ``tests/scripts/test_limits.py`` compares.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from core.limits.registry import LIMITS, MIB, ChangedBy, Limit

PAGE = Path(__file__).resolve().parents[1] / "docs" / "limits.md"
MARKED = re.compile(r"(<!-- limits: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def amount(limit: Limit[int] | Limit[float]) -> str:
    """Return the default with its unit: ``16 MB``, ``30 s``, ``10,000 texts``."""
    if limit.unit == "bytes":
        size, unit = (limit.default / MIB, "MB") if limit.default >= MIB else (limit.default / 1024, "KB")
        return f"{size:g} {unit}"
    return f"{limit.default:,g} {limit.unit}" if limit.default < MIB else f"{limit.default:,} {limit.unit}"


def table(limits: Iterable[Limit[int] | Limit[float]]) -> str:
    """Return a Markdown table of ``limits``."""
    rows = [
        "| limit | default | per | rejection | meaning |",
        "| --- | --- | --- | --- | --- |",
        *(f"| `{one.name}` | {amount(one)} | {one.scope} | {_code(one.rejection)} | {one.meaning} |" for one in limits),
    ]
    return "\n".join(rows) + "\n"


def page(text: str) -> str:
    """Return the page with its tables replaced. Each marker names a ``ChangedBy``."""
    return MARKED.sub(
        lambda match: match[1] + table(one for one in LIMITS if one.changed_by is ChangedBy[match[2]]) + match[3], text
    )


def _code(rejection: str) -> str:
    return f"`{rejection}`" if rejection else ""


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
