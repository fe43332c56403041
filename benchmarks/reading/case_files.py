"""Reads the cases: one tab-separated file per language, with a class, a written text and its spoken form.

Lines: ``class<TAB>written<TAB>spoken``. In the written text, ``\\n``, ``\\t`` and ``\\x1b`` are escapes, and
``\\\\n`` is a backslash and an n. ``spoken`` has alternatives between `` || ``, `` | `` where a sentence must
end, and no punctuation. Empty lines and lines that begin with ``#`` are skipped. Files are named
``LANGUAGE.tsv`` or ``LANGUAGE.NAME.tsv``.
"""

from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "cases"
_ESCAPES = {"\\\\n": "\0", "\\n": "\n", "\\t": "\t", "\\x1b": "\x1b"}
_FIELDS = 3


@dataclass(frozen=True, slots=True)
class Case:
    """One text and how it must be read."""

    suite: str
    """Name of the file without its extension."""
    language: str
    semiotic_class: str
    written: str
    spoken: tuple[str, ...]
    """Alternatives; `` | `` is a sentence end."""


def _written(text: str) -> str:
    for escape, char in _ESCAPES.items():
        text = text.replace(escape, char)
    return text.replace("\0", "\\n")


def _case(suite: str, line: str) -> Case:
    fields = line.split("\t")
    if len(fields) != _FIELDS:
        raise ValueError(f"{suite}: not three fields: {line}")
    semiotic_class, written, spoken = fields
    alternatives = tuple(each.strip() for each in spoken.split("||"))
    return Case(suite, suite.partition(".")[0], semiotic_class, _written(written), alternatives)


def read_cases(folder: Path = CASES) -> list[Case]:
    """Return the cases of all files in ``folder``. Raises ``ValueError`` for an invalid line."""
    return [
        _case(path.stem, line)
        for path in sorted(folder.glob("*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
