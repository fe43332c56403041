"""Replaces the measured parts of a document, which stand between two comments that name them."""

import re
from pathlib import Path

from benchmarks.report import NotMeasuredError
from benchmarks.server import ROOT

PERFORMANCE = ROOT / "docs" / "performance.md"


def write_block(name: str, content: str, file: Path = PERFORMANCE) -> None:
    """Replace what stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` in ``file``.

    Raises ``NotMeasuredError`` if the comments do not occur exactly once.
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    text = file.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise NotMeasuredError(f"{file.name} has no single block {name!r}")
    written = f"{begin}\n{content.strip()}\n{end}"
    file.write_text(pattern.sub(lambda _: written, text), encoding="utf-8")
