"""Loads the tables of a language: its words, signs and forms, as data files in TOML.

``data/root.toml`` has the defaults and describes the fields; ``data/de.toml`` has what German adds,
and ``data/pt-PT.toml`` what Portugal changes in ``data/pt.toml``.
"""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from synthesis.text.normalization.languages import LANGUAGES

DATA = Path(__file__).parent / "data"
ROOT = "root"

Table = dict[str, Any]
_ENGLISH_REGIONS = frozenset(("US", "GB", "AU", "IN", "NZ", "IE", "ZA"))
MAX_LANGUAGES = 2 * len(LANGUAGES)
"""Maximum languages whose readers are cached: more than there are, with the regions of voices."""


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


def canonical_language(tag: str) -> str:
    """Return a language tag with its region only where regions differ; empty if the language is unknown.

    Texts name languages, and each tag that is read costs memory and, once, 0.1 s: so there are few.
    """
    primary, _, rest = tag.replace("_", "-").partition("-")
    primary, region = primary.lower(), rest.partition("-")[0].upper()
    if primary not in LANGUAGES:
        return ""
    differs = (DATA / f"{primary}-{region}.toml").is_file() or (primary == "en" and region in _ENGLISH_REGIONS)
    return f"{primary}-{region}" if region.isalpha() and differs else primary


@lru_cache(maxsize=MAX_LANGUAGES)
def language_table(language: str) -> Table:
    """Return the tables of ``language``, a tag such as ``de-DE``: the defaults, the language's, then the region's."""
    primary, _, region = language.replace("_", "-").partition("-")
    table = _merged(read_table(ROOT), read_table(primary.lower()))
    return _merged(table, read_table(f"{primary.lower()}-{region.upper()}")) if region.isalnum() else table
