"""Loads the tables of a language: its words, signs and forms, as data files in TOML.

``data/root.toml`` has the defaults and describes the fields; ``data/de.toml`` has what German adds,
and ``data/pt-PT.toml`` what Portugal changes in ``data/pt.toml``.
"""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
ROOT = "root"

Table = dict[str, Any]


def _merged(base: Table, changes: Table) -> Table:
    """Return ``base`` with ``changes``; nested tables are merged, everything else is replaced."""
    merged = dict(base)
    for name, value in changes.items():
        under = merged.get(name)
        merged[name] = _merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def read_table(name: str) -> Table:
    """Return a data file by its name without extension; empty if there is none."""
    path = DATA / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@lru_cache(maxsize=64)
def language_table(language: str) -> Table:
    """Return the tables of ``language``, a tag such as ``de-DE``: the defaults, the language's, then the region's."""
    primary, _, region = language.replace("_", "-").partition("-")
    table = _merged(read_table(ROOT), read_table(primary.lower()))
    return _merged(table, read_table(f"{primary.lower()}-{region.upper()}")) if region.isalnum() else table
